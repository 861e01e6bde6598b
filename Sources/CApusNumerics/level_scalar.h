// One lane: the definition of every sequence, and the path of machines without a known SIMD level.
#pragma once
#include "lanes.h"

#define V_N 1
typedef float vf;
typedef int32_t vi;
typedef uint32_t vu;

#define V_NAME(name) name##_scalar
#define V_TARGET_BEGIN
#define V_TARGET_END

static inline vf v_set(float x) { return x; }
static inline vi v_seti(int32_t x) { return x; }
static inline vf v_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
static inline vf v_sqrt(vf a) { return sqrtf(a); }
static inline vi v_bits(vf a) { return lane_bits(a); }
static inline vf v_float(vi a) { return lane_float(a); }
static inline vf v_from_int(vi a) { return (float)a; }
static inline vi v_blend_i(vi mask, vi a, vi b) { return mask ? a : b; }
static inline vf v_blend(vi mask, vf a, vf b) { return mask ? a : b; }
static inline int v_any(vi mask) { return mask != 0; }
#define V_TRUE(condition) (-(vi)(condition))
