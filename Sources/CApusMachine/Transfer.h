// A checked Load or Store, ready to move elements without further tests.
#pragma once

#include "Engines.h"

enum { RANK = 5 };

/// Index tables need not be aligned.
typedef int32_t table_entry __attribute__((aligned(1)));

/// One dimension of the box. Positions `low ..< high` lie in the tensor (of a gathered dimension:
/// those whose `table` entry is at least 0 and below `extent`).
typedef struct {
    int64_t count, low, high;
    int64_t global_stride, local_stride;
    const table_entry *table;
    int64_t extent;
} transfer_dimension;

typedef struct {
    uint32_t global_format, local_format, reduction, fill;
    bool is_store;
    /// Nothing of the box lies in the tensor: fill everything, or store nothing.
    bool is_outside;
    uint32_t rank;
    /// Innermost first; strides in bytes, or in nibbles where the side's format has four bits.
    transfer_dimension dimensions[RANK];
    uint8_t *global, *local;
    /// The local bytes that the box spans.
    uint8_t *local_first, *local_end;
    /// Where position 0 of every dimension lies, from the pointers, in the strides' unit.
    int64_t global_offset, local_offset;
    /// Elements of the box; zero when there is nothing to do.
    int64_t elements;
    /// Elements that lie in the tensor.
    int64_t elements_inside;
} transfer;

/// Decodes and checks; `moved` is complete only if there is no trap.
apus_trap_cause apus_decode_transfer(
    apus_core *core, const uint32_t *words, bool is_store, transfer *moved);
