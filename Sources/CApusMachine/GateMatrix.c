// The Matrix engine, cycle by cycle: rtl/matrix, the engine with its gather, lanes and ports. Its
// sequencers (stream, steps, fold, rows) are in GateMatrixSteps.c.
#include "GateMatrix.h"

#include <string.h>

void gate_matrix_reset(gate_matrix *engine, const apus_clock_chip *chip) {
    memset(engine, 0, sizeof *engine);
    engine->rows = chip->matrix_rows;
    engine->columns = chip->matrix_columns;
    engine->ports = chip->matrix_ports;
    engine->lanes = chip->matrix_rows + 2 * chip->matrix_columns;
    engine->state = MATRIX_CLEAR;
}

/// Cycles of the state CHECK: DESCRIPTOR, two for each product, the division of groups, DONE.
static uint64_t check_cycles(const matrix_shape *s) {
    enum { SIZES = 4, OPERANDS = 10, SUMS = 2, DIVIDE = 33 };
    uint64_t products = SIZES, others = 2;
    if (s->m == 0 || s->n == 0) return others + 2 * products;
    if (s->k != 0) {
        products += OPERANDS;
        if (s->scaling != 0) others += DIVIDE;
        products += s->scaling == 1 ? 2 : s->scaling == 2 ? 4 : 0;
    }
    return others + 2 * (products + SUMS);
}

void gate_matrix_begin(gate_matrix *engine) { engine->check_left = check_cycles(&engine->shape); }

uint32_t gate_size_log2(uint32_t format) {
    switch (format_nibbles(format)) {
    case 1: return 0;
    case 2: return 1;
    case 4: return 2;
    default: return 3;
    }
}

static bool is_moving_rows(const gate_matrix *engine) {
    return engine->state == MATRIX_LOADING || engine->state == MATRIX_STORING;
}

// Places of lanes ---------------------------------------------------------------------------------

/// apus_matrix_walk.sv.
static void walk(
    uint32_t *index, uint32_t *inner, uint32_t *outer, uint64_t extent, int64_t inner_stride,
    int64_t outer_stride) {
    if (*index + 1 == extent) {
        *index = 0;
        *inner = 0;
        *outer += (uint32_t)outer_stride;
    } else {
        ++*index;
        *inner += (uint32_t)inner_stride;
    }
}

static void place_lanes(gate_matrix *engine) {
    const matrix_shape *s = &engine->shape;
    uint64_t count = engine->count;
    if (engine->new_row && count < engine->rows) {
        gate_lane *lane = &engine->lane[count];
        lane->exists = (int64_t)count < engine->rows_left;
        lane->place = engine->m_inner + engine->m_outer;
        lane->scale_place = engine->a_scale_place;
        walk(&engine->m_index, &engine->m_inner, &engine->m_outer, s->m0, s->a_stride[0],
             s->a_stride[1]);
        engine->a_scale_place += (uint32_t)s->a_scale_row;
    }
    if (count < 2 * (uint64_t)engine->columns) {
        gate_lane *lane = &engine->lane[engine->rows + count];
        lane->exists = (int64_t)count < engine->columns_left;
        lane->place = engine->n_inner + engine->n_outer;
        lane->scale_place = engine->b_scale_place;
        walk(&engine->n_index, &engine->n_inner, &engine->n_outer, s->n0, s->b_stride[0],
             s->b_stride[1]);
        engine->b_scale_place += 1u << gate_size_log2(s->scale_format);
    }
}

// Fetching ----------------------------------------------------------------------------------------

typedef struct {
    bool wants, has_word, is_first_of_two, raw_valid;
    uint32_t word;
} lane_view;

typedef struct {
    uint32_t a, b, a_size, b_size;
    bool wants, wants_a, is_scale;
} gather_view;

