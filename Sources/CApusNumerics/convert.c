// Rows of conversions: moves, the paths through rows of FP32 or INT32, and single elements.
#include "elements.h"
#include "levels.h"

int64_t apus_packed_stride(int format) { return element_step(format); }

/// Copies elements of a constant size between strides.
#define COPY_STRIDED(size) \
    for (size_t i = 0; i < n; i++) { \
        memcpy(to, from, size); \
        from += from_stride; \
        to += to_stride; \
    }

static void copy_strided(int64_t size, const uint8_t *from, int64_t from_stride, uint8_t *to,
    int64_t to_stride, size_t n) {
    if (from_stride == size && to_stride == size) {
        memmove(to, from, n * (size_t)size);
        return;
    }
    switch (size) {
    case 1: COPY_STRIDED(1) break;
    case 2: COPY_STRIDED(2) break;
    case 4: COPY_STRIDED(4) break;
    default: COPY_STRIDED(8) break;
    }
}

static void convert_elements(
    const struct apus_run *source, const struct apus_run *destination, int rounding, size_t n) {
    int from = source->format, to = destination->format;
    int is_move = from == to || from == APUS_BITS64 || to == APUS_BITS64;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = element_read(
            from, source->base, source->offset + (int64_t)i * source->stride);
        if (!is_move) bits = apus_element_bits(to, apus_element_value(from, bits), rounding);
        element_write(
            to, destination->base, destination->offset + (int64_t)i * destination->stride, bits);
    }
}

/// Which row an element format passes through without loss.
enum row { ROW_NONE, ROW_F32, ROW_I32 };

static enum row row_between(int from, int to) {
    if (from == APUS_FIXED54 || from == APUS_E8M0 || from == APUS_BITS64) return ROW_NONE;
    if (to == APUS_FIXED54 || to == APUS_E8M0 || format_bits(to) == 4) return ROW_NONE;
    if (to == APUS_BITS64) return ROW_NONE;
    if (format_is_integer(from) && format_is_integer(to)) return ROW_I32;
    if (from == APUS_INT32) return to == APUS_FP32 ? ROW_I32 : ROW_NONE;
    return ROW_F32;
}

enum { CHUNK = 256 };

/// Converts contiguous elements; returns -1 if that pair or rule has no path through rows.
static int convert_chunk(const struct apus_run *source, int64_t offset, int to, int rounding,
    uint8_t *out, size_t n) {
    const struct apus_convert_functions *level = apus_converters();
    if (row_between(source->format, to) == ROW_I32) {
        int32_t row[CHUNK];
        if (level->widen_i32(source->format, source->base, offset, row, n)) return -1;
        return level->narrow_i32(to, rounding, row, out, n);
    }
    if (source->format == APUS_FP32) {
        const uint8_t *row = (const uint8_t *)source->base + offset;
        return level->narrow_f32(to, rounding, (const float *)(const void *)row, out, n);
    }
    if (to == APUS_FP32)
        return level->widen_f32(source->format, source->base, offset, (float *)(void *)out, n);
    float row[CHUNK];
    if (level->widen_f32(source->format, source->base, offset, row, n)) return -1;
    return level->narrow_f32(to, rounding, row, out, n);
}

/// By chunks, gathered before and scattered after where strides ask for it.
static int convert_rows(
    const struct apus_run *source, const struct apus_run *destination, int rounding, size_t n) {
    int64_t from_size = apus_packed_stride(source->format);
    int64_t to_size = apus_packed_stride(destination->format);
    int gathers = source->stride != from_size, scatters = destination->stride != to_size;
    if (gathers && format_bits(source->format) == 4) return -1;
    _Alignas(64) uint8_t gathered[CHUNK * 8], converted[CHUNK * 8];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        int64_t from = source->offset + (int64_t)i * source->stride;
        uint8_t *to = (uint8_t *)destination->base + destination->offset
            + (int64_t)i * destination->stride;
        struct apus_run run = {source->base, from, from_size, source->format};
        if (gathers) {
            copy_strided(from_size, (const uint8_t *)source->base + from, source->stride, gathered,
                from_size, count);
            run.base = gathered, run.offset = 0;
        }
        if (convert_chunk(&run, run.offset, destination->format, rounding,
                scatters ? converted : to, count))
            return -1;
        if (scatters) copy_strided(to_size, converted, to_size, to, destination->stride, count);
    }
    return 0;
}

void apus_convert(
    const struct apus_run *source, const struct apus_run *destination, int rounding, size_t n) {
    int from = source->format, to = destination->format;
    if (from == to && format_bits(from) != 4) {
        copy_strided(format_bits(from) / 8, (const uint8_t *)source->base + source->offset,
            source->stride, (uint8_t *)destination->base + destination->offset, destination->stride,
            n);
        return;
    }
    if (from != to && row_between(from, to) != ROW_NONE
        && convert_rows(source, destination, rounding, n) == 0)
        return;
    convert_elements(source, destination, rounding, n);
}
