// Decoding of Load and Store with every check, before the first element moves.
#include "Transfer.h"

typedef __int128 wide;

/// The descriptor and coordinates as they stand in memory.
typedef struct {
    uint64_t base;
    uint32_t gather;
    uint32_t extent[RANK], box[RANK];
    int32_t global_stride[RANK], local_stride[RANK], coordinate[RANK];
    uint32_t local, table;
} fields;

static apus_trap_cause read_fields(
    const apus_core *core, const uint32_t *words, bool is_store, fields *raw, transfer *moved) {
    uint32_t d[32];
    if (words[0] >> 27 != 0) return APUS_TRAP_RESERVED_BITS;
    apus_trap_cause cause = read_descriptor(core, words[2], 32, d);
    if (cause != APUS_TRAP_NONE) return cause;
    uint32_t reserved = d[2] >> 16;
    for (int i = 25; i < 32; i++) reserved |= d[i];
    if (reserved != 0) return APUS_TRAP_RESERVED_BITS;

    raw->base = (uint64_t)d[1] << 32 | d[0];
    moved->global_format = d[2] & 31;
    moved->local_format = d[2] >> 5 & 31;
    raw->gather = d[2] >> 10 & 7;
    moved->reduction = d[2] >> 13 & 7;
    moved->fill = d[3];
    moved->is_store = is_store;
    for (int i = 0; i < RANK; i++) {
        raw->extent[i] = d[4 + i];
        raw->box[i] = d[9 + i];
        raw->global_stride[i] = (int32_t)d[14 + i];
        raw->local_stride[i] = (int32_t)d[19 + i];
    }
    raw->table = d[24];
    raw->local = words[3];
    for (int i = 0; i < 3; i++) raw->coordinate[i] = (int32_t)words[4 + i];
    raw->coordinate[3] = (int16_t)(words[7] & 0xFFFF);
    raw->coordinate[4] = (int16_t)(words[7] >> 16);
    return APUS_TRAP_NONE;
}

static apus_trap_cause check_codes(const fields *raw, const transfer *moved) {
    uint32_t global = moved->global_format, local = moved->local_format;
    if (global >= FORMAT_COUNT || local >= FORMAT_COUNT) return APUS_TRAP_UNKNOWN_CODE;
    if (raw->gather > RANK || moved->reduction > 3) return APUS_TRAP_UNKNOWN_CODE;
    for (int i = 0; i < RANK; i++) {
        if (raw->extent[i] > INT32_MAX || raw->box[i] > INT32_MAX) return APUS_TRAP_BAD_SHAPE;
    }
    if (!moved->is_store && moved->reduction != 0) return APUS_TRAP_UNKNOWN_CODE;
    // The exact accumulators are read by Store, which converts them.
    if (global == FORMAT_FIXED54) return APUS_TRAP_UNSUPPORTED_FORMAT;
    if (local == FORMAT_FIXED54 && !moved->is_store) return APUS_TRAP_UNSUPPORTED_FORMAT;
    if ((global == FORMAT_BITS64) != (local == FORMAT_BITS64)) return APUS_TRAP_UNSUPPORTED_FORMAT;
    if (moved->reduction != 0 && (global == FORMAT_BITS64 || global == FORMAT_E8M0)) {
        return APUS_TRAP_UNSUPPORTED_FORMAT;
    }
    return APUS_TRAP_NONE;
}

/// The byte range that offsets `low ... high` (in the side's unit) of `nibbles`-sized elements
/// touch.
static void byte_range(wide base, wide low, wide high, uint32_t nibbles, wide *first, wide *end) {
    if (nibbles == 1) {
        wide shifted_low = low >> 1, shifted_high = high >> 1;
        *first = base + shifted_low;
        *end = base + shifted_high + 1;
    } else {
        *first = base + low;
        *end = base + high + nibbles / 2;
    }
}

static apus_trap_cause check_local(apus_core *core, const fields *raw, transfer *moved) {
    wide low = 0, high = 0, first, end;
    for (int i = 0; i < RANK; i++) {
        wide reach = (wide)(raw->box[i] - 1) * raw->local_stride[i];
        if (reach < 0) low += reach; else high += reach;
    }
    byte_range(raw->local, low, high, format_nibbles(moved->local_format), &first, &end);
    if (first < 0 || end > UINT32_MAX) return APUS_TRAP_LOCAL_BOUNDS;
    uint8_t *pointer = local_pointer(core, (int64_t)first, (int64_t)end);
    if (pointer == NULL) return APUS_TRAP_LOCAL_BOUNDS;
    moved->local = pointer + (int64_t)((wide)raw->local - first);
    moved->local_offset = 0;
    moved->local_first = pointer;
    moved->local_end = pointer + (int64_t)(end - first);
    return APUS_TRAP_NONE;
}