static gather_view gather_of(const gate_matrix *engine) {
    const matrix_shape *s = &engine->shape;
    gather_view view;
    view.is_scale = engine->stream_state == STREAM_SCALES
        || engine->stream_state == STREAM_MINIMUMS;
    view.wants = view.is_scale
        || (engine->stream_state == STREAM_ELEMENTS && !engine->next_full);
    view.wants_a = !view.is_scale || s->scaling == 2;
    view.a_size = gate_size_log2(view.is_scale ? s->scale_format : s->a_format);
    view.b_size = gate_size_log2(view.is_scale ? s->scale_format : s->b_format);
    const uint32_t *a = engine->a_along, *b = engine->b_along;
    uint32_t scales =
        engine->stream_state == STREAM_MINIMUMS ? s->minimums : s->b_scales;
    view.a = view.is_scale ? 2 * s->a_scales + engine->a_group : 2 * s->a + a[0] + a[1] + a[2];
    view.b = view.is_scale ? 2 * scales + engine->b_group : 2 * s->b + b[0] + b[1] + b[2];
    return view;
}

static lane_view lane_of(const gate_matrix *engine, const gather_view *gather, uint32_t i) {
    const gate_lane *lane = &engine->lane[i];
    bool is_a = i < engine->rows;
    uint32_t address = (is_a ? gather->a : gather->b)
        + (gather->is_scale ? lane->scale_place : lane->place);
    uint32_t size = is_a ? gather->a_size : gather->b_size;
    uint32_t more = size == 3 ? 3 : size == 2 ? 1 : 0;
    bool is_split = (address >> 1 & 7) + more > 7;
    lane_view view;
    view.wants = gather->wants && lane->exists && (!is_a || gather->wants_a);
    view.word = ((address >> 4) + lane->is_second) & 0xFFFFFFF;
    view.has_word = lane->tag_valid && lane->tag == view.word;
    view.is_first_of_two = is_split && !lane->is_second;
    view.raw_valid =
        view.wants && !lane->done && view.has_word && !view.is_first_of_two;
    return view;
}

static uint32_t port_of(const gate_matrix *engine, uint32_t lane) {
    return lane / ((engine->lanes + engine->ports - 1) / engine->ports);
}

static void gather_ask(gate_matrix *engine, gate_memory *memory) {
    gather_view gather = gather_of(engine);
    bool all_done = gather.wants;
    uint64_t asking = 0;
    for (uint32_t i = 0; gather.wants && i < engine->lanes; i++) {
        const gate_lane *lane = &engine->lane[i];
        lane_view view = lane_of(engine, &gather, i);
        uint32_t p = port_of(engine, i);
        const gate_matrix_port *port = &engine->port[p];
        bool answered = gate_answered(memory, GATE_PORT_MATRIX + p);
        bool arrives = port->busy && answered && port->index == view.word;
        bool is_missing = view.wants && !lane->done && !view.has_word && !arrives;
        all_done = all_done && (lane->done || view.raw_valid || !view.wants);
        if (is_missing && !(asking >> p & 1) && !port->held) engine->request[p] = view.word;
        if (is_missing) asking |= UINT64_C(1) << p;
    }
    engine->fetched = all_done;
    for (uint32_t p = 0; p < engine->ports; p++) {
        gate_matrix_port *port = &engine->port[p];
        bool answered = gate_answered(memory, GATE_PORT_MATRIX + p);
        bool is_free = !port->busy || answered;
        if (port->held) engine->request[p] = port->held_index;
        engine->missing[p] = port->held || ((asking >> p & 1) && is_free);
        if (!engine->missing[p] || is_moving_rows(engine)) continue;
        gate_ask(memory, GATE_PORT_MATRIX + p, (uint64_t)engine->request[p] << 3, false, false);
    }
}

