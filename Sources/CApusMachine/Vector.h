// A checked Vector command, ready to run without further tests.
#pragma once

#include "Engines.h"

/// Which operands a command has: the twin of `VectorOpcode.Form`.
typedef enum {
    FORM_UNARY, FORM_BINARY, FORM_TERNARY, FORM_REDUCTION, FORM_SCAN, FORM_TOPK, FORM_IOTA,
    FORM_RANDOM, FORM_NONE,
} vector_form;

/// A tile in local memory, or an immediate. Strides in bytes, for 4-bit formats in elements.
typedef struct {
    uint8_t *base;
    /// Columns that the command touches: all of them, one for a reduction's result, k for top-k's.
    int64_t columns;
    int64_t column_stride, row_stride, plane_stride;
    uint32_t address;
    uint32_t format;
    bool is_used;
    bool is_immediate;
    uint32_t immediate;
} vector_operand;

enum { OPERAND_D, OPERAND_A, OPERAND_B, OPERAND_C, OPERAND_COUNT };

typedef struct {
    vector_form form;
    /// Code of `enum apus_function`, where the form has one.
    int function;
    /// FP32, else INT32.
    bool is_floating;
    /// What is computed: FP32 or INT32, before the conversion to d's format.
    uint32_t result_format;
    int rounding;
    int64_t columns, rows, planes;
    vector_operand operands[OPERAND_COUNT];
} vector_command;

/// Decodes and checks; `command` is complete only if there is no trap. No elements: `columns`,
/// `rows` or `planes` is zero.
apus_trap_cause apus_decode_vector(
    const apus_core *core, const uint32_t *words, vector_command *command);

/// Makes the columns of an elementwise command long: rows that follow one another become one, and
/// many rows of few columns change places with them. Elements are independent: any order will do.
void apus_collapse_vector(vector_command *command);
