// The Matrix engine: decoding and checks; apus_matmul does the arithmetic.
#include "CApusNumerics.h"
#include "Engines.h"

enum { WORD_ACC_ROW = 17, WORD_A_SCALES = 18, WORD_RESERVED = 25, MATRIX_WORDS = 32 };

/// The bytes from `address` that `count` dimensions of extents and strides span, in the scratchpad.
static const uint8_t *operand(
    const apus_core *core, uint32_t address, const int64_t *extents, const int64_t *strides,
    int count, uint32_t nibbles) {
    __int128 low = 0, high = 0;
    for (int i = 0; i < count; i++) {
        __int128 reach = (__int128)(extents[i] - 1) * strides[i];
        if (reach < 0) low += reach; else high += reach;
    }
    if (nibbles == 1) {
        low >>= 1;
        high = (high >> 1) + 1;
    } else {
        high += nibbles / 2;
    }
    if (address + low < 0 || address + high > core->scratchpad_bytes) return NULL;
    return core->scratchpad + address;
}

static uint32_t format_bytes(uint32_t format) { return format_nibbles(format) / 2; }

/// Scales and minimums, checked.
static apus_trap_cause read_scales(
    const apus_core *core, const uint32_t *d, int64_t m, int64_t n, int64_t k,
    struct apus_matmul_args *args) {
    if (args->scaling == 0) {
        uint32_t unused = 0;
        for (int i = WORD_A_SCALES; i < WORD_RESERVED; i++) unused |= d[i];
        return unused == 0 ? APUS_TRAP_NONE : APUS_TRAP_RESERVED_BITS;
    }
    args->group = d[21];
    args->a_scale_row = (int32_t)d[22];
    args->b_scale_row = (int32_t)d[23];
    args->scale_format = (int)d[24];
    if (args->group <= 0) return APUS_TRAP_BAD_SHAPE;
    uint32_t nibbles = format_nibbles(d[24]);
    if (nibbles == 1 || d[24] == FORMAT_BITS64 || d[24] == FORMAT_FIXED54) {
        return APUS_TRAP_UNSUPPORTED_FORMAT;
    }
    int64_t size = nibbles / 2, groups = (k + args->group - 1) / args->group;
    if (groups == 0 || m == 0 || n == 0) return APUS_TRAP_NONE;
    args->b_scales = operand(
        core, d[19], (int64_t[]){groups, n}, (int64_t[]){args->b_scale_row, size}, 2, nibbles);
    if (args->b_scales == NULL) return APUS_TRAP_LOCAL_BOUNDS;
    if (args->scaling == 2) {
        args->a_scales = operand(
            core, d[18], (int64_t[]){m, groups}, (int64_t[]){args->a_scale_row, size}, 2, nibbles);
        if (args->a_scales == NULL) return APUS_TRAP_LOCAL_BOUNDS;
    }
    if (d[20] != 0) {
        args->b_minimums = operand(
            core, d[20], (int64_t[]){groups, n}, (int64_t[]){args->b_scale_row, size}, 2, nibbles);
        if (args->b_minimums == NULL) return APUS_TRAP_LOCAL_BOUNDS;
    }
    return APUS_TRAP_NONE;
}

static apus_trap_cause read_accumulators(
    const apus_core *core, uint32_t address, int64_t m, int64_t n, int format,
    struct apus_matmul_args *args) {
    int64_t size = format_bytes((uint32_t)format), row = args->acc_row;
    if (address % size != 0 || row % size != 0) return APUS_TRAP_MISALIGNED_ADDRESS;
    if (m > 1 && row < n * size) return APUS_TRAP_BAD_SHAPE;
    int64_t low = address, high = low + (m - 1) * row + n * size;
    if (low < ACCUMULATOR_BASE) return APUS_TRAP_LOCAL_BOUNDS;
    args->acc = local_pointer(core, low, high);
    return args->acc == NULL ? APUS_TRAP_LOCAL_BOUNDS : APUS_TRAP_NONE;
}