static void gather_step(gate_matrix *engine, bool forgets, const gate_memory *memory) {
    gather_view gather = gather_of(engine);
    for (uint32_t i = 0; i < engine->lanes; i++) {
        gate_lane *lane = &engine->lane[i];
        if (forgets) lane->tag_valid = false;
        if (!gather.wants) continue;
        lane_view view = lane_of(engine, &gather, i);
        const gate_matrix_port *port = &engine->port[port_of(engine, i)];
        bool answered = gate_answered(memory, GATE_PORT_MATRIX + port_of(engine, i));
        if (view.wants && !lane->done && port->busy && answered && port->index == view.word) {
            lane->tag_valid = true;
            lane->tag = port->index;
        }
        if (engine->fetched) {
            lane->is_second = lane->done = false;
            continue;
        }
        if (view.wants && !lane->done && view.has_word && view.is_first_of_two) {
            lane->is_second = true;
        }
        if (view.raw_valid) lane->done = true;
    }
    for (uint32_t p = 0; p < engine->ports; p++) {
        gate_matrix_port *port = &engine->port[p];
        bool is_moving = is_moving_rows(engine);
        bool granted = gate_granted(memory, GATE_PORT_MATRIX + p) && !is_moving;
        bool answered = gate_answered(memory, GATE_PORT_MATRIX + p);
        bool asks = engine->missing[p];
        port->held = asks && !granted;
        if (asks && granted) port->busy = true;
        else if (answered) port->busy = false;
        if (asks && granted) port->index = engine->request[p];
        if (asks) port->held_index = engine->request[p];
    }
}

// Along k -----------------------------------------------------------------------------------------

/// apus_matrix_depth_walk.sv.
static void depth_step(gate_matrix *engine) {
    const matrix_shape *s = &engine->shape;
    bool wraps_0 = engine->k_index_0 + 1 == s->k0, wraps_1 = engine->k_index_1 + 1 == s->k1;
    int dimension = !wraps_0 ? 0 : !wraps_1 ? 1 : 2;
    for (int d = 0; d < dimension; d++) engine->a_along[d] = engine->b_along[d] = 0;
    engine->a_along[dimension] += (uint32_t)s->a_stride[2 + dimension];
    engine->b_along[dimension] += (uint32_t)s->b_stride[2 + dimension];
    engine->k_index_0 = wraps_0 ? 0 : engine->k_index_0 + 1;
    if (wraps_0) engine->k_index_1 = wraps_1 ? 0 : engine->k_index_1 + 1;
}

static void along_step(gate_matrix *engine, bool stream_start, bool next_group) {
    const matrix_shape *s = &engine->shape;
    bool is_scale = engine->stream_state == STREAM_SCALES
        || engine->stream_state == STREAM_MINIMUMS;
    if (stream_start) {
        engine->k_index_0 = engine->k_index_1 = 0;
        memset(engine->a_along, 0, sizeof engine->a_along);
        memset(engine->b_along, 0, sizeof engine->b_along);
        engine->a_group = engine->b_group = 0;
        return;
    }
    if (engine->fetched && !is_scale) depth_step(engine);
    if (next_group) {
        engine->a_group += 1u << gate_size_log2(s->scale_format);
        engine->b_group += (uint32_t)s->b_scale_row;
    }
}

// The sequence of tiles ---------------------------------------------------------------------------

static void enter_row(gate_matrix *engine) {
    engine->columns_left = (int64_t)engine->shape.n;
    engine->tile_address = engine->row_address;
    engine->new_row = true;
    engine->n_index = engine->n_inner = engine->n_outer = engine->b_scale_place = 0;
}

static uint8_t next_tile(gate_matrix *engine) {
    const matrix_shape *s = &engine->shape;
    int64_t width = 2 * (int64_t)engine->columns, height = engine->rows;
    bool has_column = engine->columns_left > width, has_row = engine->rows_left > height;
    engine->columns_left -= width;
    engine->tile_address += (uint32_t)((s->is_fixed54 ? 8 : 4) * width);
    engine->new_row = false;
    if (has_column) return MATRIX_PLACE;
    if (!has_row) return MATRIX_FINISH;
    engine->rows_left -= height;
    engine->row_address += (uint32_t)(s->row_stride * height);
    return MATRIX_ROW;
}

