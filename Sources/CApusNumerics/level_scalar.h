// One lane: the definition of every sequence, and the path of machines without a known SIMD level.
#pragma once
#include "lanes.h"

#define V_N 1
typedef float vf;
typedef int32_t vi;
typedef uint32_t vu;
typedef uint16_t vh;
typedef int16_t vhi;
typedef uint8_t vb;
typedef int8_t vbi;
#define V_CONVERT(v, type) ((type)(v))

#define V_NAME(name) name##_scalar
#define V_TARGET_BEGIN
#define V_TARGET_END

INLINE vf v_set(float x) { return x; }
INLINE vi v_seti(int32_t x) { return x; }
INLINE vf v_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
INLINE vf v_sqrt(vf a) { return sqrtf(a); }
INLINE vi v_bits(vf a) { return lane_bits(a); }
INLINE vf v_float(vi a) { return lane_float(a); }
INLINE vf v_from_int(vi a) { return (float)a; }
INLINE vi v_blend_i(vi mask, vi a, vi b) { return mask ? a : b; }
INLINE vf v_blend(vi mask, vf a, vf b) { return mask ? a : b; }
INLINE int v_any(vi mask) { return mask != 0; }
#define V_TRUE(condition) (-(vi)(condition))

// The even and odd lanes of two vectors, and back.
INLINE vf v_even(vf low, vf high) { return (void)high, low; }
INLINE vf v_odd(vf low, vf high) { return (void)low, high; }
INLINE vf v_zip_low(vf even, vf odd) { return (void)odd, even; }
INLINE vf v_zip_high(vf even, vf odd) { return (void)even, odd; }

// Matrix: an accumulator tile is MATRIX_ROWS rows of two vectors.
#define MATRIX_ROWS 4
/// Pairs of vectors that a narrow product of `rows` rows keeps in registers.
#define NARROW_PAIRS(rows) 1
#define VD_N 1
typedef double vd;
INLINE vd v_set_d(double x) { return x; }
INLINE vd v_fma_d(vd a, vd b, vd c) { return fma(a, b, c); }
INLINE vi v_dot2(vi a, vi b, vi acc) {
    uint32_t low = (uint32_t)((int16_t)a * (int16_t)b);
    return (vi)((uint32_t)acc + low + (uint32_t)((a >> 16) * (b >> 16)));
}
INLINE vf v_half(vh h) {
    int32_t magnitude = (h & 0x7FFF) << 13;
    float value = lane_float(magnitude) * 0x1p112f;
    if ((h & 0x7C00) == 0x7C00) value = lane_float(magnitude | 0x7F800000);
    return lane_float(lane_bits(value) | (int32_t)((uint32_t)(h & 0x8000) << 16));
}
/// Ties to even; the NaN of the FP16 is canonical if the argument's is.
INLINE vh v_to_half(vf x) {
    int32_t magnitude = lane_bits(x) & 0x7FFFFFFF, code;
    if (magnitude > 0x7F800000) return 0x7E00;
    if (magnitude >= 0x47800000) {
        code = 0x7C00;
    } else if (magnitude < 0x38800000) {
        // Below 2^-14: adding 1/2 leaves the last bit of weight 2^-24.
        code = lane_bits(lane_float(magnitude) + 0.5f) - lane_bits(0.5f);
    } else {
        code = (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13;
    }
    return (vh)(code | (lane_bits(x) >> 16 & 0x8000));
}
