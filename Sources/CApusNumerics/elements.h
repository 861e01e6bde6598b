// One element of any format: its bits, its value and back. Mirrors ElementFormat+Conversion.swift.
#pragma once
#include "CApusNumerics.h"
#include "lanes.h"

#define FIXED54_NAN ((int64_t)0xFFE0000000000000)

/// The bits that an element of the format takes.
INLINE int format_bits(int format) {
    static const uint8_t bits[16] = {32, 16, 16, 8, 8, 32, 16, 8, 8, 4, 4, 4, 64, 16, 64, 8};
    return bits[format & 15];
}

/// The bytes between contiguous elements; 1 (element) for the 4-bit formats.
INLINE int64_t element_step(int format) {
    return format_bits(format) == 4 ? 1 : format_bits(format) / 8;
}

INLINE int format_is_integer(int format) {
    return 1 << format
        & (1 << APUS_INT32 | 1 << APUS_INT16 | 1 << APUS_INT8 | 1 << APUS_UINT8 | 1 << APUS_INT4
            | 1 << APUS_UINT4 | 1 << APUS_UINT16);
}

/// The bits of the element at an offset: bytes, elements for the 4-bit formats.
INLINE uint64_t element_read(int format, const void *base, int64_t offset) {
    const uint8_t *bytes = base;
    uint64_t bits = 0;
    if (format_bits(format) == 4) return bytes[offset >> 1] >> 4 * (offset & 1) & 15;
    memcpy(&bits, bytes + offset, (size_t)format_bits(format) / 8);
    return bits;
}

INLINE void element_write(int format, void *base, int64_t offset, uint64_t bits) {
    uint8_t *bytes = base;
    if (format_bits(format) == 4) {
        uint8_t *pair = bytes + (offset >> 1);
        int shift = 4 * (offset & 1);
        *pair = (uint8_t)((*pair & ~(15 << shift)) | (bits & 15) << shift);
        return;
    }
    memcpy(bytes + offset, &bits, (size_t)format_bits(format) / 8);
}

/// The exact value; not for BITS64.
double apus_element_value(int format, uint64_t bits);

/// The bits of the value that the rule chooses; not for BITS64.
uint64_t apus_element_bits(int format, double value, int rounding);
