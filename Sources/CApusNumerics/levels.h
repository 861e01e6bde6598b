// The functions that each level provides, and the choice among the levels.
#pragma once
#include "CApusNumerics.h"

struct apus_row_functions {
    int (*unary_f32)(int, const float *, float *, size_t);
    int (*unary_i32)(int, const int32_t *, int32_t *, size_t);
    int (*binary_f32)(int, const float *, const float *, float *, size_t, int);
    int (*binary_i32)(int, const int32_t *, const int32_t *, int32_t *, size_t, int);
    int (*ternary_f32)(int, const float *, const float *, const float *, float *, size_t, int);
    int (*ternary_i32)(
        int, const int32_t *, const int32_t *, const int32_t *, int32_t *, size_t, int);
    void (*fold_f32)(int, const float *, float *, size_t);
    void (*fold_i32)(int, const int32_t *, int32_t *, size_t);
};

/// Between contiguous elements and rows of FP32 or INT32; -1 for pairs without a fast path.
struct apus_convert_functions {
    int (*widen_f32)(int, const uint8_t *, int64_t, float *, size_t);
    int (*widen_i32)(int, const uint8_t *, int64_t, int32_t *, size_t);
    int (*narrow_f32)(int, int, const float *, uint8_t *, size_t);
    int (*narrow_i32)(int, int, const int32_t *, uint8_t *, size_t);
};

extern const struct apus_row_functions apus_rows_scalar;
extern const struct apus_convert_functions apus_converters_scalar;
#if defined(__x86_64__)
extern const struct apus_row_functions apus_rows_avx2, apus_rows_avx512;
extern const struct apus_convert_functions apus_converters_avx2, apus_converters_avx512;
#elif defined(__aarch64__)
extern const struct apus_row_functions apus_rows_neon;
extern const struct apus_convert_functions apus_converters_neon;
#endif

/// The row functions of the level in use.
const struct apus_row_functions *apus_rows(void);

/// The conversions of the level in use.
const struct apus_convert_functions *apus_converters(void);
