// 4 lanes of arm64, where NEON is always there.
#pragma once
#include <arm_neon.h>
#include "lanes.h"

#define V_N 4
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));
typedef uint32_t vu __attribute__((vector_size(16)));
typedef uint16_t vh __attribute__((vector_size(2 * V_N)));
typedef int16_t vhi __attribute__((vector_size(2 * V_N)));
typedef uint8_t vb __attribute__((vector_size(V_N)));
typedef int8_t vbi __attribute__((vector_size(V_N)));
#define V_CONVERT(v, type) __builtin_convertvector(v, type)


#define V_NAME(name) name##_neon
#define V_TARGET_BEGIN
#define V_TARGET_END

INLINE vf v_set(float x) { return (vf)vdupq_n_f32(x); }
INLINE vi v_seti(int32_t x) { return (vi)vdupq_n_s32(x); }
INLINE vf v_fma(vf a, vf b, vf c) {
    return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
INLINE vf v_sqrt(vf a) { return (vf)vsqrtq_f32((float32x4_t)a); }
INLINE vi v_bits(vf a) { return (vi)a; }
INLINE vf v_float(vi a) { return (vf)a; }
INLINE vf v_from_int(vi a) { return __builtin_convertvector(a, vf); }
INLINE vi v_blend_i(vi mask, vi a, vi b) { return (mask & a) | (~mask & b); }
INLINE vf v_blend(vi mask, vf a, vf b) { return (vf)v_blend_i(mask, (vi)a, (vi)b); }
INLINE int v_any(vi mask) { return vmaxvq_u32((uint32x4_t)mask) != 0; }
#define V_TRUE(condition) ((vi)(condition))

// The even and odd lanes of two vectors, and back.
INLINE vf v_even(vf low, vf high) { return __builtin_shufflevector(low, high, 0, 2, 4, 6); }
INLINE vf v_odd(vf low, vf high) { return __builtin_shufflevector(low, high, 1, 3, 5, 7); }
INLINE vf v_zip_low(vf even, vf odd) { return __builtin_shufflevector(even, odd, 0, 4, 1, 5); }
INLINE vf v_zip_high(vf even, vf odd) { return __builtin_shufflevector(even, odd, 2, 6, 3, 7); }

// Matrix: an accumulator tile is MATRIX_ROWS rows of two vectors.
#define MATRIX_ROWS 8
/// Pairs of vectors that a narrow product of `rows` rows keeps in registers.
#define NARROW_PAIRS(rows) 1
#define VD_N (V_N / 2)
typedef double vd __attribute__((vector_size(8 * VD_N)));
INLINE vd v_set_d(double x) { return (vd)vdupq_n_f64(x); }
INLINE vd v_fma_d(vd a, vd b, vd c) {
    return (vd)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
INLINE vi v_dot2(vi a, vi b, vi acc) {
    vi low = ((a << 16) >> 16) * ((b << 16) >> 16);
    return acc + low + (a >> 16) * (b >> 16);
}
INLINE vf v_half(vh h) {
    return (vf)vcvt_f32_f16(vreinterpret_f16_u16((uint16x4_t)h));
}
/// Ties to even; the NaN of the FP16 is canonical if the argument's is.
INLINE vh v_to_half(vf x) { return (vh)vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)x)); }
