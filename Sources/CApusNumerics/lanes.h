// Bits of one binary32, for every level.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline, unused))

INLINE int32_t lane_bits(float x) {
    int32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

INLINE float lane_float(int32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

/// The one NaN.
#define CANONICAL_NAN_BITS 0x7FC00000
