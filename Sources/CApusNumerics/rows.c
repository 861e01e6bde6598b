// Rows of Vector commands: what is the same on every level, and the way to the level in use.
#include "lanes.h"
#include "levels.h"

#pragma STDC FP_CONTRACT OFF

static float canonical(float x) { return x != x ? lane_float(CANONICAL_NAN_BITS) : x; }

int apus_unary_f32(int function, const float *a, float *d, size_t n) {
    return apus_rows()->unary_f32(function, a, d, n);
}

int apus_unary_i32(int function, const int32_t *a, int32_t *d, size_t n) {
    return apus_rows()->unary_i32(function, a, d, n);
}

/// The exact remainder of the truncated quotient, or of the floored one with the sign of b.
static float remainder_f32(int function, float a, float b) {
    float r = fmodf(a, b);
    if (function == APUS_REM) return canonical(r);
    if (r == 0) return copysignf(0, b);
    return canonical((r < 0) != (b < 0) ? r + b : r);
}

int apus_binary_f32(
    int function, const float *a, const float *b, float *d, size_t n, int scalars) {
    if (function == APUS_REM || function == APUS_MOD) {
        float first = n ? a[0] : 0, second = n ? b[0] : 0;
        for (size_t i = 0; i < n; i++) {
            float x = scalars & APUS_SCALAR_A ? first : a[i];
            float y = scalars & APUS_SCALAR_B ? second : b[i];
            d[i] = remainder_f32(function, x, y);
        }
        return 0;
    }
    return apus_rows()->binary_f32(function, a, b, d, n, scalars);
}

/// a^b modulo 2^32; of a negative b the truncated value: 0 unless a is 1 or -1.
static uint32_t power_i32(int32_t a, int32_t b) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? UINT32_MAX : 1) : 0;
    uint32_t result = 1, base = (uint32_t)a;
    for (uint32_t rest = (uint32_t)b; rest; rest >>= 1) {
        if (rest & 1) result *= base;
        base *= base;
    }
    return result;
}

