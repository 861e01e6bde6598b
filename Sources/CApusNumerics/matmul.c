// Matrix commands: the law, element by element.
#include "elements.h"

#pragma STDC FP_CONTRACT OFF

static int is_matrix_float(int format) {
    return 1 << format
        & (1 << APUS_FP32 | 1 << APUS_BF16 | 1 << APUS_FP16 | 1 << APUS_E4M3 | 1 << APUS_E5M2
            | 1 << APUS_E2M1);
}

static int is_matrix_integer(int format) {
    return 1 << format
        & (1 << APUS_INT8 | 1 << APUS_UINT8 | 1 << APUS_INT4 | 1 << APUS_UINT4);
}

int apus_matmul_accumulator(int a_format, int b_format, int passes, int scaling) {
    int a_float = is_matrix_float(a_format), b_float = is_matrix_float(b_format);
    int a_integer = is_matrix_integer(a_format), b_integer = is_matrix_integer(b_format);
    if (passes < 0 || passes > 2 || scaling < 0 || scaling > 2) return -1;
    if (scaling == 1) {
        int a_narrow = a_float && a_format != APUS_FP32;
        int b_narrow = b_integer || b_format == APUS_E4M3 || b_format == APUS_E5M2
            || b_format == APUS_E2M1;
        return passes == 0 && a_narrow && b_narrow ? APUS_FP32 : -1;
    }
    if (scaling == 2) {
        int both_integers = a_integer && b_integer;
        int both_floats = (a_format == APUS_E4M3 || a_format == APUS_E2M1)
            && (b_format == APUS_E4M3 || b_format == APUS_E2M1);
        return passes == 0 && (both_integers || both_floats) ? APUS_FP32 : -1;
    }
    if (a_integer && b_integer) return passes == 0 ? APUS_INT32 : -1;
    if (!a_float || !b_float) return -1;
    if (passes == 0 && (a_format == APUS_FP32 || b_format == APUS_FP32)) return -1;
    return passes == 0 && a_format == APUS_E4M3 && b_format == APUS_E4M3 ? APUS_FIXED54 : APUS_FP32;
}

/// Where the walk along m, n and k stands, and the values there.
struct position {
    int64_t m, n, k;
};

static int64_t a_offset(const struct apus_matmul_args *x, int64_t m, int64_t k) {
    return m % x->m0 * x->a_m0 + m / x->m0 * x->a_m1 + k % x->k0 * x->a_k0
        + k / x->k0 % x->k1 * x->a_k1 + k / x->k0 / x->k1 * x->a_k2;
}

static int64_t b_offset(const struct apus_matmul_args *x, int64_t n, int64_t k) {
    return n % x->n0 * x->b_n0 + n / x->n0 * x->b_n1 + k % x->k0 * x->b_k0
        + k / x->k0 % x->k1 * x->b_k1 + k / x->k0 / x->k1 * x->b_k2;
}

static double a_value(const struct apus_matmul_args *x, struct position at) {
    return apus_element_value(
        x->a_format, element_read(x->a_format, x->a, a_offset(x, at.m, at.k)));
}

static double b_value(const struct apus_matmul_args *x, struct position at) {
    return apus_element_value(
        x->b_format, element_read(x->b_format, x->b, b_offset(x, at.n, at.k)));
}

/// The scale or minimum at a row and a place in it; 1 where there is none.
static float scale_at(
    const struct apus_matmul_args *x, const void *base, int64_t row_stride, int64_t row, int64_t i) {
    if (!base) return 1;
    int64_t offset = row * row_stride + i * apus_packed_stride(x->scale_format);
    return (float)apus_element_value(
        x->scale_format, element_read(x->scale_format, base, offset));
}

/// q·scale (+ minimum), rounded to binary32, then to BF16.
static float dequantised(const struct apus_matmul_args *x, struct position at) {
    int64_t group = at.k / x->group;
    float q = (float)b_value(x, at);
    float scale = scale_at(x, x->b_scales, x->b_scale_row, group, at.n);
    float value = x->b_minimums
        ? fmaf(q, scale, scale_at(x, x->b_minimums, x->b_scale_row, group, at.n))
        : q * scale;
    return (float)apus_element_value(
        APUS_BF16, apus_element_bits(APUS_BF16, value, APUS_NEAREST_EVEN));
}

