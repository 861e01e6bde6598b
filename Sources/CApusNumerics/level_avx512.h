// 16 lanes of x86-64.
#pragma once
#include <immintrin.h>
#include "lanes.h"

#define V_N 16
typedef float vf __attribute__((vector_size(4 * V_N)));
typedef int32_t vi __attribute__((vector_size(4 * V_N)));
typedef uint32_t vu __attribute__((vector_size(4 * V_N)));

#define V_NAME(name) name##_avx512
#define V_TARGET_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c\"))), apply_to = function)")
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
V_TARGET_END
