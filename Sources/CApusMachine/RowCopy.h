// Copies and fills of strided elements, by element size.
#pragma once

#include <stdint.h>

/// One side of a copy: bytes from element to element and from row to row.
typedef struct {
    uint8_t *start;
    int64_t column_stride, row_stride;
} copy_side;

/// Copies `rows` rows of `columns` elements of 1, 2, 4 or 8 bytes; where elements of `to` share an
/// address the last one stays.
void apus_copy_rows(
    copy_side to, copy_side from, int64_t columns, int64_t rows, uint32_t element_bytes);

/// As `apus_copy_rows`, where elements are contiguous along the columns of `to` and the rows of
/// `from`, or the other way round, and no element of `to` shares its address.
void apus_copy_transposed(
    copy_side to, copy_side from, int64_t columns, int64_t rows, uint32_t element_bytes);

void apus_copy_element(uint8_t *to, const uint8_t *from, uint32_t element_bytes);

/// Writes `count` elements of value `bits`, zero-extended.
void apus_fill_elements(
    uint8_t *to, int64_t stride, int64_t count, uint32_t bits, uint32_t element_bytes);
