// The best level of the machine against the scalar level, on rows, conversions and Matrix commands.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CApusNumerics.h"

enum { COUNT = 4099, ROUNDS = 300 };

static uint64_t state = 0x9E3779B97F4A7C15;

static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static float next_float(void) {
    static const float special[] = {
        0, -0.0f, 1, -1, 0.5f, 2.5f, 131073, 0x1p-149f, 89, -104, 1e30f};
    uint32_t bits = next_random();
    float value;
    switch (next_random() % 4) {
    case 0: memcpy(&value, &bits, 4); return value;
    case 1: return (float)(int32_t)bits * 0x1p-31f;
    case 2: return (float)(int32_t)bits * 0x1p-24f;
    default: return special[bits % (sizeof special / sizeof special[0])];
    }
}

static float a[COUNT], b[COUNT], c[COUNT], results[2][COUNT];
static uint8_t left[1 << 18], right[1 << 18], sums[2][1 << 18];
static int best_level, differences;

static void report(const char *what, int code, size_t index) {
    printf("different: %s %d at %zu\n", what, code, index);
    differences++;
}

static void compare(const char *what, int code, const void *x, const void *y, size_t bytes) {
    const uint8_t *p = x, *q = y;
    for (size_t i = 0; i < bytes; i++) {
        if (p[i] == q[i]) continue;
        report(what, code, i);
        return;
    }
}

static void run_function(int function, int level, void *result) {
    apus_set_simd_level(level);
    float *d = result;
    int32_t *words = result;
    const int32_t *x = (const int32_t *)a, *y = (const int32_t *)b, *z = (const int32_t *)c;
    memset(result, 0, sizeof results[0]);
    if (function < APUS_ADD) {
        if (apus_unary_f32(function, a, d, COUNT)) apus_unary_i32(function, x, words, COUNT);
    } else if (function < APUS_FMA) {
        if (apus_binary_f32(function, a, b, d, COUNT, 0))
            apus_binary_i32(function, x, y, words, COUNT, 0);
    } else {
        apus_ternary_f32(function, a, b, c, d, COUNT, 0);
        apus_ternary_i32(function, x, y, z, words + COUNT / 2, COUNT / 2, 0);
    }
}

static void test_functions(void) {
    for (int i = 0; i < COUNT; i++) a[i] = next_float(), b[i] = next_float(), c[i] = next_float();
    for (int function = 0; function <= APUS_CLAMP; function++) {
        run_function(function, APUS_LEVEL_SCALAR, results[0]);
        run_function(function, best_level, results[1]);
        compare("function", function, results[0], results[1], sizeof results[0]);
    }
    for (int function = APUS_RSUM; function <= APUS_RMIN; function++) {
        for (size_t n = 0; n < 70; n++) {
            float sums_of[2];
            for (int i = 0; i < 2; i++) {
                apus_set_simd_level(i ? best_level : APUS_LEVEL_SCALAR);
                apus_reduce_f32(function, a + n, &sums_of[i], n);
            }
            compare("reduction", function, &sums_of[0], &sums_of[1], 4);
        }
    }
}

static void test_conversions(void) {
    for (int round = 0; round < 20 * ROUNDS; round++) {
        int from = (int)(next_random() % 16), to = (int)(next_random() % 16);
        int rule = (int)(next_random() % 6);
        size_t n = next_random() % 700;
        for (size_t i = 0; i < 8192; i += 4) {
            float value = next_float();
            uint32_t bits = next_random();
            memcpy(left + i, from == APUS_FP32 ? (void *)&value : (void *)&bits, 4);
        }
        int64_t step = apus_packed_stride(from);
        struct apus_run source = {left, step * (next_random() % 3), step, from};
        struct apus_run target = {sums[0], 0, apus_packed_stride(to), to};
        for (int i = 0; i < 2; i++) {
            memset(sums[i], 0, 8192);
            target.base = sums[i];
            apus_set_simd_level(i ? best_level : APUS_LEVEL_SCALAR);
            apus_convert(&source, &target, rule, n);
        }
        compare("conversion", from * 100 + to, sums[0], sums[1], 8192);
    }
}

static void fill(uint8_t *memory, int format) {
    for (int i = 0; i < 1 << 18; i += 4) {
        uint32_t bits = next_random();
        float value = next_float();
        if (format == APUS_FP32) memcpy(&bits, &value, 4);
        if (format == APUS_BF16) bits &= 0xBFFFBFFF;
        memcpy(memory + i, &bits, 4);
    }
}

