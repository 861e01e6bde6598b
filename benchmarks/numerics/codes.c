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
