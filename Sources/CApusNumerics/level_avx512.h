// 16 lanes of x86-64.
#pragma once
#include <immintrin.h>
#include "lanes.h"

#define V_N 16
typedef float vf __attribute__((vector_size(4 * V_N)));
typedef int32_t vi __attribute__((vector_size(4 * V_N)));
typedef uint32_t vu __attribute__((vector_size(4 * V_N)));
typedef uint16_t vh __attribute__((vector_size(2 * V_N)));
typedef int16_t vhi __attribute__((vector_size(2 * V_N)));
typedef uint8_t vb __attribute__((vector_size(V_N)));
typedef int8_t vbi __attribute__((vector_size(V_N)));
#define V_CONVERT(v, type) __builtin_convertvector(v, type)


#define V_NAME(name) name##_avx512
#define V_ISA "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"
#define V_TARGET_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(V_ISA))), apply_to = function)")
#define V_TARGET_END _Pragma("clang attribute pop")

V_TARGET_BEGIN
INLINE vf v_set(float x) { return (vf)_mm512_set1_ps(x); }
INLINE vi v_seti(int32_t x) { return (vi)_mm512_set1_epi32(x); }
INLINE vf v_fma(vf a, vf b, vf c) { return (vf)_mm512_fmadd_ps(a, b, c); }
INLINE vf v_sqrt(vf a) { return (vf)_mm512_sqrt_ps(a); }
INLINE vi v_bits(vf a) { return (vi)a; }
INLINE vf v_float(vi a) { return (vf)a; }
INLINE vf v_from_int(vi a) { return __builtin_convertvector(a, vf); }
INLINE vi v_blend_i(vi mask, vi a, vi b) { return (mask & a) | (~mask & b); }
INLINE vf v_blend(vi mask, vf a, vf b) { return (vf)v_blend_i(mask, (vi)a, (vi)b); }
INLINE int v_any(vi mask) { return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0; }
#define V_TRUE(condition) ((vi)(condition))
/// The first `count` lanes, fewer than V_N; the others are zero when loaded.
#define V_PARTIAL
INLINE vi v_load_some(const void *p, size_t count) {
    return (vi)_mm512_maskz_loadu_epi32((__mmask16)((1u << count) - 1), p);
}
INLINE void v_store_some(void *p, size_t count, vi v) {
    _mm512_mask_storeu_epi32(p, (__mmask16)((1u << count) - 1), (__m512i)v);
}

// The even and odd lanes of two vectors, and back.
INLINE vf v_even(vf low, vf high) {
    return __builtin_shufflevector(
        low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
INLINE vf v_odd(vf low, vf high) {
    return __builtin_shufflevector(
        low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
INLINE vf v_zip_low(vf even, vf odd) {
    return __builtin_shufflevector(
        even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE vf v_zip_high(vf even, vf odd) {
    return __builtin_shufflevector(
        even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Matrix: an accumulator tile is MATRIX_ROWS rows of two vectors.
#define MATRIX_ROWS 12
#define VD_N (V_N / 2)
typedef double vd __attribute__((vector_size(8 * VD_N)));
INLINE vd v_set_d(double x) { return (vd)_mm512_set1_pd(x); }
INLINE vd v_fma_d(vd a, vd b, vd c) { return (vd)_mm512_fmadd_pd(a, b, c); }
/// Pairs of vectors that a narrow product of `rows` rows keeps in registers.
#define NARROW_PAIRS(rows) ((rows) <= 4 ? 2 : 1)
/// Of each lane's low four bits, the entry of a table.
#define V_TABLE
INLINE vf v_look_up(vf table, vi index) {
    return (vf)_mm512_permutexvar_ps((__m512i)index, (__m512)table);
}
#define V_ROUND_BF16
/// To BF16, ties to even: half of the last bit is added, less where the bit is even.
INLINE vf v_round_bf16(vf x) {
    __mmask16 is_odd = _mm512_test_epi32_mask((__m512i)x, _mm512_set1_epi32(0x10000));
    __m512i half = _mm512_mask_blend_epi32(
        is_odd, _mm512_set1_epi32(0x7FFF), _mm512_set1_epi32(0x8000));
    __m512i sum = _mm512_add_epi32((__m512i)x, half);
    return (vf)_mm512_and_si512(sum, _mm512_set1_epi32((int)0xFFFF0000));
}
INLINE vi v_dot2(vi a, vi b, vi acc) {
    return acc + (vi)_mm512_madd_epi16((__m512i)a, (__m512i)b);
}
INLINE vf v_half(vh h) { return (vf)_mm512_cvtph_ps((__m256i)h); }
/// Ties to even; the NaN of the FP16 is canonical if the argument's is.
INLINE vh v_to_half(vf x) { return (vh)_mm512_cvtps_ph((__m512)x, 0); }
V_TARGET_END