static void test_matmul(void) {
    static const int formats[][3] = {{1, 1, 0}, {2, 2, 0}, {0, 0, 1}, {0, 0, 2}, {3, 3, 0},
        {4, 3, 0}, {7, 7, 0}, {8, 7, 0}, {7, 9, 0}, {11, 11, 0}};
    for (int round = 0; round < ROUNDS; round++) {
        const int *pair = formats[next_random() % 10];
        struct apus_matmul_args args = {.a = left, .b = right, .a_format = pair[0]};
        args.b_format = pair[1], args.passes = pair[2], args.accumulate = next_random() % 2;
        args.m0 = 1 + next_random() % 30, args.n0 = 1 + next_random() % 40;
        args.k0 = 1 + next_random() % 90, args.m1 = args.n1 = args.k1 = args.k2 = 1;
        int64_t x = apus_packed_stride(pair[0]), y = apus_packed_stride(pair[1]);
        int is_wide = next_random() % 2;
        args.a_m0 = is_wide ? x * args.k0 : x, args.a_k0 = is_wide ? x : x * args.m0;
        is_wide = next_random() % 2;
        args.b_n0 = is_wide ? y * args.k0 : y, args.b_k0 = is_wide ? y : y * args.n0;
        int accumulator = apus_matmul_accumulator(pair[0], pair[1], pair[2], 0);
        args.acc_row = args.n0 * apus_packed_stride(accumulator);
        fill(left, pair[0]), fill(right, pair[1]), fill(sums[0], APUS_FP32);
        memcpy(sums[1], sums[0], sizeof sums[0]);
        for (int i = 0; i < 2; i++) {
            apus_set_simd_level(i ? best_level : APUS_LEVEL_SCALAR);
            args.acc = sums[i];
            if (apus_matmul(&args)) report("refused", round, 0);
        }
        compare("matmul", pair[0] * 100 + pair[1], sums[0], sums[1], sizeof sums[0]);
    }
}

/// Weights whose columns lie side by side: codes with scales and minimums, and BF16.
static void test_weights(void) {
    static const int formats[] = {APUS_UINT4, APUS_INT4, APUS_E2M1, APUS_INT8, APUS_UINT8,
        APUS_E4M3, APUS_E5M2, APUS_BF16};
    static const int scale_formats[] = {APUS_FP32, APUS_FP16, APUS_BF16, APUS_E8M0};
    static uint8_t scales[1 << 18], minimums[1 << 18];
    for (int round = 0; round < 4 * ROUNDS; round++) {
        int format = formats[round % 8];
        struct apus_matmul_args args = {.a = left, .b = right, .a_format = APUS_BF16};
        args.b_format = format, args.scaling = format != APUS_BF16;
        args.accumulate = next_random() % 2;
        args.m0 = 1 + next_random() % 12, args.n0 = 1 + next_random() % 70;
        args.k0 = 1 + next_random() % 90, args.m1 = args.n1 = args.k1 = args.k2 = 1;
        args.a_m0 = 2 * args.k0, args.a_k0 = 2, args.acc_row = 4 * args.n0;
        args.b_n0 = apus_packed_stride(format);
        args.b_k0 = args.b_n0 * (args.n0 + next_random() % 3);
        args.group = 1 + next_random() % 40, args.scale_format = scale_formats[next_random() % 4];
        args.b_scale_row = args.n0 * apus_packed_stride(args.scale_format);
        args.b_scales = scales, args.b_minimums = next_random() % 2 ? minimums : NULL;
        fill(left, APUS_BF16), fill(right, format), fill(sums[0], APUS_FP32);
        fill(scales, args.scale_format), fill(minimums, args.scale_format);
        memcpy(sums[1], sums[0], sizeof sums[0]);
        for (int i = 0; i < 2; i++) {
            apus_set_simd_level(i ? best_level : APUS_LEVEL_SCALAR);
            args.acc = sums[i];
            if (apus_matmul(&args)) report("refused", round, 0);
        }
        compare("weights", format, sums[0], sums[1], sizeof sums[0]);
    }
}

int main(void) {
    best_level = apus_simd_level();
    test_functions();
    test_conversions();
    test_matmul();
    test_weights();
    printf("level %d against scalar: %d differences\n", best_level, differences);
    return differences != 0 || best_level == APUS_LEVEL_SCALAR;
}
