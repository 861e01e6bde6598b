// Copies and fills of strided elements. Elements need not be aligned.
#include "RowCopy.h"

#include <string.h>

typedef uint16_t unaligned_16 __attribute__((aligned(1), may_alias));
typedef uint32_t unaligned_32 __attribute__((aligned(1), may_alias));
typedef uint64_t unaligned_64 __attribute__((aligned(1), may_alias));

enum { TRANSPOSE_BLOCK = 16 };

/// `copy_strided_T` in order; `copy_transposed_T` in blocks, for distinct destinations.
#define DEFINE_COPIES(name, type)                                                                  \
    static void copy_strided_##name(copy_side to, copy_side from, int64_t columns, int64_t rows) { \
        for (int64_t j = 0; j < rows; j++) {                                                       \
            uint8_t *d = to.start + j * to.row_stride;                                             \
            const uint8_t *s = from.start + j * from.row_stride;                                   \
            for (int64_t i = 0; i < columns; i++) {                                                \
                *(type *)(d + i * to.column_stride) = *(const type *)(s + i * from.column_stride); \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void copy_transposed_##name(                                                            \
        copy_side to, copy_side from, int64_t columns, int64_t rows) {                             \
        for (int64_t j0 = 0; j0 < rows; j0 += TRANSPOSE_BLOCK) {                                   \
            int64_t j1 = j0 + TRANSPOSE_BLOCK < rows ? j0 + TRANSPOSE_BLOCK : rows;                \
            for (int64_t i0 = 0; i0 < columns; i0 += TRANSPOSE_BLOCK) {                            \
                int64_t i1 = i0 + TRANSPOSE_BLOCK < columns ? i0 + TRANSPOSE_BLOCK : columns;      \
                for (int64_t j = j0; j < j1; j++) {                                                \
                    uint8_t *d = to.start + j * to.row_stride;                                     \
                    const uint8_t *s = from.start + j * from.row_stride;                           \
                    for (int64_t i = i0; i < i1; i++) {                                            \
                        *(type *)(d + i * to.column_stride) =                                      \
                            *(const type *)(s + i * from.column_stride);                           \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void fill_##name(uint8_t *to, int64_t stride, int64_t count, type bits) {               \
        if (stride == (int64_t)sizeof(type)) {                                                     \
            for (int64_t i = 0; i < count; i++) ((type *)to)[i] = bits;                            \
        } else {                                                                                   \
            for (int64_t i = 0; i < count; i++) *(type *)(to + i * stride) = bits;                 \
        }                                                                                          \
    }

DEFINE_COPIES(8, uint8_t)
DEFINE_COPIES(16, unaligned_16)
DEFINE_COPIES(32, unaligned_32)
DEFINE_COPIES(64, unaligned_64)

/// Rows that are contiguous on both sides; short ones without a call.
static void copy_contiguous(copy_side to, copy_side from, int64_t bytes, int64_t rows) {
    for (int64_t j = 0; j < rows; j++) {
        uint8_t *d = to.start + j * to.row_stride;
        const uint8_t *s = from.start + j * from.row_stride;
        if (bytes == 16) {
            memcpy(d, s, 16);
        } else if (bytes == 8) {
            memcpy(d, s, 8);
        } else if (bytes == 4) {
            memcpy(d, s, 4);
        } else {
            memmove(d, s, (size_t)bytes);
        }
    }
}

void apus_copy_rows(
    copy_side to, copy_side from, int64_t columns, int64_t rows, uint32_t element_bytes) {
    int64_t size = element_bytes;
    if (to.column_stride == size && from.column_stride == size) {
        copy_contiguous(to, from, columns * size, rows);
        return;
    }
    // A column that is contiguous in the source: blocks reuse its cache lines. Destinations are
    // distinct if rows do not interleave.
    int64_t reach = (columns - 1) * to.column_stride + size;
    int64_t step = to.row_stride < 0 ? -to.row_stride : to.row_stride;
    int64_t to_size = to.column_stride, from_step = from.row_stride;
    int transposes = columns >= 4 && rows >= 4
        && ((to_size == size && step >= reach && from_step == size)
            || (from.column_stride == size && to.row_stride == size
                && to.column_stride >= rows * size));
#define CASE(bytes, name)                                                                          \
    case bytes:                                                                                    \
        if (transposes) copy_transposed_##name(to, from, columns, rows);                           \
        else copy_strided_##name(to, from, columns, rows);                                         \
        break;
    switch (element_bytes) {
        CASE(1, 8)
        CASE(2, 16)
        CASE(4, 32)
    default:
        if (transposes) copy_transposed_64(to, from, columns, rows);
        else copy_strided_64(to, from, columns, rows);
    }
#undef CASE
}

void apus_copy_element(uint8_t *to, const uint8_t *from, uint32_t element_bytes) {
    switch (element_bytes) {
    case 1: *to = *from; break;
    case 2: *(unaligned_16 *)to = *(const unaligned_16 *)from; break;
    case 4: *(unaligned_32 *)to = *(const unaligned_32 *)from; break;
    default: *(unaligned_64 *)to = *(const unaligned_64 *)from;
    }
}

void apus_fill_elements(
    uint8_t *to, int64_t stride, int64_t count, uint32_t bits, uint32_t element_bytes) {
    if (count <= 0) return;
    switch (element_bytes) {
    case 1: fill_8(to, stride, count, (uint8_t)bits); break;
    case 2: fill_16(to, stride, count, (uint16_t)bits); break;
    case 4: fill_32(to, stride, count, bits); break;
    default: fill_64(to, stride, count, bits);
    }
}
