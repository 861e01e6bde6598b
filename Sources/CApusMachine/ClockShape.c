// Words and descriptors become shapes.
#include "ClockShape.h"

#include "Engines.h"

/// Strides of 4-bit formats count half bytes already.
static int64_t half_bytes(uint32_t stride, uint32_t format) {
    int64_t value = (int32_t)stride;
    return format_nibbles(format) == 1 ? value : 2 * value;
}

/// The product of extents if it is at most the largest number of elements; false beyond.
static bool multiply(uint64_t *product, uint64_t factor) {
    if (factor > INT32_MAX) return false;
    if (factor != 0 && *product > (uint64_t)ELEMENTS_MAX / factor) return false;
    *product *= factor;
    return true;
}

/// Which positions of a dimension lie in the tensor; all of a gathered one do.
static void place(transfer_shape *shape, int d) {
    int64_t count = (int64_t)shape->count[d], coordinate = shape->coordinate[d];
    int64_t low = coordinate < 0 ? -coordinate : 0;
    int64_t high = (int64_t)shape->extent[d] - coordinate;
    if (shape->gather == (uint32_t)d + 1) low = 0, high = count;
    if (high > count) high = count;
    if (low > count) low = count;
    if (high < low) high = low;
    shape->low[d] = (uint64_t)low;
    shape->high[d] = (uint64_t)high;
    shape->elements_inside *= (uint64_t)(high - low);
}

apus_trap_cause clock_read_transfer(
    const uint32_t *words, const uint32_t *d, bool is_store, transfer_shape *shape) {
    shape->is_store = is_store;
    shape->base = (uint64_t)d[1] << 32 | d[0];
    shape->global_format = d[2] & 31;
    shape->local_format = d[2] >> 5 & 31;
    shape->gather = d[2] >> 10 & 7;
    shape->reduction = d[2] >> 13 & 7;
    shape->local = words[3];
    shape->table = d[24];
    shape->is_accumulator = words[3] >= ACCUMULATOR_BASE;
    if (shape->global_format >= FORMAT_COUNT || shape->local_format >= FORMAT_COUNT
        || shape->gather > RANK_CLOCK || shape->reduction > 3) {
        return APUS_TRAP_UNKNOWN_CODE;
    }
    shape->elements = 1;
    shape->elements_inside = 1;
    for (int i = 0; i < RANK_CLOCK; i++) {
        shape->extent[i] = d[4 + i];
        shape->count[i] = d[9 + i];
        if (d[4 + i] > INT32_MAX) return APUS_TRAP_BAD_SHAPE;
        shape->global_stride[i] = half_bytes(d[14 + i], shape->global_format);
        shape->local_stride[i] = half_bytes(d[19 + i], shape->local_format);
        if (i < 3) shape->coordinate[i] = (int32_t)words[4 + i];
        else shape->coordinate[i] = (int16_t)(words[7] >> (16 * (i - 3)) & 0xFFFF);
        if (!multiply(&shape->elements, d[9 + i])) return APUS_TRAP_BAD_SHAPE;
        place(shape, i);
    }
    return APUS_TRAP_NONE;
}

static bool is_integer(uint32_t format) {
    return format == FORMAT_INT8 || format == FORMAT_UINT8 || format == FORMAT_INT4
        || format == FORMAT_UINT4;
}

