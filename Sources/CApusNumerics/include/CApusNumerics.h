/// The numeric law at speed: rows of Vector commands, conversions and Matrix commands, in C with
/// SIMD chosen at run time. Every level gives the same bits, and those of the oracle in
/// ApusNumerics.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Element formats; the same codes as `ElementFormat` of ApusNumerics and the command words.
enum apus_format {
    APUS_FP32 = 0, APUS_BF16 = 1, APUS_FP16 = 2, APUS_E4M3 = 3, APUS_E5M2 = 4, APUS_INT32 = 5,
    APUS_INT16 = 6, APUS_INT8 = 7, APUS_UINT8 = 8, APUS_INT4 = 9, APUS_UINT4 = 10, APUS_E2M1 = 11,
    APUS_BITS64 = 12, APUS_UINT16 = 13, APUS_FIXED54 = 14, APUS_E8M0 = 15,
};

/// Rounding rules; the same codes as `RoundingRule` of ApusNumerics.
enum apus_rounding {
    APUS_NEAREST_EVEN = 0, APUS_TOWARD_ZERO = 1, APUS_WRAPPING = 2, APUS_DOWN = 3, APUS_UP = 4,
    APUS_NEAREST_EVEN_UNSATURATED = 5,
};

/// What one Vector command computes; the same codes as `VectorFunction` of ApusNumerics.
enum apus_function {
    // One operand.
    APUS_COPY = 0, APUS_NEG = 1, APUS_ABS = 2, APUS_SIGN = 3, APUS_FLOOR = 4, APUS_CEIL = 5,
    APUS_ROUNDEVEN = 6, APUS_TRUNC = 7, APUS_SQRT = 8, APUS_RSQRT = 9, APUS_RECIP = 10,
    APUS_EXP = 11, APUS_EXP2 = 12, APUS_LOG = 13, APUS_LOG2 = 14, APUS_SIN = 15, APUS_COS = 16,
    APUS_TAN = 17, APUS_ASIN = 18, APUS_ACOS = 19, APUS_ATAN = 20, APUS_SINH = 21,
    APUS_COSH = 22, APUS_TANH = 23, APUS_ASINH = 24, APUS_ACOSH = 25, APUS_ATANH = 26,
    APUS_SIGMOID = 27, APUS_ERF = 28, APUS_BITNOT = 29, APUS_ISNAN = 30, APUS_ISINF = 31,
    APUS_LOGNOT = 32,
    // Two operands.
    APUS_ADD = 33, APUS_SUB = 34, APUS_MUL = 35, APUS_DIV = 36, APUS_REM = 37, APUS_MOD = 38,
    APUS_MIN = 39, APUS_MAX = 40, APUS_POW = 41, APUS_AND = 42, APUS_OR = 43, APUS_XOR = 44,
    APUS_SHL = 45, APUS_SHR = 46, APUS_SAR = 47, APUS_EQ = 48, APUS_NE = 49, APUS_LT = 50,
    APUS_LE = 51, APUS_GT = 52, APUS_GE = 53,
    // Three operands.
    APUS_FMA = 54, APUS_SELECT = 55, APUS_CLAMP = 56,
    // A row to one value.
    APUS_RSUM = 57, APUS_RPROD = 58, APUS_RMAX = 59, APUS_RMIN = 60, APUS_RARGMAX = 61,
    APUS_RARGMIN = 62,
    // A row to a row, along the columns.
    APUS_CUMSUM = 63, APUS_CUMPROD = 64,
};

/// Which operands of a row function are one value (`a[0]`) for the whole row.
enum apus_scalar_operands { APUS_SCALAR_A = 1, APUS_SCALAR_B = 2, APUS_SCALAR_C = 4 };

// Levels of SIMD ---------------------------------------------------------------------------------

enum apus_level {
    APUS_LEVEL_SCALAR = 0, APUS_LEVEL_AVX2 = 1, APUS_LEVEL_AVX512 = 2, APUS_LEVEL_NEON = 3,
};

/// The level in use; at first the best that this machine has.
int apus_simd_level(void);

/// Uses `level` from now on, in all threads; for tests. Returns 0, or -1 if this machine lacks it.
int apus_set_simd_level(int level);

// Rows of Vector commands ------------------------------------------------------------------------
// Rows are contiguous. `d` may be the same as an operand, and may not overlap one otherwise. Every
// NaN result is 0x7FC00000; comparisons, isnan, isinf and lognot give 1 or 0. A function that has
// no meaning on the type (`bitnot` on f32, `exp` on i32) returns -1 and writes nothing; success is
// 0.

