// The Matrix engine's sequencers, cycle by cycle: apus_matrix_stream.sv, apus_matrix_steps.sv,
// apus_matrix_fold.sv, apus_matrix_rows.sv.
#include "GateMatrix.h"

// Stream ------------------------------------------------------------------------------------------

bool gate_stream_drained(const gate_matrix *engine) {
    return !engine->next_full && !engine->current_valid && engine->dequantise == 0
        && engine->settle == 0;
}

static uint8_t stream_next(
    const gate_matrix *engine, bool start, bool takes, bool ends_tile, bool ends_group,
    bool fold_done) {
    const matrix_shape *s = &engine->shape;
    bool drained = gate_stream_drained(engine);
    switch (engine->stream_state) {
    case STREAM_IDLE:
        if (!start) return STREAM_IDLE;
        if (s->k == 0) return STREAM_FINISH;
        return s->scaling != 0 ? STREAM_SCALES : STREAM_ELEMENTS;
    case STREAM_SCALES: return engine->fetched ? STREAM_MOVE_SCALES : STREAM_SCALES;
    case STREAM_MOVE_SCALES:
        return s->has_minimums && s->scaling == 1 ? STREAM_MINIMUMS : STREAM_ELEMENTS;
    case STREAM_MINIMUMS: return engine->fetched ? STREAM_MOVE_MINIMUMS : STREAM_MINIMUMS;
    case STREAM_MOVE_MINIMUMS: return STREAM_ELEMENTS;
    case STREAM_ELEMENTS:
        if (takes && ends_tile) return STREAM_TILE_END;
        return takes && ends_group ? STREAM_GROUP_END : STREAM_ELEMENTS;
    case STREAM_GROUP_END:
        if (!drained) return STREAM_GROUP_END;
        return s->scaling == 2 ? STREAM_FOLD : STREAM_SCALES;
    case STREAM_FOLD:
        if (!fold_done) return STREAM_FOLD;
        return engine->k_left == 0 ? STREAM_FINISH : STREAM_SCALES;
    case STREAM_TILE_END:
        if (!drained) return STREAM_TILE_END;
        return s->scaling == 2 ? STREAM_FOLD : STREAM_FINISH;
    default: return STREAM_IDLE;
    }
}

void gate_stream_step(gate_matrix *engine, bool start, bool release, bool fold_done) {
    const matrix_shape *s = &engine->shape;
    bool takes = engine->stream_state == STREAM_ELEMENTS && engine->fetched;
    bool ends_tile = engine->k_left == 1;
    bool ends_group = s->scaling != 0 && engine->group_left == 1;
    bool fills = takes && (!s->is_exact || engine->element == 3 || ends_group || ends_tile);
    bool to_current = engine->next_full && engine->dequantise == 0
        && (!engine->current_valid || release);
    bool dequantises = s->scaling == 1, ends = engine->dequantise == GATE_DEQUANTISE_END;
    uint8_t next = stream_next(engine, start, takes, ends_tile, ends_group, fold_done);

    if (fills) engine->next_full = true;
    else if (to_current) engine->next_full = false;

    if (to_current) engine->current_valid = !dequantises;
    else if (ends) engine->current_valid = true;
    else if (release) engine->current_valid = false;

    if (to_current && dequantises) engine->dequantise = 1;
    else if (ends) engine->dequantise = 0;
    else if (engine->dequantise != 0) engine->dequantise++;

    if (release) engine->settle = GATE_SETTLE;
    else if (engine->settle != 0) engine->settle--;

    if (start) {
        engine->k_left = s->k;
        engine->group_left = s->group;
        engine->element = 0;
    } else if (takes) {
        engine->k_left--;
        engine->group_left = ends_group ? s->group : engine->group_left - 1;
        engine->element = fills ? 0 : engine->element + 1;
    }
    engine->stream_state = next;
}

// Steps and folds ---------------------------------------------------------------------------------

bool gate_steps_step(gate_matrix *engine, bool phase) {
    static const uint8_t first[] = {0, 2, 5};
    bool starts = engine->current_valid && !engine->steps_busy && !phase;
    bool release = engine->steps_busy && phase && engine->pass == 0;
    if (starts) engine->pass = first[engine->shape.passes];
    else if (engine->steps_busy && phase) engine->pass--;
    if (starts) engine->steps_busy = true;
    else if (release) engine->steps_busy = false;
    return release;
}

bool gate_fold_step(gate_matrix *engine, bool start, bool phase) {
    bool shift = engine->fold_active && phase == engine->fold_slot
        && engine->fold_count != engine->rows;
    bool slot_done = engine->fold_count == engine->rows && engine->fold_stages == 0;
    bool done = engine->fold_active && engine->fold_slot && slot_done;
    engine->fold_stages = (engine->fold_stages << 1 | shift) & ((1u << GATE_FOLD_DEPTH) - 1);
    if (start) engine->fold_active = true;
    else if (done) engine->fold_active = false;
    if (start) {
        engine->fold_slot = false;
        engine->fold_count = 0;
    } else if (slot_done && !engine->fold_slot) {
        engine->fold_slot = true;
        engine->fold_count = 0;
    } else if (shift) {
        engine->fold_count++;
    }
    return done;
}

