// The Load and Store engines: boxes as rows. A row is split into fill, move, fill, so that no
// element is tested by itself; rows of equal format are copied, others go through apus_convert.
#include "Transfer.h"

#include "CApusNumerics.h"
#include "RowCopy.h"

#include <stdlib.h>

/// What stays the same while a box moves.
typedef struct {
    const transfer *moved;
    apus_core *core;
    uint32_t element_bytes;  // of both sides where `is_copy`
    bool is_copy;
} mover;

/// Advances an offset, in bytes or nibbles, of one side.
static uint8_t *global_at(const mover *m, int64_t offset) { return m->moved->global + offset; }
static uint8_t *local_at(const mover *m, int64_t offset) { return m->moved->local + offset; }

static struct apus_run run_of(uint8_t *base, int64_t offset, int64_t stride, uint32_t format) {
    return (struct apus_run){base, offset, stride, (int)format};
}

// Filling ----------------------------------------------------------------------------------------

static void fill_row(const mover *m, int64_t local, int64_t stride, int64_t count) {
    const transfer *t = m->moved;
    uint32_t nibbles = format_nibbles(t->local_format);
    if (nibbles == 1) {
        for (int64_t i = 0; i < count; i++) {
            int64_t at = local + i * stride;
            uint8_t *byte = t->local + (at >> 1);
            uint8_t shift = at & 1 ? 4 : 0;
            *byte = (uint8_t)((*byte & ~(15 << shift)) | (t->fill & 15) << shift);
        }
        return;
    }
    apus_fill_elements(local_at(m, local), stride, count, t->fill, nibbles / 2);
}

/// Fills dimensions 0 … `level` of the box from `local`.
static void fill_box(const mover *m, int level, int64_t local) {
    const transfer_dimension *d = &m->moved->dimensions[level];
    if (level == 0) {
        fill_row(m, local, d->local_stride, d->count);
        return;
    }
    for (int64_t i = 0; i < d->count; i++) fill_box(m, level - 1, local + i * d->local_stride);
}

// Moving -----------------------------------------------------------------------------------------

/// Combines in the global format: FP32 or INT32 by its kind, rounded once, element by element.
static void reduce_row(
    const mover *m, int64_t global, int64_t global_stride, int64_t local, int64_t local_stride,
    int64_t count) {
    static const int functions[] = {APUS_COPY, APUS_ADD, APUS_MAX, APUS_MIN};
    const transfer *t = m->moved;
    int function = functions[t->reduction];
    bool floating = format_is_floating(t->global_format);
    enum { CHUNK = 512 };
    union { float f[CHUNK]; int32_t i[CHUNK]; } old, new;
    uint8_t converted[CHUNK * 4];
    // Elements that share an address are combined one after the other.
    int64_t chunk = llabs(global_stride) * 2 < format_nibbles(t->global_format)
            && format_nibbles(t->global_format) > 1
        ? 1 : CHUNK;
    if (global_stride == 0) chunk = 1;
    uint32_t compute = floating ? FORMAT_FP32 : FORMAT_INT32;
    int64_t packed = apus_packed_stride((int)t->global_format);
    for (int64_t at = 0; at < count; at += chunk) {
        size_t n = (size_t)(count - at < chunk ? count - at : chunk);
        struct apus_run to = run_of(
            t->global, global + at * global_stride, global_stride, t->global_format);
        struct apus_run from = run_of(
            t->local, local + at * local_stride, local_stride, t->local_format);
        struct apus_run middle = run_of(converted, 0, packed, t->global_format);
        struct apus_run a = run_of((uint8_t *)&old, 0, 4, compute);
        struct apus_run b = run_of((uint8_t *)&new, 0, 4, compute);
        apus_convert(&to, &a, APUS_NEAREST_EVEN, n);
        apus_convert(&from, &middle, APUS_NEAREST_EVEN, n);
        apus_convert(&middle, &b, APUS_NEAREST_EVEN, n);
        if (floating) {
            apus_binary_f32(function, old.f, new.f, old.f, n, 0);
        } else {
            apus_binary_i32(function, old.i, new.i, old.i, n, 0);
        }
        apus_convert(&a, &to, APUS_NEAREST_EVEN, n);
    }
}