apus_trap_cause clock_read_matrix(
    const uint32_t *words, const uint32_t *d, matrix_shape *shape) {
    shape->accumulates = words[0] >> 27 & 1;
    shape->passes = words[0] >> 28 & 3;
    shape->a_format = words[6] & 31;
    shape->b_format = words[6] >> 5 & 31;
    shape->scaling = words[6] >> 10 & 7;
    shape->a = words[3];
    shape->b = words[4];
    shape->accumulators = words[5];
    shape->scale_format = d[24];
    if (shape->a_format >= FORMAT_COUNT || shape->b_format >= FORMAT_COUNT || shape->passes > 2
        || shape->scaling > 2 || d[24] >= FORMAT_COUNT) {
        return APUS_TRAP_UNKNOWN_CODE;
    }
    shape->m0 = d[0], shape->m1 = d[1], shape->n0 = d[2], shape->n1 = d[3];
    shape->k0 = d[4], shape->k1 = d[5], shape->k2 = d[6];
    shape->m = shape->n = shape->k = 1;
    if (!multiply(&shape->m, d[0]) || !multiply(&shape->m, d[1]) || !multiply(&shape->n, d[2])
        || !multiply(&shape->n, d[3]) || !multiply(&shape->k, d[4]) || !multiply(&shape->k, d[5])
        || !multiply(&shape->k, d[6]) || d[21] > INT32_MAX) {
        return APUS_TRAP_BAD_SHAPE;
    }
    for (int i = 0; i < 5; i++) {
        shape->a_stride[i] = half_bytes(d[7 + i], shape->a_format);
        shape->b_stride[i] = half_bytes(d[12 + i], shape->b_format);
    }
    shape->row_stride = (int32_t)d[17];
    shape->a_scales = d[18], shape->b_scales = d[19], shape->minimums = d[20];
    shape->has_minimums = d[20] != 0;
    shape->group = d[21];
    shape->a_scale_row = 2 * (int64_t)(int32_t)d[22];
    shape->b_scale_row = 2 * (int64_t)(int32_t)d[23];
    if (shape->scaling != 0 && shape->group == 0) return APUS_TRAP_BAD_SHAPE;
    bool has_integers = is_integer(shape->a_format) && is_integer(shape->b_format);
    shape->is_fixed54 = shape->scaling == 0 && shape->passes == 0
        && shape->a_format == FORMAT_E4M3 && shape->b_format == FORMAT_E4M3;
    shape->is_exact = shape->scaling == 2 || shape->is_fixed54 || has_integers;
    return APUS_TRAP_NONE;
}

uint32_t clock_vector_form(uint32_t opcode) {
    if (opcode < 0x40) return SHAPE_NONE;
    if (opcode <= 0x60) return SHAPE_UNARY;
    if (opcode >= 0x64 && opcode <= 0x78) return SHAPE_BINARY;
    if (opcode >= 0x7C && opcode <= 0x7E) return SHAPE_TERNARY;
    if (opcode >= 0x80 && opcode <= 0x85) return SHAPE_REDUCTION;
    if (opcode == 0x88 || opcode == 0x89) return SHAPE_SCAN;
    if (opcode == 0x8A) return SHAPE_TOPK;
    if (opcode == 0x8B) return SHAPE_IOTA;
    return opcode == 0x8C ? SHAPE_RANDOM : SHAPE_NONE;
}

apus_trap_cause clock_read_vector(
    const uint32_t *words, const uint32_t *d, vector_shape *shape) {
    uint32_t form = clock_vector_form(words[0] & 255);
    shape->opcode = words[0] & 255;
    shape->form = form;
    shape->columns = d[0], shape->rows = d[1], shape->planes = d[2];
    uint64_t elements = 1;
    if (!multiply(&elements, d[0]) || !multiply(&elements, d[1]) || !multiply(&elements, d[2])
        || d[0] > INT32_MAX || d[1] > INT32_MAX || d[2] > INT32_MAX) {
        return APUS_TRAP_BAD_SHAPE;
    }
    for (int o = 0; o < VECTOR_OPERANDS; o++) {
        shape->format[o] = words[7] >> (5 * o) & 31;
        if (shape->format[o] >= FORMAT_COUNT) return APUS_TRAP_UNKNOWN_CODE;
        shape->address[o] = words[2 + o];
        for (int i = 0; i < 3; i++) {
            shape->stride[o][i] = half_bytes(d[3 + 3 * o + i], shape->format[o]);
        }
    }
    shape->b_immediate = words[7] >> 20 & 1;
    shape->c_immediate = words[7] >> 21 & 1;
    shape->rounding = words[7] >> 22 & 7;
    shape->has_a = form < SHAPE_IOTA;
    shape->has_b = form == SHAPE_BINARY || form == SHAPE_TERNARY;
    shape->has_c = form == SHAPE_TERNARY;
    shape->is_floating = form == SHAPE_RANDOM || format_is_floating(shape->format[1]);
    shape->top_k = form == SHAPE_TOPK ? words[4] : 0;
    if (form == SHAPE_TOPK && shape->top_k > shape->columns) return APUS_TRAP_BAD_SHAPE;
    shape->is_exclusive = form == SHAPE_SCAN && (words[4] & 1);
    shape->is_reverse = form == SHAPE_SCAN && (words[4] & 2);
    return APUS_TRAP_NONE;
}