/// Division by zero gives -1 and the remainder a, as in RISC-V; INT32_MIN / -1 is INT32_MIN.
static int32_t divide_i32(int function, int32_t a, int32_t b) {
    if (b == 0) return function == APUS_DIV ? -1 : a;
    if (b == -1) return function == APUS_DIV ? (int32_t)-(uint32_t)a : 0;
    if (function == APUS_DIV) return a / b;
    int32_t r = a % b;
    return function == APUS_MOD && r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

int apus_binary_i32(
    int function, const int32_t *a, const int32_t *b, int32_t *d, size_t n, int scalars) {
    if (function == APUS_DIV || function == APUS_REM || function == APUS_MOD
        || function == APUS_POW) {
        int32_t first = n ? a[0] : 0, second = n ? b[0] : 0;
        for (size_t i = 0; i < n; i++) {
            int32_t x = scalars & APUS_SCALAR_A ? first : a[i];
            int32_t y = scalars & APUS_SCALAR_B ? second : b[i];
            d[i] = function == APUS_POW ? (int32_t)power_i32(x, y) : divide_i32(function, x, y);
        }
        return 0;
    }
    return apus_rows()->binary_i32(function, a, b, d, n, scalars);
}

int apus_ternary_f32(
    int function, const float *a, const float *b, const float *c, float *d, size_t n, int scalars) {
    return apus_rows()->ternary_f32(function, a, b, c, d, n, scalars);
}

int apus_ternary_i32(int function, const int32_t *a, const int32_t *b, const int32_t *c, int32_t *d,
    size_t n, int scalars) {
    return apus_rows()->ternary_i32(function, a, b, c, d, n, scalars);
}

/// One step of a reduction or scan.
static float fold_f32(int function, float x, float y) {
    switch (function) {
    case APUS_RSUM: return x + y;
    case APUS_RPROD: return x * y;
    default: break;
    }
    if (x != x || y != y) return lane_float(CANONICAL_NAN_BITS);
    int32_t bits = lane_bits(x), other = lane_bits(y);
    if (function == APUS_RMAX) return x == y ? lane_float(bits & other) : x > y ? x : y;
    return x == y ? lane_float(bits | other) : x < y ? x : y;
}

static int32_t fold_i32(int function, int32_t x, int32_t y) {
    switch (function) {
    case APUS_RSUM: return (int32_t)((uint32_t)x + (uint32_t)y);
    case APUS_RPROD: return (int32_t)((uint32_t)x * (uint32_t)y);
    case APUS_RMAX: return x > y ? x : y;
    default: return x < y ? x : y;
    }
}

static int is_fold(int function) { return function >= APUS_RSUM && function <= APUS_RMIN; }

int apus_reduce_f32(int function, const float *a, float *d, size_t n) {
    if (!is_fold(function)) return -1;
    const float identities[4] = {0, 1, -INFINITY, INFINITY};
    float partials[16];
    for (int j = 0; j < 16; j++) partials[j] = identities[function - APUS_RSUM];
    if (n >= 16) apus_rows()->fold_f32(function, a, partials, n);
    for (size_t i = n & ~(size_t)15; i < n; i++)
        partials[i & 15] = fold_f32(function, partials[i & 15], a[i]);
    for (int width = 8; width; width /= 2)
        for (int j = 0; j < width; j++)
            partials[j] = fold_f32(function, partials[j], partials[j + width]);
    *d = canonical(partials[0]);
    return 0;
}

int apus_reduce_i32(int function, const int32_t *a, int32_t *d, size_t n) {
    if (!is_fold(function)) return -1;
    const int32_t identities[4] = {0, 1, INT32_MIN, INT32_MAX};
    int32_t partials[16];
    for (int j = 0; j < 16; j++) partials[j] = identities[function - APUS_RSUM];
    if (n >= 16) apus_rows()->fold_i32(function, a, partials, n);
    for (size_t i = n & ~(size_t)15; i < n; i++)
        partials[i & 15] = fold_i32(function, partials[i & 15], a[i]);
    for (int j = 1; j < 16; j++) partials[0] = fold_i32(function, partials[0], partials[j]);
    *d = partials[0];
    return 0;
}

/// Elements of a row whose extreme is found at once.
enum { ARGUMENT_CHUNK = 512 };

/// The extreme of each chunk tells which chunk has the first one; there it is looked for.
int apus_argument_f32(int function, const float *a, int32_t *d, size_t n) {
    if (function != APUS_RARGMAX && function != APUS_RARGMIN) return -1;
    int fold = function == APUS_RARGMAX ? APUS_RMAX : APUS_RMIN;
    size_t i = 0;
    float best = 0;
    for (size_t first = 0; first < n && best == best; first += ARGUMENT_CHUNK) {
        float extreme;
        size_t count = n - first < ARGUMENT_CHUNK ? n - first : ARGUMENT_CHUNK;
        apus_reduce_f32(fold, a + first, &extreme, count);
        int is_beyond = fold == APUS_RMAX ? extreme > best : extreme < best;
        if (first == 0 || extreme != extreme || is_beyond) best = extreme, i = first;
    }
    while (i < n && a[i] != best && a[i] == a[i]) i++;
    *d = n == 0 ? 0 : (int32_t)i;
    return 0;
}

int apus_argument_i32(int function, const int32_t *a, int32_t *d, size_t n) {
    if (function != APUS_RARGMAX && function != APUS_RARGMIN) return -1;
    int fold = function == APUS_RARGMAX ? APUS_RMAX : APUS_RMIN;
    size_t i = 0;
    int32_t best = 0;
    for (size_t first = 0; first < n; first += ARGUMENT_CHUNK) {
        int32_t extreme;
        size_t count = n - first < ARGUMENT_CHUNK ? n - first : ARGUMENT_CHUNK;
        apus_reduce_i32(fold, a + first, &extreme, count);
        int is_beyond = fold == APUS_RMAX ? extreme > best : extreme < best;
        if (first == 0 || is_beyond) best = extreme, i = first;
    }
    while (i < n && a[i] != best) i++;
    *d = n == 0 ? 0 : (int32_t)i;
    return 0;
}

int apus_scan_f32(int function, const float *a, float *d, size_t n, int exclusive, int reverse) {
    if (function != APUS_CUMSUM && function != APUS_CUMPROD) return -1;
    float total = function == APUS_CUMPROD;
    for (size_t step = 0; step < n; step++) {
        size_t i = reverse ? n - 1 - step : step;
        float before = total;
        total = function == APUS_CUMPROD ? total * a[i] : total + a[i];
        d[i] = canonical(exclusive ? before : total);
    }
    return 0;
}

int apus_scan_i32(
    int function, const int32_t *a, int32_t *d, size_t n, int exclusive, int reverse) {
    if (function != APUS_CUMSUM && function != APUS_CUMPROD) return -1;
    uint32_t total = function == APUS_CUMPROD;
    for (size_t step = 0; step < n; step++) {
        size_t i = reverse ? n - 1 - step : step;
        uint32_t before = total, x = (uint32_t)a[i];
        total = function == APUS_CUMPROD ? total * x : total + x;
        d[i] = (int32_t)(exclusive ? before : total);
    }
    return 0;
}

void apus_iota_f32(float first, float step, float *d, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] = canonical(fmaf(step, (float)i, first));
}

void apus_iota_i32(int32_t first, int32_t step, int32_t *d, size_t n) {
    for (size_t i = 0; i < n; i++)
        d[i] = (int32_t)((uint32_t)first + (uint32_t)step * (uint32_t)i);
}