static void move_row(
    const mover *m, int64_t global, int64_t global_stride, int64_t local, int64_t local_stride,
    int64_t count) {
    const transfer *t = m->moved;
    if (t->reduction != 0) {
        reduce_row(m, global, global_stride, local, local_stride, count);
        return;
    }
    struct apus_run far = run_of(t->global, global, global_stride, t->global_format);
    struct apus_run near = run_of(t->local, local, local_stride, t->local_format);
    if (t->is_store) {
        apus_convert(&near, &far, APUS_NEAREST_EVEN, (size_t)count);
    } else {
        apus_convert(&far, &near, APUS_NEAREST_EVEN, (size_t)count);
    }
}

/// Rows too short to be worth a conversion each, or strided ones: packed, converted together,
/// spread.
static void convert_block(
    const mover *m, copy_side to, copy_side from, int64_t columns, int64_t rows) {
    enum { BLOCK_ELEMENTS = 16384 };
    const transfer *t = m->moved;
    uint32_t from_format = t->is_store ? t->local_format : t->global_format;
    uint32_t to_format = t->is_store ? t->global_format : t->local_format;
    int64_t from_bytes = format_nibbles(from_format) / 2, to_bytes = format_nibbles(to_format) / 2;
    uint8_t *packed = apus_core_workspace(m->core, 16 * BLOCK_ELEMENTS);
    uint8_t *converted = packed + 8 * BLOCK_ELEMENTS;
    int64_t width = columns < BLOCK_ELEMENTS ? columns : BLOCK_ELEMENTS;
    int64_t height = BLOCK_ELEMENTS / width;
    for (int64_t j = 0; j < rows; j += height) {
        for (int64_t i = 0; i < columns; i += width) {
            int64_t n = columns - i < width ? columns - i : width;
            int64_t r = rows - j < height ? rows - j : height;
            copy_side source = from, target = to;
            source.start += j * from.row_stride + i * from.column_stride;
            target.start += j * to.row_stride + i * to.column_stride;
            apus_copy_rows(
                (copy_side){packed, from_bytes, n * from_bytes}, source, n, r,
                (uint32_t)from_bytes);
            struct apus_run a = run_of(packed, 0, from_bytes, from_format);
            struct apus_run b = run_of(converted, 0, to_bytes, to_format);
            apus_convert(&a, &b, APUS_NEAREST_EVEN, (size_t)(n * r));
            apus_copy_rows(
                target, (copy_side){converted, to_bytes, n * to_bytes}, n, r, (uint32_t)to_bytes);
        }
    }
}

/// Whether rows are converted in blocks: whole bytes, and not long rows that lie packed.
static bool converts_in_blocks(const mover *m, const transfer_dimension *d0, int64_t columns) {
    enum { COLUMNS_LONG = 128 };
    const transfer *t = m->moved;
    int64_t global = format_nibbles(t->global_format), local = format_nibbles(t->local_format);
    if (t->reduction != 0 || global == 1 || local == 1) return false;
    bool is_packed = d0->global_stride == global / 2 && d0->local_stride == local / 2;
    return !is_packed || columns < COLUMNS_LONG;
}

/// The part of dimensions 0 and 1 that lies in the tensor.
static void move_inside(
    const mover *m, const transfer_dimension *d0, const transfer_dimension *d1, int64_t global,
    int64_t local) {
    int64_t columns = d0->high - d0->low, rows = d1->high - d1->low;
    global += d0->low * d0->global_stride + d1->low * d1->global_stride;
    local += d0->low * d0->local_stride + d1->low * d1->local_stride;
    copy_side far = {m->moved->global + global, d0->global_stride, d1->global_stride};
    copy_side near = {m->moved->local + local, d0->local_stride, d1->local_stride};
    copy_side to = m->moved->is_store ? far : near, from = m->moved->is_store ? near : far;
    if (m->is_copy) {
        apus_copy_rows(to, from, columns, rows, m->element_bytes);
    } else if (converts_in_blocks(m, d0, columns)) {
        convert_block(m, to, from, columns, rows);
    } else {
        for (int64_t i = 0; i < rows; i++) {
            move_row(
                m, global + i * d1->global_stride, d0->global_stride,
                local + i * d1->local_stride, d0->local_stride, columns);
        }
    }
}

static void move_element(const mover *m, int64_t global, int64_t local) {
    if (!m->is_copy) {
        move_row(m, global, 0, local, 0, 1);
    } else if (m->moved->is_store) {
        apus_copy_element(global_at(m, global), local_at(m, local), m->element_bytes);
    } else {
        apus_copy_element(local_at(m, local), global_at(m, global), m->element_bytes);
    }
}

