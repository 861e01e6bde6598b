// Copies and fills of strided elements. Elements need not be aligned.
#include "RowCopy.h"

#include <stdbool.h>
#include <string.h>

typedef uint16_t unaligned_16 __attribute__((aligned(1), may_alias));
typedef uint32_t unaligned_32 __attribute__((aligned(1), may_alias));
typedef uint64_t unaligned_64 __attribute__((aligned(1), may_alias));

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

/// `bytes` bytes without a call when they are few; the two halves may overlap each other.
static inline void copy_bytes(uint8_t *d, const uint8_t *s, int64_t bytes) {
    if (bytes >= 128) {
        memmove(d, s, (size_t)bytes);
    } else if (bytes >= 16) {
        for (int64_t i = 0; i + 16 <= bytes; i += 16) memcpy(d + i, s + i, 16);
        memcpy(d + bytes - 16, s + bytes - 16, 16);
    } else if (bytes >= 8) {
        memcpy(d, s, 8);
        memcpy(d + bytes - 8, s + bytes - 8, 8);
    } else {
        for (int64_t i = 0; i < bytes; i++) d[i] = s[i];
    }
}

/// Rows that are contiguous on both sides.
static void copy_contiguous(copy_side to, copy_side from, int64_t bytes, int64_t rows) {
    if (bytes == 4) {
        copy_strided_32((copy_side){to.start, to.row_stride, 0},
            (copy_side){from.start, from.row_stride, 0}, rows, 1);
        return;
    }
    for (int64_t j = 0; j < rows; j++) {
        copy_bytes(to.start + j * to.row_stride, from.start + j * from.row_stride, bytes);
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
    bool transposes = columns >= 4 && rows >= 4
        && ((to_size == size && step >= reach && from_step == size)
            || (from.column_stride == size && to.row_stride == size
                && to.column_stride >= rows * size));
    if (transposes) {
        apus_copy_transposed(to, from, columns, rows, element_bytes);
        return;
    }
    switch (element_bytes) {
    case 1: copy_strided_8(to, from, columns, rows); break;
    case 2: copy_strided_16(to, from, columns, rows); break;
    case 4: copy_strided_32(to, from, columns, rows); break;
    default: copy_strided_64(to, from, columns, rows);
    }
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
