// Rows of conversions.
#include "elements.h"

int64_t apus_packed_stride(int format) {
    return format_bits(format) == 4 ? 1 : format_bits(format) / 8;
}

static uint64_t convert_element(int from, int to, int rounding, uint64_t bits) {
    if (from == to || from == APUS_BITS64 || to == APUS_BITS64) return bits;
    return apus_element_bits(to, apus_element_value(from, bits), rounding);
}

void apus_convert(
    const struct apus_run *source, const struct apus_run *destination, int rounding, size_t n) {
    int64_t from = source->offset, to = destination->offset;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = element_read(source->format, source->base, from);
        bits = convert_element(source->format, destination->format, rounding, bits);
        element_write(destination->format, destination->base, to, bits);
        from += source->stride;
        to += destination->stride;
    }
}
