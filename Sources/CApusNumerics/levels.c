// Which level of SIMD is in use.
#include "levels.h"

/// -1 until first asked.
static _Atomic int current_level = -1;

static int has_level(int level) {
    switch (level) {
    case APUS_LEVEL_SCALAR: return 1;
#if defined(__x86_64__)
    case APUS_LEVEL_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("f16c");
    case APUS_LEVEL_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && has_level(APUS_LEVEL_AVX2);
#elif defined(__aarch64__)
    case APUS_LEVEL_NEON: return 1;
#endif
    default: return 0;
    }
}

int apus_simd_level(void) {
    int level = current_level;
    if (level >= 0) return level;
    level = APUS_LEVEL_NEON;
    while (!has_level(level)) level--;
    current_level = level;
    return level;
}

int apus_set_simd_level(int level) {
    if (!has_level(level)) return -1;
    current_level = level;
    return 0;
}

const struct apus_row_functions *apus_rows(void) {
    switch (apus_simd_level()) {
#if defined(__x86_64__)
    case APUS_LEVEL_AVX2: return &apus_rows_avx2;
    case APUS_LEVEL_AVX512: return &apus_rows_avx512;
#elif defined(__aarch64__)
    case APUS_LEVEL_NEON: return &apus_rows_neon;
#endif
    default: return &apus_rows_scalar;
    }
}

const struct apus_convert_functions *apus_converters(void) {
    switch (apus_simd_level()) {
#if defined(__x86_64__)
    case APUS_LEVEL_AVX2: return &apus_converters_avx2;
    case APUS_LEVEL_AVX512: return &apus_converters_avx512;
#elif defined(__aarch64__)
    case APUS_LEVEL_NEON: return &apus_converters_neon;
#endif
    default: return &apus_converters_scalar;
    }
}