/// The codes of the command word and the descriptor.
static apus_trap_cause read_codes(
    const apus_core *core, const uint32_t *words, uint32_t *d, struct apus_matmul_args *args) {
    if (words[0] >> 30 != 0 || words[6] >> 13 != 0 || words[7] != 0) return APUS_TRAP_RESERVED_BITS;
    uint32_t passes = words[0] >> 28 & 3, scaling = words[6] >> 10 & 7;
    uint32_t a = words[6] & 31, b = words[6] >> 5 & 31;
    if (passes > 2 || scaling > 2) return APUS_TRAP_UNKNOWN_CODE;
    if (a >= FORMAT_COUNT || b >= FORMAT_COUNT) return APUS_TRAP_UNKNOWN_CODE;
    apus_trap_cause cause = read_descriptor(core, words[2], MATRIX_WORDS, d);
    if (cause != APUS_TRAP_NONE) return cause;
    for (int i = WORD_RESERVED; i < MATRIX_WORDS; i++) {
        if (d[i] != 0) return APUS_TRAP_RESERVED_BITS;
    }
    for (int i = 0; i < 7; i++) {
        if (d[i] > INT32_MAX) return APUS_TRAP_BAD_SHAPE;
    }
    if (d[21] > INT32_MAX) return APUS_TRAP_BAD_SHAPE;
    if (d[24] >= FORMAT_COUNT) return APUS_TRAP_UNKNOWN_CODE;
    args->passes = (int)passes;
    args->scaling = (int)scaling;
    args->a_format = (int)a;
    args->b_format = (int)b;
    args->accumulate = words[0] >> 27 & 1;
    return APUS_TRAP_NONE;
}

/// The product of extents, or -1 beyond the bound. With an extent of zero there is no bound.
static int64_t product(const uint32_t *extents, int count) {
    for (int i = 0; i < count; i++) {
        if (extents[i] == 0) return 0;
    }
    int64_t result = 1;
    for (int i = 0; i < count; i++) {
        if (result > ELEMENTS_MAX / extents[i]) return -1;
        result *= extents[i];
    }
    return result;
}

apus_trap_cause apus_execute_matrix(apus_core *core, const uint32_t *words) {
    uint32_t d[MATRIX_WORDS];
    struct apus_matmul_args args = {0};
    apus_trap_cause cause = read_codes(core, words, d, &args);
    if (cause != APUS_TRAP_NONE) return cause;
    int format =
        apus_matmul_accumulator(args.a_format, args.b_format, args.passes, args.scaling);
    uint32_t formats = 1u << args.a_format | 1u << args.b_format;
    if (format < 0 || (formats & ~core->matrix_formats) != 0) return APUS_TRAP_UNSUPPORTED_FORMAT;

    int64_t m = product(d, 2), n = product(d + 2, 2), k = product(d + 4, 3);
    if (m < 0 || n < 0 || k < 0) return APUS_TRAP_BAD_SHAPE;
    args.m0 = d[0], args.m1 = d[1], args.n0 = d[2], args.n1 = d[3];
    args.k0 = d[4], args.k1 = d[5], args.k2 = d[6];
    args.a_m0 = (int32_t)d[7], args.a_m1 = (int32_t)d[8], args.a_k0 = (int32_t)d[9];
    args.a_k1 = (int32_t)d[10], args.a_k2 = (int32_t)d[11];
    args.b_n0 = (int32_t)d[12], args.b_n1 = (int32_t)d[13], args.b_k0 = (int32_t)d[14];
    args.b_k1 = (int32_t)d[15], args.b_k2 = (int32_t)d[16];
    args.acc_row = (int32_t)d[WORD_ACC_ROW];
    cause = read_scales(core, d, m, n, k, &args);
    if (cause != APUS_TRAP_NONE || m == 0 || n == 0) return cause;
    if (k > 0) {
        args.a = operand(
            core, words[3], (int64_t[]){args.m0, args.m1, args.k0, args.k1, args.k2},
            (int64_t[]){args.a_m0, args.a_m1, args.a_k0, args.a_k1, args.a_k2}, 5,
            format_nibbles((uint32_t)args.a_format));
        args.b = operand(
            core, words[4], (int64_t[]){args.n0, args.n1, args.k0, args.k1, args.k2},
            (int64_t[]){args.b_n0, args.b_n1, args.b_k0, args.b_k1, args.b_k2}, 5,
            format_nibbles((uint32_t)args.b_format));
        if (args.a == NULL || args.b == NULL) return APUS_TRAP_LOCAL_BOUNDS;
    }
    cause = read_accumulators(core, words[5], m, n, format, &args);
    if (cause != APUS_TRAP_NONE) return cause;
    if (k == 0) {
        for (int64_t row = 0; row < m && !args.accumulate; row++) {
            size_t bytes = (size_t)n * format_bytes((uint32_t)format);
            memset((uint8_t *)args.acc + row * args.acc_row, 0, bytes);
        }
        return APUS_TRAP_NONE;
    }
    if (apus_matmul(&args) != 0) return APUS_TRAP_UNSUPPORTED_FORMAT;
    core->counters.multiply_adds += (uint64_t)m * (uint64_t)n * (uint64_t)k;
    return APUS_TRAP_NONE;
}
