// Times Matrix commands on one core. See run.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CApusNumerics.h"

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define CHAINS 12

/// Billions of multiply-adds a second of independent chains of vector instructions.
#define PEAK(name, isa, type, lanes, set, fma) \
    __attribute__((target(isa))) static double name(void) { \
        type chain[CHAINS], factor = set(0.999f), step = set(0.1f); \
        for (int i = 0; i < CHAINS; i++) chain[i] = set((float)i); \
        double best = 0; \
        for (int repeat = 0; repeat < 5; repeat++) { \
            double start = seconds(); \
            long rounds = 5000000; \
            for (long k = 0; k < rounds; k++) { \
                for (int i = 0; i < CHAINS; i++) chain[i] = fma(chain[i], factor, step); \
            } \
            double rate = (double)rounds * CHAINS * lanes / (seconds() - start) * 1e-9; \
            if (rate > best) best = rate; \
        } \
        volatile type kept; \
        for (int i = 0; i < CHAINS; i++) kept = chain[i]; \
        (void)kept; \
        return best; \
    }
PEAK(peak_avx2, "avx2,fma", __m256, 8, _mm256_set1_ps, _mm256_fmadd_ps)
PEAK(peak_avx512, "avx512f", __m512, 16, _mm512_set1_ps, _mm512_fmadd_ps)

static double peak(void) {
    return apus_simd_level() == APUS_LEVEL_AVX512 ? peak_avx512()
        : apus_simd_level() == APUS_LEVEL_AVX2    ? peak_avx2()
                                                  : 0;
}
#else
static double peak(void) { return 0; }
#endif

enum { BYTES = 1 << 24 };
static uint8_t a[BYTES], b[BYTES], acc[BYTES];

/// Numbers of [-1, 1), or of the whole range of an integer format.
static void fill(uint8_t *memory, int format) {
    static float row[4096];
    uint32_t state = 1;
    int is_integer = format == APUS_INT8;
    int64_t size = apus_packed_stride(format);
    for (int64_t offset = 0; offset + 4096 * size <= BYTES; offset += 4096 * size) {
        for (int i = 0; i < 4096; i++) {
            state = state * 1664525 + 1013904223;
            row[i] = (float)(int32_t)state * (is_integer ? 0x1p-24f : 0x1p-31f);
        }
        struct apus_run from = {row, 0, 4, APUS_FP32}, to = {memory, offset, size, format};
        apus_convert(&from, &to, APUS_NEAREST_EVEN, 4096);
    }
}

static double rate(const struct apus_matmul_args *args) {
    double products = (double)args->m0 * (double)args->n0 * (double)args->k0, best = 0;
    long count = 1 + (long)(1e8 / products);
    for (int repeat = 0; repeat < 7; repeat++) {
        double start = seconds();
        for (long i = 0; i < count; i++) apus_matmul(args);
        double result = products * (double)count / (seconds() - start) * 1e-9;
        if (result > best) best = result;
    }
    return best;
}

static double run(const char *name, int format, int passes, int64_t m, int64_t n, int64_t k) {
    struct apus_matmul_args args = {.a = a, .b = b, .acc = acc, .a_format = format,
        .b_format = format, .passes = passes, .m0 = m, .m1 = 1, .n0 = n, .n1 = 1, .k0 = k, .k1 = 1,
        .k2 = 1};
    int64_t size = apus_packed_stride(format);
    args.a_m0 = size * k, args.a_k0 = size, args.b_n0 = size, args.b_k0 = size * n;
    args.acc_row = n * apus_packed_stride(apus_matmul_accumulator(format, format, passes, 0));
    fill(a, format), fill(b, format);
    double result = rate(&args);
    printf("%-10s [%3d, %4d] x [%4d, %3d]  %6.1f\n", name, (int)m, (int)k, (int)k, (int)n, result);
    return result;
}

int main(void) {
    static const char *const names[] = {"scalar", "AVX2", "AVX-512", "NEON"};
    printf("level: %s\n", names[apus_simd_level()]);
    printf("peak of independent FP32 multiply-adds: %.1f billion a second\n\n", peak());
    printf("%-10s %-27s %s\n", "format", "shape", "billion products a second");
    double bf16 = run("bf16", APUS_BF16, 0, 256, 256, 576);
    run("bf16", APUS_BF16, 0, 64, 64, 512);
    run("bf16", APUS_BF16, 0, 16, 512, 144);
    run("bf16", APUS_BF16, 0, 1, 512, 1024);
    run("fp16", APUS_FP16, 0, 128, 128, 512);
    run("fp32 x 3", APUS_FP32, 1, 128, 128, 512);
    run("fp32 x 6", APUS_FP32, 2, 128, 128, 512);
    run("int8", APUS_INT8, 0, 128, 128, 512);
    run("e4m3", APUS_E4M3, 0, 128, 128, 512);
    printf("\nnumerics.matmul: %.1f\n", bf16);
    return 0;
}
