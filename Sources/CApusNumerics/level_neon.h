// 4 lanes of arm64, where NEON is always there.
#pragma once
#include <arm_neon.h>
#include "lanes.h"

#define V_N 4
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));
typedef uint32_t vu __attribute__((vector_size(16)));

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