// Rows of accumulators ----------------------------------------------------------------------------

enum { ROWS_IDLE, ROWS_PREPARE, ROWS_FETCH, ROWS_MOVE, ROWS_WRITE };

static uint64_t mask_of(const gate_matrix *engine, uint32_t port) {
    uint64_t mask = 0;
    for (uint32_t c = port; c < engine->columns; c += engine->ports) mask |= UINT64_C(1) << c;
    return mask;
}

static uint64_t existing(const gate_matrix *engine) {
    uint64_t exists = 0;
    if ((int64_t)engine->rows_row >= engine->rows_left) return 0;
    for (uint32_t c = 0; c < engine->columns; c++) {
        int64_t column = c + (engine->rows_slot ? engine->columns : 0);
        if (column < engine->columns_left) exists |= UINT64_C(1) << c;
    }
    return exists;
}

/// The column that a port asks for; 64 if none.
static uint32_t chosen(const gate_matrix *engine, uint32_t port) {
    uint64_t mask = mask_of(engine, port), mine = mask & engine->rows_waiting;
    bool may = engine->rows_state == ROWS_WRITE
        || (engine->rows_state == ROWS_FETCH && (engine->rows_asked & mask) == 0);
    return mine == 0 || !may ? 64 : (uint32_t)__builtin_ctzll(mine);
}

void gate_rows_ask(gate_matrix *engine, gate_memory *memory) {
    uint32_t bytes = engine->shape.is_fixed54 ? 8 : 4;
    for (uint32_t p = 0; p < engine->ports; p++) {
        uint32_t c = chosen(engine, p);
        if (c == 64) continue;
        gate_ask(memory, GATE_PORT_MATRIX + p, engine->rows_address + bytes * c,
                 engine->rows_state == ROWS_WRITE, false);
    }
}

/// Back to the bottom of the tile, or one row up.
static void rows_address_step(gate_matrix *engine, bool start, bool ends_row) {
    const matrix_shape *s = &engine->shape;
    uint32_t bottom = (uint32_t)(s->row_stride * (int64_t)(engine->rows - 1));
    if (start) {
        engine->rows_slot = false;
        engine->rows_row = engine->rows - 1;
        engine->rows_address = engine->tile_address + bottom;
    } else if (ends_row && engine->rows_row == 0) {
        engine->rows_slot = true;
        engine->rows_row = engine->rows - 1;
        engine->rows_address += bottom + (s->is_fixed54 ? 8 : 4) * engine->columns;
    } else if (ends_row) {
        engine->rows_row--;
        engine->rows_address -= (uint32_t)s->row_stride;
    }
}

bool gate_rows_step(
    gate_matrix *engine, bool start, bool is_load, bool phase, const gate_memory *memory) {
    const matrix_shape *s = &engine->shape;
    uint64_t granted = 0, answered = 0, waiting = engine->rows_waiting, asked = engine->rows_asked;
    bool is_active = engine->state == MATRIX_LOADING || engine->state == MATRIX_STORING;
    for (uint32_t p = 0; is_active && p < engine->ports; p++) {
        uint32_t c = chosen(engine, p);
        if (c != 64 && gate_granted(memory, GATE_PORT_MATRIX + p)) granted |= UINT64_C(1) << c;
        if (gate_answered(memory, GATE_PORT_MATRIX + p)) answered |= mask_of(engine, p) & asked;
    }
    bool moves = engine->rows_state == ROWS_MOVE
        && (s->scaling == 2 || phase == engine->rows_slot);
    bool ends_row = false;
    uint8_t state = engine->rows_state, next = state;
    switch (state) {
    case ROWS_IDLE: if (start) next = ROWS_PREPARE; break;
    case ROWS_PREPARE: next = is_load ? ROWS_FETCH : ROWS_MOVE; break;
    case ROWS_FETCH: if (waiting == 0 && asked == 0) next = ROWS_MOVE; break;
    case ROWS_MOVE:
        if (!moves) break;
        ends_row = is_load;
        next = is_load ? ROWS_PREPARE : ROWS_WRITE;
        break;
    default:
        if ((waiting & ~granted) != 0) break;
        ends_row = true;
        next = ROWS_PREPARE;
        break;
    }
    bool done = ends_row && engine->rows_slot && engine->rows_row == 0;
    if (done) next = ROWS_IDLE;
    engine->rows_asked = (asked & ~answered) | (state == ROWS_FETCH ? granted : 0);
    bool begins_row = (state == ROWS_PREPARE && is_load && s->accumulates)
        || (state == ROWS_MOVE && moves && !is_load);
    engine->rows_waiting = waiting & ~granted;
    if (state == ROWS_PREPARE || state == ROWS_MOVE) engine->rows_waiting = 0;
    if (begins_row) engine->rows_waiting = existing(engine);
    rows_address_step(engine, start, ends_row);
    engine->rows_state = next;
    return done;
}