/// A row whose dimension is gathered: element by element, as the table says.
static void gather_row(
    const mover *m, const transfer_dimension *d, int64_t global, int64_t local) {
    const transfer *t = m->moved;
    for (int64_t i = 0; i < d->count; i++) {
        int64_t entry = d->table[i], at = local + i * d->local_stride;
        int64_t from = global + entry * d->global_stride;
        if (entry < 0 || entry >= d->extent) {
            if (!t->is_store) fill_row(m, at, 0, 1);
        } else {
            move_element(m, from, at);
        }
    }
}

/// Whether whole rows that lie packed on both sides are copied.
static bool copies_whole_rows(const mover *m, const transfer_dimension *d0) {
    return m->is_copy && d0->table == NULL && d0->low == 0 && d0->high == d0->count
        && d0->global_stride == m->element_bytes && d0->local_stride == m->element_bytes;
}

/// Rows that a table chooses, each a copy.
static void gather_rows(
    const mover *m, const transfer_dimension *d0, const transfer_dimension *d, int64_t global,
    int64_t local) {
    size_t bytes = (size_t)d0->count * m->element_bytes;
    for (int64_t i = 0; i < d->count; i++) {
        int64_t entry = d->table[i];
        if (entry >= 0 && entry < d->extent) {
            uint8_t *near = local_at(m, local + i * d->local_stride);
            uint8_t *far = global_at(m, global + entry * d->global_stride);
            if (m->moved->is_store) memmove(far, near, bytes); else memmove(near, far, bytes);
        } else if (!m->moved->is_store) {
            fill_row(m, local + i * d->local_stride, d0->local_stride, d0->count);
        }
    }
}

static const transfer_dimension unit_dimension = {.count = 1, .high = 1};

/// Whether the elements that dimensions 0 and 1 write may share bytes, so that their order counts.
static bool may_share_bytes(
    const mover *m, const transfer_dimension *d0, const transfer_dimension *d1) {
    const transfer *t = m->moved;
    uint32_t nibbles = format_nibbles(t->is_store ? t->global_format : t->local_format);
    int64_t size = nibbles == 1 ? 1 : nibbles / 2;
    int64_t stride0 = llabs(t->is_store ? d0->global_stride : d0->local_stride);
    int64_t stride1 = llabs(t->is_store ? d1->global_stride : d1->local_stride);
    if (d1->count == 1) return d0->count > 1 && stride0 < size;
    if (d0->count == 1) return stride1 < size;
    return stride0 <= stride1 ? stride0 < size || stride1 < (d0->count - 1) * stride0 + size
                              : stride1 < size || stride0 < (d1->count - 1) * stride1 + size;
}

/// Dimensions 0 and 1 of the box, neither gathered, element by element.
static void move_in_order(
    const mover *m, const transfer_dimension *d0, const transfer_dimension *d1, int64_t global,
    int64_t local) {
    for (int64_t i = 0; i < d1->count; i++) {
        for (int64_t j = 0; j < d0->count; j++) {
            int64_t at = local + i * d1->local_stride + j * d0->local_stride;
            if (i >= d1->low && i < d1->high && j >= d0->low && j < d0->high) {
                move_element(m, global + i * d1->global_stride + j * d0->global_stride, at);
            } else if (!m->moved->is_store) {
                fill_row(m, at, 0, 1);
            }
        }
    }
}

/// Dimensions 0 and 1 of the box, neither gathered: a frame of fill around what is moved.
static void move_plane(
    const mover *m, const transfer_dimension *d0, const transfer_dimension *d1, int64_t global,
    int64_t local) {
    if (may_share_bytes(m, d0, d1)) {
        move_in_order(m, d0, d1, global, local);
        return;
    }
    if (!m->moved->is_store && (d0->high - d0->low < d0->count || d1->high - d1->low < d1->count)) {
        for (int64_t i = 0; i < d1->count; i++) {
            int64_t row = local + i * d1->local_stride;
            if (i < d1->low || i >= d1->high) {
                fill_row(m, row, d0->local_stride, d0->count);
                continue;
            }
            fill_row(m, row, d0->local_stride, d0->low);
            fill_row(
                m, row + d0->high * d0->local_stride, d0->local_stride, d0->count - d0->high);
        }
    }
    if (d0->high > d0->low && d1->high > d1->low) move_inside(m, d0, d1, global, local);
}

