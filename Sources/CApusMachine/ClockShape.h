// Commands as the cycle simulator sees them: extents, strides and formats.
#pragma once

#include "apus_core.h"

enum { RANK_CLOCK = 5 };

typedef struct {
    uint32_t global_format, local_format, reduction, gather;
    bool is_store, is_accumulator;
    uint64_t base;
    uint32_t local, table;
    /// Innermost first; strides in half bytes.
    uint64_t count[RANK_CLOCK], extent[RANK_CLOCK];
    int64_t coordinate[RANK_CLOCK], global_stride[RANK_CLOCK], local_stride[RANK_CLOCK];
    /// Positions `low ..< high` of each dimension lie in the tensor.
    uint64_t low[RANK_CLOCK], high[RANK_CLOCK];
    uint64_t elements, elements_inside;
} transfer_shape;

typedef struct {
    uint32_t a_format, b_format, scale_format, passes, scaling;
    bool accumulates, has_minimums, is_exact, is_fixed54;
    uint32_t a, b, accumulators, a_scales, b_scales, minimums;
    uint64_t m, n, k, m0, m1, n0, n1, k0, k1, k2, group;
    /// m0, m1 (n0, n1), k0, k1, k2; half bytes.
    int64_t a_stride[5], b_stride[5];
    int64_t row_stride, a_scale_row, b_scale_row;
} matrix_shape;

enum { VECTOR_OPERANDS = 4 };

typedef struct {
    uint32_t opcode, form, rounding;
    bool is_floating, has_a, has_b, has_c, is_exclusive, is_reverse;
    bool b_immediate, c_immediate;
    uint64_t columns, rows, planes, top_k;
    uint32_t format[VECTOR_OPERANDS], address[VECTOR_OPERANDS];
    /// Column, row, plane; half bytes.
    int64_t stride[VECTOR_OPERANDS][3];
} vector_shape;

enum vector_shape_form {
    SHAPE_UNARY, SHAPE_BINARY, SHAPE_TERNARY, SHAPE_REDUCTION, SHAPE_SCAN, SHAPE_TOPK, SHAPE_IOTA,
    SHAPE_RANDOM, SHAPE_NONE,
};

/// The form of an opcode, SHAPE_NONE if it is not Vector's.
uint32_t clock_vector_form(uint32_t opcode);

/// Reads word and descriptor. Addresses are not checked, shapes and codes are, so that no loop
/// over them runs away.
apus_trap_cause clock_read_transfer(
    const uint32_t *words, const uint32_t *descriptor, bool is_store, transfer_shape *shape);
apus_trap_cause clock_read_matrix(
    const uint32_t *words, const uint32_t *descriptor, matrix_shape *shape);
apus_trap_cause clock_read_vector(
    const uint32_t *words, const uint32_t *descriptor, vector_shape *shape);