int apus_unary_f32(int function, const float *a, float *d, size_t n);
int apus_unary_i32(int function, const int32_t *a, int32_t *d, size_t n);
/// `scalars`: the OR of `apus_scalar_operands`.
int apus_binary_f32(int function, const float *a, const float *b, float *d, size_t n, int scalars);
int apus_binary_i32(
    int function, const int32_t *a, const int32_t *b, int32_t *d, size_t n, int scalars);
int apus_ternary_f32(
    int function, const float *a, const float *b, const float *c, float *d, size_t n, int scalars);
int apus_ternary_i32(int function, const int32_t *a, const int32_t *b, const int32_t *c, int32_t *d,
    size_t n, int scalars);

/// rsum, rprod, rmax, rmin over a row: the 16 partial results and the tree of the law. An empty row
/// gives the identity: 0, 1, -inf (INT32_MIN), +inf (INT32_MAX).
int apus_reduce_f32(int function, const float *a, float *d, size_t n);
int apus_reduce_i32(int function, const int32_t *a, int32_t *d, size_t n);
/// rargmax, rargmin: the first index of the extreme; the first NaN wins over numbers. Empty gives
/// 0.
int apus_argument_f32(int function, const float *a, int32_t *d, size_t n);
int apus_argument_i32(int function, const int32_t *a, int32_t *d, size_t n);
/// cumsum, cumprod, ascending, or descending when `reverse`; `exclusive` leaves out the element
/// itself.
int apus_scan_f32(int function, const float *a, float *d, size_t n, int exclusive, int reverse);
int apus_scan_i32(int function, const int32_t *a, int32_t *d, size_t n, int exclusive, int reverse);
/// The k largest, descending, the first index first among equals (-0 equals +0), NaNs before
/// numbers. `k` is at most `n`.
void apus_topk_f32(const float *a, size_t n, size_t k, float *d, int32_t *indices);
void apus_topk_i32(const int32_t *a, size_t n, size_t k, int32_t *d, int32_t *indices);
/// d[i] = fma(step, i, first); INT32 wraps.
void apus_iota_f32(float first, float step, float *d, size_t n);
void apus_iota_i32(int32_t first, int32_t step, int32_t *d, size_t n);
/// d[i] = uniform [0, 1): the upper 24 bits, times 2^-24, of word 0 of Philox4x32-10 with key
/// (key0, key1) and the counter words (counter + i: low, high; 0; 0).
void apus_random_f32(uint32_t key0, uint32_t key1, uint64_t counter, float *d, size_t n);

// Conversions ------------------------------------------------------------------------------------

/// Elements at `base + offset + i * stride`: bytes, or elements for the 4-bit formats.
struct apus_run {
    void *base;
    int64_t offset, stride;
    int format;
};

/// Converts `n` elements. Between equal formats, and from or to BITS64, the bits are moved
/// unchanged. The runs may not overlap, unless they are identical.
void apus_convert(
    const struct apus_run *source, const struct apus_run *destination, int rounding, size_t n);

/// The bytes between contiguous elements; 1 (element) for the 4-bit formats.
int64_t apus_packed_stride(int format);

// Matrix -----------------------------------------------------------------------------------------

/// One Matrix command; extents and strides as in the Matrix descriptor (strides in bytes, in
/// elements for the 4-bit formats).
struct apus_matmul_args {
    const void *a, *b;
    void *acc;
    int a_format, b_format;
    /// 0 native, 1 three, 2 six.
    int passes;
    /// 0 none, 1 B dequantised at the edge, 2 block scales on both operands.
    int scaling;
    int accumulate;
    int64_t m0, m1, n0, n1, k0, k1, k2;
    int64_t a_m0, a_m1, a_k0, a_k1, a_k2;
    int64_t b_n0, b_n1, b_k0, b_k1, b_k2;
    int64_t acc_row;
    /// A scale of row m and group g: `a_scales + m * a_scale_row + g * size`; of B's column n:
    /// `b_scales + g * b_scale_row + n * size`, and the minimum likewise; null if there is none.
    const void *a_scales, *b_scales, *b_minimums;
    int64_t group, a_scale_row, b_scale_row;
    int scale_format;
};

/// The format of the accumulators, FP32, INT32 or FIXED54; -1 if the command has no meaning.
int apus_matmul_accumulator(int a_format, int b_format, int passes, int scaling);

/// Performs the command; returns 0, or -1 and writes nothing if it has no meaning (also an extent
/// below 1 along k) or no memory is left for packing.
int apus_matmul(const struct apus_matmul_args *args);

#ifdef __cplusplus
}
#endif
