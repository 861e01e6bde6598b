// Transposed copies: blocks of 16 × 16 elements, so that every cache line that is touched is used
// whole, made of squares that fit registers.
#include "RowCopy.h"

#include <string.h>

typedef uint32_t quad_32 __attribute__((vector_size(16)));
typedef uint16_t octet_16 __attribute__((vector_size(16)));

enum { BLOCK = 16 };

/// 4 × 4 elements of 4 bytes.
static inline void square_32(uint8_t *to, int64_t to_step, const uint8_t *from, int64_t from_step) {
    quad_32 a, b, c, d;
    memcpy(&a, from, 16);
    memcpy(&b, from + from_step, 16);
    memcpy(&c, from + 2 * from_step, 16);
    memcpy(&d, from + 3 * from_step, 16);
    quad_32 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    quad_32 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    quad_32 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    quad_32 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    quad_32 rows[4] = {
        __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
        __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
        __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
        __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
    for (int i = 0; i < 4; i++) memcpy(to + i * to_step, &rows[i], 16);
}

/// 8 × 8 elements of 2 bytes: three rounds of interleaving rows i and i + 4.
static inline void square_16(uint8_t *to, int64_t to_step, const uint8_t *from, int64_t from_step) {
    octet_16 rows[8], next[8];
    for (int i = 0; i < 8; i++) memcpy(&rows[i], from + i * from_step, 16);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            next[2 * i] =
                __builtin_shufflevector(rows[i], rows[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
            next[2 * i + 1] =
                __builtin_shufflevector(rows[i], rows[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
        }
        memcpy(rows, next, sizeof rows);
    }
    for (int i = 0; i < 8; i++) memcpy(to + i * to_step, &rows[i], 16);
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// Elements one by one: columns `i0 ..< i1` of rows `j0 ..< j1`.
static void copy_rest(
    copy_side to, copy_side from, int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t size) {
    for (int64_t j = j0; j < j1; j++) {
        for (int64_t i = i0; i < i1; i++) {
            apus_copy_element(
                to.start + j * to.row_stride + i * to.column_stride,
                from.start + j * from.row_stride + i * from.column_stride, (uint32_t)size);
        }
    }
}

/// One block; `to`'s columns and `from`'s rows are contiguous.
static void copy_block(
    copy_side to, copy_side from, int64_t columns, int64_t rows, int64_t size, int64_t square) {
    int64_t whole_columns = columns / square * square, whole_rows = rows / square * square;
    for (int64_t i = 0; i < whole_columns; i += square) {
        for (int64_t j = 0; j < whole_rows; j += square) {
            uint8_t *d = to.start + j * to.row_stride + i * size;
            const uint8_t *s = from.start + i * from.column_stride + j * size;
            if (size == 4) square_32(d, to.row_stride, s, from.column_stride);
            else square_16(d, to.row_stride, s, from.column_stride);
        }
    }
    copy_rest(to, from, whole_columns, columns, 0, rows, size);
    copy_rest(to, from, 0, whole_columns, whole_rows, rows, size);
}

void apus_copy_transposed(
    copy_side to, copy_side from, int64_t columns, int64_t rows, uint32_t element_bytes) {
    int64_t size = element_bytes;
    if (to.column_stride != size) {
        copy_side turned_to = {to.start, to.row_stride, to.column_stride};
        copy_side turned_from = {from.start, from.row_stride, from.column_stride};
        apus_copy_transposed(turned_to, turned_from, rows, columns, element_bytes);
        return;
    }
    // Elements of other sizes go one by one, in the same order.
    int64_t square = size == 4 ? 4 : size == 2 ? 8 : BLOCK + 1;
    for (int64_t j = 0; j < rows; j += BLOCK) {
        for (int64_t i = 0; i < columns; i += BLOCK) {
            copy_side block_to = {
                to.start + j * to.row_stride + i * size, to.column_stride, to.row_stride};
            copy_side block_from = {
                from.start + j * size + i * from.column_stride, from.column_stride,
                from.row_stride};
            copy_block(
                block_to, block_from, smaller(BLOCK, columns - i), smaller(BLOCK, rows - j), size,
                square);
        }
    }
}