/// The three BF16 slices of a finite value, zeros of another.
static void slice(float value, float slices[3]) {
    float rest = isfinite(value) ? value : 0;
    for (int i = 0; i < 3; i++) {
        slices[i] = lane_float(lane_bits(rest) & (int32_t)0xFFFF0000);
        rest -= slices[i];
    }
}

static float multiply_passes(int passes, float a, float b, float acc) {
    float as[3], bs[3];
    slice(a, as);
    slice(b, bs);
    if (passes == 2) {
        acc = fmaf(as[0], bs[2], acc);
        acc = fmaf(as[1], bs[1], acc);
        acc = fmaf(as[2], bs[0], acc);
    }
    acc = fmaf(as[0], bs[1], acc);
    acc = fmaf(as[1], bs[0], acc);
    return fmaf(isfinite(a) ? as[0] : a, isfinite(b) ? bs[0] : b, acc);
}

static float float_sum(const struct apus_matmul_args *x, struct position at, float acc) {
    int64_t depth = x->k0 * x->k1 * x->k2;
    for (at.k = 0; at.k < depth; at.k++) {
        float a = (float)a_value(x, at);
        float b = x->scaling == 1 ? dequantised(x, at) : (float)b_value(x, at);
        acc = x->passes ? multiply_passes(x->passes, a, b, acc) : fmaf(a, b, acc);
    }
    return acc;
}

static float block_sum(const struct apus_matmul_args *x, struct position at, float acc) {
    int64_t depth = x->k0 * x->k1 * x->k2;
    for (int64_t first = 0, group = 0; first < depth; first += x->group, group++) {
        int64_t end = first + x->group < depth ? first + x->group : depth;
        // Exact: products are multiples of 2^-18 and below 2^18, or integers below 2^16.
        double sum = 0;
        for (at.k = first; at.k < end; at.k++) sum = fma(a_value(x, at), b_value(x, at), sum);
        float scale = scale_at(x, x->a_scales, x->a_scale_row, at.m, group)
            * scale_at(x, x->b_scales, x->b_scale_row, group, at.n);
        acc = fmaf(scale, (float)sum, acc);
    }
    return acc;
}

static int32_t integer_sum(const struct apus_matmul_args *x, struct position at, int32_t acc) {
    int64_t depth = x->k0 * x->k1 * x->k2;
    for (at.k = 0; at.k < depth; at.k++)
        acc = (int32_t)((uint32_t)acc
            + (uint32_t)((int32_t)a_value(x, at) * (int32_t)b_value(x, at)));
    return acc;
}

static int64_t fixed_sum(const struct apus_matmul_args *x, struct position at, int64_t acc) {
    int64_t depth = x->k0 * x->k1 * x->k2;
    int64_t sum = (int64_t)((uint64_t)acc << 10) >> 10;
    if (sum == FIXED54_NAN) return sum;
    for (at.k = 0; at.k < depth; at.k++) {
        double product = a_value(x, at) * b_value(x, at);
        if (product != product) return FIXED54_NAN;
        sum += (int64_t)(product * 0x1p18);
    }
    return (int64_t)((uint64_t)sum << 10) >> 10;
}

int apus_matmul(const struct apus_matmul_args *x) {
    int format = apus_matmul_accumulator(x->a_format, x->b_format, x->passes, x->scaling);
    if (format < 0) return -1;
    struct position at = {0};
    for (at.m = 0; at.m < x->m0 * x->m1; at.m++) {
        for (at.n = 0; at.n < x->n0 * x->n1; at.n++) {
            int64_t offset = at.m * x->acc_row + at.n * apus_packed_stride(format);
            uint64_t old = x->accumulate ? element_read(format, x->acc, offset) : 0;
            uint64_t bits;
            if (format == APUS_INT32) {
                bits = (uint32_t)integer_sum(x, at, (int32_t)old);
            } else if (format == APUS_FIXED54) {
                bits = (uint64_t)fixed_sum(x, at, (int64_t)old);
            } else {
                float acc = lane_float((int32_t)old);
                acc = x->scaling == 2 ? block_sum(x, at, acc) : float_sum(x, at, acc);
                bits = (uint32_t)(acc != acc ? CANONICAL_NAN_BITS : lane_bits(acc));
            }
            element_write(format, x->acc, offset, bits);
        }
    }
    return 0;
}