static void move_box(const mover *m, int level, int64_t global, int64_t local) {
    const transfer_dimension *d = &m->moved->dimensions[level];
    if (level == 0) {
        if (d->table != NULL) gather_row(m, d, global, local);
        else move_plane(m, d, &unit_dimension, global, local);
        return;
    }
    if (level == 1 && m->moved->dimensions[0].table == NULL && d->table == NULL) {
        move_plane(m, &m->moved->dimensions[0], d, global, local);
        return;
    }
    if (level == 1 && copies_whole_rows(m, &m->moved->dimensions[0])) {
        gather_rows(m, &m->moved->dimensions[0], d, global, local);
        return;
    }
    for (int64_t i = 0; i < d->count; i++) {
        int64_t at = local + i * d->local_stride;
        int64_t index = d->table == NULL ? i : d->table[i];
        bool inside = d->table == NULL ? i >= d->low && i < d->high
                                       : index >= 0 && index < d->extent;
        if (inside) {
            move_box(m, level - 1, global + index * d->global_stride, at);
        } else if (!m->moved->is_store) {
            fill_box(m, level - 1, at);
        }
    }
}

// Simplifying ------------------------------------------------------------------------------------

/// Rows of 4-bit elements that begin and end at whole bytes on both sides are rows of bytes.
static void move_as_bytes(transfer *t) {
    transfer_dimension *d0 = &t->dimensions[0];
    if (t->global_format != t->local_format || format_nibbles(t->local_format) != 1) return;
    if (t->reduction != 0 || d0->table != NULL) return;
    if (d0->global_stride != 1 || d0->local_stride != 1) return;
    int64_t odd = d0->count | d0->low | d0->high | t->local_offset;
    if (!t->is_outside) odd |= t->global_offset;
    for (int i = 1; i < RANK; i++) {
        odd |= t->dimensions[i].global_stride | t->dimensions[i].local_stride;
    }
    if (odd & 1) return;
    d0->count /= 2, d0->low /= 2, d0->high /= 2;
    for (int i = 1; i < RANK; i++) {
        t->dimensions[i].global_stride /= 2;
        t->dimensions[i].local_stride /= 2;
    }
    t->local_offset /= 2;
    if (!t->is_outside) t->global_offset /= 2;
    t->fill = (t->fill & 15) * 17;
    t->global_format = t->local_format = FORMAT_UINT8;
}

/// Drops dimensions of one position and merges those that follow one another in both memories.
static void simplify(transfer *t) {
    uint32_t rank = 0;
    transfer_dimension *kept = t->dimensions;
    for (uint32_t i = 0; i < RANK; i++) {
        transfer_dimension d = t->dimensions[i];
        if (d.count == 1) {
            // Of a gathered dimension the one entry is known to lie inside.
            if (d.table != NULL) t->global_offset += d.table[0] * d.global_stride;
            continue;
        }
        transfer_dimension *last = rank > 0 ? &kept[rank - 1] : NULL;
        if (last != NULL && d.table == NULL && last->table == NULL && d.low == 0
            && d.high == d.count && last->low == 0 && last->high == last->count
            && d.global_stride == last->global_stride * last->count
            && d.local_stride == last->local_stride * last->count) {
            last->count *= d.count;
            last->high = last->count;
            continue;
        }
        kept[rank++] = d;
    }
    // A gathered dimension 0 keeps its own loop; everything else runs as planes.
    while (rank < 2) kept[rank++] = unit_dimension;
    t->rank = rank;
}

apus_trap_cause apus_execute_transfer(apus_core *core, const uint32_t *words, bool is_store) {
    transfer t;
    apus_trap_cause cause = apus_decode_transfer(core, words, is_store, &t);
    if (cause != APUS_TRAP_NONE || t.elements == 0) return cause;
    uint64_t bytes = (uint64_t)t.elements_inside * format_nibbles(t.global_format) / 2;
    if (is_store) core->counters.bytes_stored += bytes; else core->counters.bytes_loaded += bytes;
    move_as_bytes(&t);
    uint32_t local = format_nibbles(t.local_format);
    mover m = {
        .moved = &t, .core = core, .element_bytes = local / 2,
        .is_copy = t.global_format == t.local_format && local > 1 && t.reduction == 0};
    if (t.is_outside) {
        if (!is_store) fill_box(&m, RANK - 1, 0);
        return APUS_TRAP_NONE;
    }
    simplify(&t);
    move_box(&m, (int)t.rank - 1, t.global_offset, t.local_offset);
    return APUS_TRAP_NONE;
}
