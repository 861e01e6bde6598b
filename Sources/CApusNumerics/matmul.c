// Matrix commands: which of them have a meaning, and the way to the level in use.
#include <pthread.h>
#include <stdlib.h>

#include "elements.h"
#include "levels.h"
#include "matmul_levels.h"

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

static double element_at(int format, const void *base, int64_t offset) {
    return apus_element_value(format, element_read(format, base, offset));
}

/// Block scales on both operands: the sum of a group is exact, then one multiply-add of the scales'
/// product and the sum, rounded to binary32. Element by element: no model at hand spends its time
/// here.
static float block_sum(const struct apus_matmul_args *x, int64_t m, int64_t n, float acc) {
    struct matmul_axis a_axis = {x->m0, x->a_m0, x->a_m1}, b_axis = {x->n0, x->b_n0, x->b_n1};
    int64_t a_row = axis_offset(&a_axis, m), b_column = axis_offset(&b_axis, n);
    int64_t depth = x->k0 * x->k1 * x->k2;
    for (int64_t first = 0, group = 0; first < depth; first += x->group, group++) {
        int64_t end = first + x->group < depth ? first + x->group : depth;
        // Exact: products are multiples of 2^-18 and below 2^18, or integers below 2^16.
        double sum = 0;
        for (int64_t k = first; k < end; k++) {
            int64_t a_offset, b_offset;
            depth_offsets(x->k0, x->k1, x->a_k0, x->a_k1, x->a_k2, k, 1, &a_offset);
            depth_offsets(x->k0, x->k1, x->b_k0, x->b_k1, x->b_k2, k, 1, &b_offset);
            sum += element_at(x->a_format, x->a, a_row + a_offset)
                * element_at(x->b_format, x->b, b_column + b_offset);
        }
        int64_t size = element_step(x->scale_format);
        double a_scale = 1, b_scale = 1;
        if (x->a_scales)
            a_scale = element_at(
                x->scale_format, x->a_scales, m * x->a_scale_row + group * size);
        if (x->b_scales)
            b_scale = element_at(
                x->scale_format, x->b_scales, group * x->b_scale_row + n * size);
        acc = fmaf((float)a_scale * (float)b_scale, (float)sum, acc);
    }
    return acc;
}

static int multiply_blocks(const struct apus_matmul_args *x) {
    for (int64_t m = 0; m < x->m0 * x->m1; m++) {
        for (int64_t n = 0; n < x->n0 * x->n1; n++) {
            float acc = 0;
            uint8_t *at = (uint8_t *)x->acc + m * x->acc_row + n * 4;
            if (x->accumulate) memcpy(&acc, at, 4);
            acc = block_sum(x, m, n, acc);
            if (acc != acc) acc = lane_float(CANONICAL_NAN_BITS);
            memcpy(at, &acc, 4);
        }
    }
    return 0;
}

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local void *scratch;
static _Thread_local size_t scratch_bytes;

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free); }

void *apus_matmul_scratch(size_t bytes) {
    if (scratch_bytes >= bytes) return scratch;
    pthread_once(&scratch_once, make_scratch_key);
    free(scratch);
    scratch = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    scratch_bytes = scratch ? bytes : 0;
    pthread_setspecific(scratch_key, scratch);
    return scratch;
}

static const struct apus_matmul_functions *functions(void) {
    switch (apus_simd_level()) {
#if defined(__x86_64__)
    case APUS_LEVEL_AVX2: return &apus_matmul_avx2;
    case APUS_LEVEL_AVX512: return &apus_matmul_avx512;
#elif defined(__aarch64__)
    case APUS_LEVEL_NEON: return &apus_matmul_neon;
#endif
    default: return &apus_matmul_scalar;
    }
}

int apus_matmul(const struct apus_matmul_args *x) {
    int format = apus_matmul_accumulator(x->a_format, x->b_format, x->passes, x->scaling);
    if (format < 0 || (x->scaling && x->group <= 0)) return -1;
    if (x->m0 <= 0 || x->m1 <= 0 || x->n0 <= 0 || x->n1 <= 0) return 0;
    if (x->k0 <= 0 || x->k1 <= 0 || x->k2 <= 0) return -1;
    if (x->scaling == 2) return multiply_blocks(x);
    const struct apus_matmul_functions *level = functions();
    if (format == APUS_INT32) return level->i32(x);
    return format == APUS_FIXED54 ? level->fixed54(x) : level->f32(x);
}
