// Matrix commands with FP32 accumulators, by level.
#pragma once
#include "CApusNumerics.h"

/// One of the two outer dimensions of a product: index = outer·inner_extent + inner.
struct matmul_axis {
    int64_t inner_extent, inner_stride, outer_stride;
};

INLINE int64_t axis_offset(const struct matmul_axis *axis, int64_t i) {
    int64_t inner = i % axis->inner_extent, outer = i / axis->inner_extent;
    return inner * axis->inner_stride + outer * axis->outer_stride;
}

/// Offsets of the next `depth` values of k from `first` on.
INLINE void depth_offsets(int64_t k0, int64_t k1, int64_t stride0, int64_t stride1, int64_t stride2,
    int64_t first, int depth, int64_t *offsets) {
    int64_t i0 = first, i1 = 0, i2 = 0;
    if (first >= k0) i0 = first % k0, i1 = first / k0 % k1, i2 = first / k0 / k1;
    for (int k = 0; k < depth; i0 = 0) {
        int64_t start = i0 * stride0 + i1 * stride1 + i2 * stride2;
        int run = k0 - i0 < depth - k ? (int)(k0 - i0) : depth - k;
        for (int i = 0; i < run; i++) offsets[k + i] = start + i * stride0;
        k += run;
        if (++i1 < k1) continue;
        i1 = 0;
        i2++;
    }
}

/// Memory of this thread for packed operands, at least `bytes`, 64-byte aligned; null if there is
/// none.
void *apus_matmul_scratch(size_t bytes);

struct apus_matmul_functions {
    int (*f32)(const struct apus_matmul_args *);
    int (*i32)(const struct apus_matmul_args *);
    int (*fixed54)(const struct apus_matmul_args *);
};

extern const struct apus_matmul_functions apus_matmul_scalar;
#if defined(__x86_64__)
extern const struct apus_matmul_functions apus_matmul_avx2, apus_matmul_avx512;
#elif defined(__aarch64__)
extern const struct apus_matmul_functions apus_matmul_neon;
#endif