/// One cycle of the state machine of apus_matrix_engine.sv; true in FINISH.
static bool tile_step(
    gate_matrix *engine, bool has_command, bool rows_done, bool stream_done) {
    const matrix_shape *s = &engine->shape;
    uint64_t placing = 2 * (uint64_t)engine->columns;
    if (engine->rows > placing) placing = engine->rows;
    uint8_t state = engine->state, next = state;
    switch (state) {
    case MATRIX_CLEAR:
        if (engine->count == 2 * (uint64_t)engine->rows + GATE_CLEAR_EXTRA) next = MATRIX_IDLE;
        break;
    case MATRIX_IDLE: if (has_command) next = MATRIX_CHECK; break;
    case MATRIX_CHECK:
        engine->rows_left = (int64_t)s->m;
        engine->row_address = s->accumulators;
        engine->m_index = engine->m_inner = engine->m_outer = engine->a_scale_place = 0;
        if (--engine->check_left != 0) break;
        next = s->m == 0 || s->n == 0 || (s->k == 0 && s->accumulates) ? MATRIX_FINISH : MATRIX_ROW;
        break;
    case MATRIX_ROW: enter_row(engine); next = MATRIX_PLACE; break;
    case MATRIX_PLACE:
        place_lanes(engine);
        if (engine->count == placing - 1) {
            next = s->accumulates || s->scaling == 2 ? MATRIX_LOAD : MATRIX_STREAM;
        }
        break;
    case MATRIX_LOAD: next = MATRIX_LOADING; break;
    case MATRIX_LOADING: if (rows_done) next = MATRIX_STREAM; break;
    case MATRIX_STREAM: next = MATRIX_STREAMING; break;
    case MATRIX_STREAMING: if (stream_done) next = MATRIX_STORE; break;
    case MATRIX_STORE: next = MATRIX_STORING; break;
    case MATRIX_STORING: if (rows_done) next = MATRIX_NEXT; break;
    case MATRIX_NEXT: next = next_tile(engine); break;
    default: next = MATRIX_IDLE; break;
    }
    engine->count = state == MATRIX_CLEAR || state == MATRIX_PLACE ? engine->count + 1 : 0;
    engine->state = next;
    return state == MATRIX_FINISH;
}

void gate_matrix_ask(gate_matrix *engine, gate_memory *memory) {
    engine->fetched = false;
    gather_ask(engine, memory);
    if (is_moving_rows(engine)) gate_rows_ask(engine, memory);
}

bool gate_matrix_step(gate_matrix *engine, bool has_command, const gate_memory *memory) {
    bool phase = engine->phase;
    bool starts_rows = engine->state == MATRIX_LOAD || engine->state == MATRIX_STORE;
    bool is_load = engine->state == MATRIX_LOAD || engine->state == MATRIX_LOADING;
    bool stream_start = engine->state == MATRIX_STREAM;
    bool forgets = engine->state == MATRIX_CHECK;
    bool stream_done = engine->stream_state == STREAM_FINISH;
    bool rows_done = gate_rows_step(engine, starts_rows, is_load, phase, memory);
    bool release = gate_steps_step(engine, phase);
    bool drained = gate_stream_drained(engine);
    bool at_end = engine->stream_state == STREAM_GROUP_END
        || engine->stream_state == STREAM_TILE_END;
    bool fold_start = engine->shape.scaling == 2 && drained && at_end;
    bool next_group = engine->stream_state == STREAM_GROUP_END && drained;
    bool fold_done = gate_fold_step(engine, fold_start, phase);
    gather_step(engine, forgets, memory);
    along_step(engine, stream_start, next_group);
    gate_stream_step(engine, stream_start, release, fold_done);
    engine->phase = !phase;
    return tile_step(engine, has_command, rows_done, stream_done);
}