/// The host address of global bytes `first ..< end`: the program's arena, or one core's scratchpad.
static uint8_t *global_pointer(const apus_core *core, wide first, wide end) {
    wide base = core->global_base;
    if (first >= base && end <= base + core->global_bytes) {
        return core->global + (int64_t)(first - base);
    }
    if (first < 0 || first >> 40 != 1) return NULL;
    uint32_t index = (uint32_t)(first >> 32) & 0xFF, offset = (uint32_t)first;
    if (core->peers == NULL || index >= core->core_count) return NULL;
    const apus_core *peer = core->peers[index];
    return offset + (end - first) <= peer->scratchpad_bytes ? peer->scratchpad + offset : NULL;
}

/// Fills in `low`, `high` and the tables, and finds the smallest and largest global offsets used.
static apus_trap_cause place_in_tensor(
    apus_core *core, const fields *raw, transfer *moved, wide *lowest, wide *highest) {
    *lowest = 0;
    *highest = 0;
    moved->is_outside = false;
    moved->elements_inside = 1;
    for (uint32_t i = 0; i < RANK; i++) {
        transfer_dimension *to = &moved->dimensions[i];
        int64_t count = raw->box[i], coordinate = raw->coordinate[i], extent = raw->extent[i];
        int64_t smallest, largest, inside;
        *to = (transfer_dimension){
            .count = count, .global_stride = raw->global_stride[i],
            .local_stride = raw->local_stride[i], .extent = extent};
        if (raw->gather == i + 1) {
            int64_t first = raw->table + 4 * coordinate;
            const uint8_t *table = local_pointer(core, first, first + 4 * count);
            if (table == NULL) return APUS_TRAP_LOCAL_BOUNDS;
            if (!moved->is_store && table < moved->local_end
                && moved->local_first < table + 4 * count) {
                return APUS_TRAP_OVERLAP;
            }
            to->table = (const table_entry *)table;
            to->high = count;
            smallest = INT64_MAX, largest = -1, inside = 0;
            for (int64_t j = 0; j < count; j++) {
                int64_t entry = to->table[j];
                if (entry < 0 || entry >= extent) continue;
                inside++;
                if (entry < smallest) smallest = entry;
                if (entry > largest) largest = entry;
            }
        } else {
            to->low = coordinate < 0 ? -coordinate : 0;
            to->high = extent - coordinate < count ? extent - coordinate : count;
            if (to->low > count) to->low = count;
            if (to->high < to->low) to->high = to->low;
            inside = to->high - to->low;
            smallest = coordinate + to->low;
            largest = coordinate + to->high - 1;
        }
        moved->elements_inside *= inside;
        if (inside == 0) {
            moved->is_outside = true;
            continue;
        }
        wide a = (wide)smallest * to->global_stride, b = (wide)largest * to->global_stride;
        *lowest += a < b ? a : b;
        *highest += a < b ? b : a;
    }
    return APUS_TRAP_NONE;
}

static apus_trap_cause check_global(apus_core *core, const fields *raw, transfer *moved) {
    wide lowest, highest, first, end;
    apus_trap_cause cause = place_in_tensor(core, raw, moved, &lowest, &highest);
    if (cause != APUS_TRAP_NONE || moved->is_outside) return cause;
    uint32_t nibbles = format_nibbles(moved->global_format);
    byte_range(raw->base, lowest, highest, nibbles, &first, &end);
    moved->global = global_pointer(core, first, end);
    if (moved->global == NULL) return APUS_TRAP_GLOBAL_BOUNDS;

    // From the lowest address used to where position 0 of every dimension would lie.
    wide origin = nibbles == 1 ? -((lowest >> 1) * 2) : -lowest;
    for (int i = 0; i < RANK; i++) {
        if (moved->dimensions[i].table == NULL) {
            origin += (wide)raw->coordinate[i] * raw->global_stride[i];
        }
    }
    moved->global_offset = (int64_t)origin;
    return APUS_TRAP_NONE;
}

apus_trap_cause apus_decode_transfer(
    apus_core *core, const uint32_t *words, bool is_store, transfer *moved) {
    fields raw;
    apus_trap_cause cause = read_fields(core, words, is_store, &raw, moved);
    if (cause != APUS_TRAP_NONE) return cause;
    cause = check_codes(&raw, moved);
    if (cause != APUS_TRAP_NONE) return cause;

    moved->elements = 0;
    for (int i = 0; i < RANK; i++) {
        if (raw.box[i] == 0) return APUS_TRAP_NONE;
    }
    int64_t elements = 1;
    for (int i = 0; i < RANK; i++) {
        if (raw.box[i] > ELEMENTS_MAX / elements) return APUS_TRAP_BAD_SHAPE;
        elements *= raw.box[i];
    }
    cause = check_local(core, &raw, moved);
    if (cause != APUS_TRAP_NONE) return cause;
    moved->rank = RANK;
    cause = check_global(core, &raw, moved);
    if (cause == APUS_TRAP_NONE) moved->elements = elements;
    return cause;
}
