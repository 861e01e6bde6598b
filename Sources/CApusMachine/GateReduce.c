// What a Store combines with memory, cycle by cycle: apus_transfer_reduce.sv.
#include "GateTransfer.h"

enum { LAST = GATE_CONVERT_STAGES - 1 };

enum {
    REST = GATE_REDUCE_REST, WRITE_FIRST, WRITE_SECOND, CONFIRM, ASK_FIRST, ASK_SECOND, TAKE_FIRST,
    TAKE_SECOND,
    WIDEN_NEW, WIDEN_OLD, TAKE_NEW, TAKE_OLD, OPERATE, NARROW, TAKE_RESULT
};

/// apus_transfer_reduce.sv: what it shows in this cycle.
gate_reduce_view gate_reduce_show(
    const gate_reduce *reduce, const transfer_shape *shape, bool valid, uint64_t place) {
    gate_reduce_view view = {0};
    uint32_t nibbles = format_nibbles(shape->global_format);
    bool is_split = (place & 15) + nibbles > 16;
    bool is_held = reduce->holds_first && reduce->held_word == place >> 4
        && (!is_split || reduce->holds_second);
    bool converted = reduce->convert[LAST];
    view.is_taken = (reduce->state == REST && valid && is_held && shape->reduction == 0)
        || (reduce->state == TAKE_RESULT && converted);
    view.read_valid = reduce->state == ASK_FIRST || reduce->state == ASK_SECOND;
    view.read_word = (place >> 4) + (reduce->state == ASK_SECOND);
    view.read_takes_data = reduce->state == TAKE_FIRST || reduce->state == TAKE_SECOND;
    uint32_t first = reduce->dirty & 0xFF, second = reduce->dirty >> 8;
    view.write_valid = (reduce->state == WRITE_FIRST && first != 0)
        || (reduce->state == WRITE_SECOND && second != 0);
    view.write_word = reduce->held_word + (reduce->state == WRITE_SECOND);
    view.strobe = reduce->state == WRITE_SECOND ? second : first;
    view.flush = reduce->state == CONFIRM;
    return view;
}

uint8_t gate_reduce_next(
    const gate_reduce *reduce, const transfer_shape *shape, bool valid, uint64_t place,
    bool flush, bool write_ready, bool write_busy, bool read_ready, bool data_valid) {
    bool is_split = (place & 15) + format_nibbles(shape->global_format) > 16;
    bool is_held = reduce->holds_first && reduce->held_word == place >> 4
        && (!is_split || reduce->holds_second);
    bool converted = reduce->convert[LAST];
    switch (reduce->state) {
    case REST:
        if (valid && is_held) return shape->reduction == 0 ? REST : WIDEN_NEW;
        if (!valid && !(flush && reduce->dirty != 0)) return REST;
        return reduce->dirty != 0 ? WRITE_FIRST : ASK_FIRST;
    case WRITE_FIRST:
        return write_ready || (reduce->dirty & 0xFF) == 0 ? WRITE_SECOND : WRITE_FIRST;
    case WRITE_SECOND:
        return write_ready || reduce->dirty >> 8 == 0 ? CONFIRM : WRITE_SECOND;
    case CONFIRM: return write_busy ? CONFIRM : valid ? ASK_FIRST : REST;
    case ASK_FIRST: return !read_ready ? ASK_FIRST : is_split ? ASK_SECOND : TAKE_FIRST;
    case ASK_SECOND: return read_ready ? TAKE_FIRST : ASK_SECOND;
    case TAKE_FIRST: return !data_valid ? TAKE_FIRST : is_split ? TAKE_SECOND : REST;
    case TAKE_SECOND: return data_valid ? REST : TAKE_SECOND;
    case WIDEN_NEW: return WIDEN_OLD;
    case WIDEN_OLD: return TAKE_NEW;
    case TAKE_NEW: return converted ? TAKE_OLD : TAKE_NEW;
    case TAKE_OLD: return converted ? OPERATE : TAKE_OLD;
    case OPERATE: return reduce->operate == GATE_ADD_STAGES ? NARROW : OPERATE;
    case NARROW: return TAKE_RESULT;
    default: return converted ? REST : TAKE_RESULT;
    }
}

void gate_reduce_step(
    gate_reduce *reduce, const transfer_shape *shape, const gate_reduce_view *view, bool valid,
    uint64_t place, bool flush, uint8_t next, bool data_valid) {
    uint32_t nibbles = format_nibbles(shape->global_format);
    bool is_split = (place & 15) + nibbles > 16;
    bool enters = reduce->state == WIDEN_NEW || reduce->state == WIDEN_OLD
        || reduce->state == NARROW;
    if (reduce->state == CONFIRM) reduce->dirty = 0;
    if (view->is_taken) {
        uint32_t marks = ((1u << nibbles) - 1) << (place & 15);
        reduce->dirty |= gate_byte_marks(marks & 0xFFFF) | gate_byte_marks(marks >> 16) << 8;
    }
    if (reduce->state == CONFIRM || (reduce->state == REST && !valid && flush)) {
        reduce->holds_first = false;
    } else if (reduce->state == TAKE_FIRST && data_valid) {
        reduce->holds_first = true;
    }
    if (reduce->state == ASK_FIRST) {
        reduce->holds_second = is_split;
        reduce->held_word = place >> 4;
    }
    reduce->operate = reduce->state == OPERATE ? reduce->operate + 1 : 0;
    for (int i = LAST; i > 0; i--) reduce->convert[i] = reduce->convert[i - 1];
    reduce->convert[0] = enters;
    reduce->state = next;
}
