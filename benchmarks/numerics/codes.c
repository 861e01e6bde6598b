// Times products with group-scaled weights on one core, at the shapes of a small language model.
// See run.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CApusNumerics.h"

/// Of this thread alone: others on the machine do not show.
static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#if defined(__x86_64__)
#include <immintrin.h>
/// Billions of 4-bit codes a second of one row, were there no memory: the vector instructions that
/// two codes a byte take (unpack, look up, scale, round to BF16, multiply and add), over and over.
__attribute__((target("avx512f,avx512bw"))) static double bound(void) {
    enum { ROUNDS = 200000, VECTORS = 4 };
    __m512 acc[VECTORS], table = _mm512_set1_ps(3), scale = _mm512_set1_ps(1.1f);
    __m512i codes = _mm512_set1_epi32(0x35), high = _mm512_set1_epi32((int)0xFFFF0000);
    double best = 0;
    for (int i = 0; i < VECTORS; i++) acc[i] = scale;
    for (int repeat = 0; repeat < 25; repeat++) {
        double start = seconds();
        for (int k = 0; k < ROUNDS; k++) {
            for (int i = 0; i < VECTORS; i++) {
                // Neither unpacking nor what follows may be moved out of the loop.
                __asm__ volatile("" : "+v"(codes));
                __m512i index = i % 2 ? _mm512_srli_epi32(codes, 4)
                                      : _mm512_cvtepu8_epi32(_mm512_castsi512_si128(codes));
                __m512 b = _mm512_permutexvar_ps(index, table);
                __m512i bits = _mm512_castps_si512(_mm512_fmadd_ps(b, scale, scale));
                __mmask16 odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000));
                __m512i half = _mm512_mask_blend_epi32(
                    odd, _mm512_set1_epi32(0x7FFF), _mm512_set1_epi32(0x8000));
                b = _mm512_castsi512_ps(_mm512_and_si512(_mm512_add_epi32(bits, half), high));
                acc[i] = _mm512_fmadd_ps(scale, b, acc[i]);
            }
        }
        double rate = (double)ROUNDS * VECTORS * 16 / (seconds() - start) * 1e-9;
        if (rate > best) best = rate;
    }
    volatile __m512 kept;
    for (int i = 0; i < VECTORS; i++) kept = acc[i];
    (void)kept;
    return best;
}
#else
static double bound(void) { return 0; }
#endif

enum { BYTES = 1 << 26, GROUP = 32 };
static uint8_t a[1 << 22], b[BYTES], scales[1 << 23], minimums[1 << 23], acc[1 << 25];

static void fill(uint8_t *memory, size_t bytes, int format) {
    uint32_t state = 1;
    for (size_t i = 0; i < bytes; i += 2) {
        state = state * 1664525 + 1013904223;
        uint16_t bits = (uint16_t)(state >> 16);
        // Floats of moderate size.
        if (format == APUS_BF16) bits = (bits & 0x80FF) | 0x3F00;
        if (format == APUS_FP16) bits = (bits & 0x83FF) | 0x2C00;
        memcpy(memory + i, &bits, 2);
    }
}

/// The least seconds that a call takes.
static double least(const struct apus_matmul_args *args) {
    double best = 1e9, products = (double)(args->m0 * args->n0 * args->k0);
    int count = 1 + (int)(2e6 / products);
    for (int repeat = 0; repeat < 25; repeat++) {
        double start = seconds();
        for (int i = 0; i < count; i++) apus_matmul(args);
        double time = (seconds() - start) / count;
        if (time < best) best = time;
    }
    return best;
}

static struct apus_matmul_args command(int format, int64_t m, int64_t n, int64_t k) {
    struct apus_matmul_args args = {.a = a, .b = b, .acc = acc, .a_format = APUS_BF16,
        .b_format = format, .m0 = m, .m1 = 1, .n0 = n, .n1 = 1, .k0 = k, .k1 = 1, .k2 = 1};
    args.a_m0 = 2 * k, args.a_k0 = 2, args.acc_row = 4 * n;
    args.b_n0 = apus_packed_stride(format), args.b_k0 = n * args.b_n0;
    if (format == APUS_BF16) return args;
    args.scaling = 1, args.group = GROUP, args.scale_format = APUS_FP16;
    args.b_scales = scales, args.b_scale_row = 2 * n;
    if (format == APUS_UINT4) args.b_minimums = minimums;
    return args;
}

/// Prints one product and returns billions of codes a second.
static double run(const char *name, int format, int64_t m, int64_t n, int64_t k) {
    struct apus_matmul_args args = command(format, m, n, k);
    double time = least(&args);
    double codes = (double)(n * k) / time * 1e-9;
    printf("%-6s [%3d, %4d] x [%4d, %5d]  %9.1f  %7.2f  %9.2f\n", name, (int)m, (int)k, (int)k,
        (int)n, time * 1e6, codes, codes * (double)m);
    return codes;
}

/// Q·Kᵀ and P·V of `m` query rows and `n` cached tokens of 64 values.
static void attend(int64_t m, int64_t n) {
    struct apus_matmul_args scores = command(APUS_BF16, m, n, 64);
    scores.b_n0 = 128, scores.b_k0 = 2;
    struct apus_matmul_args values = command(APUS_BF16, m, 64, n);
    double first = least(&scores), second = least(&values), products = (double)(m * n * 64);
    printf("%3d queries, %3d tokens: Q.K' %7.2f us %6.2f, P.V %7.2f us %6.2f\n", (int)m, (int)n,
        first * 1e6, products / first * 1e-9, second * 1e6, products / second * 1e-9);
}

int main(void) {
    fill(a, sizeof a, APUS_BF16), fill(b, sizeof b, APUS_BF16);
    fill(scales, sizeof scales, APUS_FP16), fill(minimums, sizeof minimums, APUS_FP16);
    if (apus_simd_level() == APUS_LEVEL_AVX512)
        printf("\n4-bit codes of one row, instructions alone: %.1f billion a second\n", bound());
    printf("\n%-6s %-29s %9s  %7s  %9s\n", "codes", "shape", "us", "G codes", "G products");
    static const int64_t rows[] = {1, 2, 4, 8, 16, 128};
    double decode = 0, prefill = 0;
    for (int i = 0; i < 6; i++) {
        double up = run("uint4", APUS_UINT4, rows[i], 1536, 576);
        run("uint4", APUS_UINT4, rows[i], 576, 1536);
        run("uint4", APUS_UINT4, rows[i], 144, 576);
        run("uint4", APUS_UINT4, rows[i], 48, 576);
        if (rows[i] == 1) decode = up;
        if (rows[i] == 128) prefill = up * 128;
    }
    for (int i = 0; i < 6; i++) run("int8", APUS_INT8, rows[i], 12288, 576);
    for (int i = 0; i < 6; i++) run("bf16", APUS_BF16, rows[i], 576, 576);
    printf("\nattention, microseconds and billions of products a second\n");
    static const int64_t queries[] = {1, 3, 9, 16, 64}, tokens[] = {16, 32, 64, 128};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 4; j++) attend(queries[i], tokens[j]);
    printf("\nnumerics.codes_decode: %.1f\nnumerics.codes_prefill: %.1f\n", decode, prefill);
    return 0;
}
