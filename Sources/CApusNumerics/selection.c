// The largest of a row, and random numbers.
#include "lanes.h"
#include "levels.h"

/// An integer that orders FP32 as top-k does: -0 equals +0 and every NaN is above infinity.
static int32_t order_f32(float x) {
    if (x != x) return INT32_MAX;
    if (x == 0) return 0;
    int32_t bits = lane_bits(x);
    return bits < 0 ? -(bits & 0x7FFFFFFF) : bits;
}

/// A row of FP32 or INT32 to be ordered.
struct row {
    const int32_t *words;
    int is_float;
};

static int32_t key(const struct row *row, int32_t i) {
    return row->is_float ? order_f32(lane_float(row->words[i])) : row->words[i];
}

/// Whether element i stands before element j: larger, or equal and earlier.
static int precedes(const struct row *row, int32_t i, int32_t j) {
    int32_t a = key(row, i), b = key(row, j);
    return a != b ? a > b : i < j;
}

static void exchange(int32_t *a, int32_t *b) {
    int32_t kept = *a;
    *a = *b;
    *b = kept;
}

/// Moves the root down in a heap whose root stands behind all others.
static void sift(const struct row *row, int32_t *heap, size_t size, size_t root) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= size) return;
        if (child + 1 < size && precedes(row, heap[child], heap[child + 1])) child++;
        if (!precedes(row, heap[root], heap[child])) return;
        exchange(&heap[root], &heap[child]);
        root = child;
    }
}

/// Whether one of `count` elements from `first` on is larger than element `i`, which is earlier.
static int any_precedes(const struct row *row, size_t first, size_t count, int32_t i) {
    if (!row->is_float) {
        int32_t largest;
        apus_reduce_i32(APUS_RMAX, row->words + first, &largest, count);
        return largest > row->words[i];
    }
    float largest;
    apus_reduce_f32(APUS_RMAX, (const float *)row->words + first, &largest, count);
    return order_f32(largest) > key(row, i);
}

/// The k first of the order, first first: a heap of the k best so far, then a heap sort. Chunks
/// without one that is better than the worst of these are passed over, which most are.
static void select_first(const struct row *row, size_t n, size_t k, int32_t *indices) {
    enum { CHUNK = 256 };
    if (k == 0) return;
    for (size_t i = 0; i < k; i++) indices[i] = (int32_t)i;
    for (size_t i = k / 2; i-- > 0;) sift(row, indices, k, i);
    for (size_t first = k; first < n; first += CHUNK) {
        size_t end = n - first < CHUNK ? n : first + CHUNK;
        if (!any_precedes(row, first, end - first, indices[0])) continue;
        for (size_t i = first; i < end; i++) {
            if (!precedes(row, (int32_t)i, indices[0])) continue;
            indices[0] = (int32_t)i;
            sift(row, indices, k, 0);
        }
    }
    for (size_t size = k; size > 1; size--) {
        exchange(&indices[0], &indices[size - 1]);
        sift(row, indices, size - 1, 0);
    }
}

void apus_topk_f32(const float *a, size_t n, size_t k, float *d, int32_t *indices) {
    struct row row = {(const int32_t *)a, 1};
    select_first(&row, n, k, indices);
    for (size_t i = 0; i < k; i++) {
        float x = a[indices[i]];
        d[i] = x != x ? lane_float(CANONICAL_NAN_BITS) : x;
    }
}

void apus_topk_i32(const int32_t *a, size_t n, size_t k, int32_t *d, int32_t *indices) {
    struct row row = {a, 0};
    select_first(&row, n, k, indices);
    for (size_t i = 0; i < k; i++) d[i] = a[indices[i]];
}

/// Word 0 of Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
/// 1, 2, 3" (2011).
static uint32_t philox(uint32_t key0, uint32_t key1, uint64_t counter) {
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32), c2 = 0, c3 = 0;
    for (int round = 0; round < 10; round++) {
        uint64_t first = (uint64_t)0xD2511F53 * c0, second = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(second >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)second;
        c2 = (uint32_t)(first >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)first;
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    return c0;
}

void apus_random_f32(uint32_t key0, uint32_t key1, uint64_t counter, float *d, size_t n) {
    for (size_t i = 0; i < n; i++)
        d[i] = (float)(philox(key0, key1, counter + i) >> 8) * 0x1p-24f;
}
