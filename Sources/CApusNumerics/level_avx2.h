// 8 lanes of x86-64.
#pragma once
#include <immintrin.h>
#include "lanes.h"

#define V_N 8
typedef float vf __attribute__((vector_size(4 * V_N)));
typedef int32_t vi __attribute__((vector_size(4 * V_N)));
typedef uint32_t vu __attribute__((vector_size(4 * V_N)));
typedef uint16_t vh __attribute__((vector_size(2 * V_N)));
typedef int16_t vhi __attribute__((vector_size(2 * V_N)));
typedef uint8_t vb __attribute__((vector_size(V_N)));
typedef int8_t vbi __attribute__((vector_size(V_N)));
#define V_CONVERT(v, type) __builtin_convertvector(v, type)


#define V_NAME(name) name##_avx2
#define V_TARGET_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c\"))), apply_to = function)")
#define V_TARGET_END _Pragma("clang attribute pop")

V_TARGET_BEGIN
INLINE vf v_set(float x) { return (vf)_mm256_set1_ps(x); }
INLINE vi v_seti(int32_t x) { return (vi)_mm256_set1_epi32(x); }
INLINE vf v_fma(vf a, vf b, vf c) { return (vf)_mm256_fmadd_ps(a, b, c); }
INLINE vf v_sqrt(vf a) { return (vf)_mm256_sqrt_ps(a); }
INLINE vi v_bits(vf a) { return (vi)a; }
INLINE vf v_float(vi a) { return (vf)a; }
INLINE vf v_from_int(vi a) { return __builtin_convertvector(a, vf); }
INLINE vi v_blend_i(vi mask, vi a, vi b) { return (mask & a) | (~mask & b); }
INLINE vf v_blend(vi mask, vf a, vf b) { return (vf)v_blend_i(mask, (vi)a, (vi)b); }
INLINE int v_any(vi mask) { return !_mm256_testz_si256((__m256i)mask, (__m256i)mask); }
#define V_TRUE(condition) ((vi)(condition))
/// The first `count` lanes, fewer than V_N; the others are zero when loaded.
#define V_PARTIAL
INLINE __m256i v_first_lanes(size_t count) {
    return (__m256i)((vi){0, 1, 2, 3, 4, 5, 6, 7} < v_seti((int32_t)count));
}
INLINE vi v_load_some(const void *p, size_t count) {
    return (vi)_mm256_maskload_epi32((const int *)p, v_first_lanes(count));
}
INLINE void v_store_some(void *p, size_t count, vi v) {
    _mm256_maskstore_epi32((int *)p, v_first_lanes(count), (__m256i)v);
}

// The even and odd lanes of two vectors, and back.
INLINE vf v_even(vf low, vf high) {
    return __builtin_shufflevector(
        low, high, 0, 2, 4, 6, 8, 10, 12, 14);
}
INLINE vf v_odd(vf low, vf high) {
    return __builtin_shufflevector(
        low, high, 1, 3, 5, 7, 9, 11, 13, 15);
}
INLINE vf v_zip_low(vf even, vf odd) {
    return __builtin_shufflevector(
        even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
}
INLINE vf v_zip_high(vf even, vf odd) {
    return __builtin_shufflevector(
        even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Matrix: an accumulator tile is MATRIX_ROWS rows of two vectors.
#define MATRIX_ROWS 6
/// Pairs of vectors that a narrow product of `rows` rows keeps in registers.
#define NARROW_PAIRS(rows) 1
#define VD_N (V_N / 2)
typedef double vd __attribute__((vector_size(8 * VD_N)));
INLINE vd v_set_d(double x) { return (vd)_mm256_set1_pd(x); }
INLINE vd v_fma_d(vd a, vd b, vd c) { return (vd)_mm256_fmadd_pd(a, b, c); }
INLINE vi v_dot2(vi a, vi b, vi acc) {
    return acc + (vi)_mm256_madd_epi16((__m256i)a, (__m256i)b);
}
INLINE vf v_half(vh h) { return (vf)_mm256_cvtph_ps((__m128i)h); }
/// Ties to even; the NaN of the FP16 is canonical if the argument's is.
INLINE vh v_to_half(vf x) { return (vh)_mm256_cvtps_ph((__m256)x, 0); }
V_TARGET_END
