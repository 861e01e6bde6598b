// The Vector engine, cycle by cycle: apus_vector_engine.sv, apus_vector_check.sv. Its ports are in
// GateVectorPort.c; a micro-program is a count of cycles.
#include "GateVector.h"

#include "ClockVector.h"

enum { PARTIALS = 16 };

// The check ---------------------------------------------------------------------------------------

/// Columns that an operand has, less one.
static int64_t columns_less_one(const vector_shape *s, int operand) {
    if (s->form == SHAPE_REDUCTION && operand == 0) return 0;
    if (s->form == SHAPE_TOPK && operand != 1) return (int64_t)s->top_k - 1;
    return (int64_t)s->columns - 1;
}

/// Half bytes that an operand spans, from the first to behind the last.
static void span_of(const vector_shape *s, int operand, int64_t *low, int64_t *high) {
    int64_t counts[3] = {
        columns_less_one(s, operand), (int64_t)s->rows - 1, (int64_t)s->planes - 1};
    *low = *high = 2 * (int64_t)s->address[operand];
    for (int i = 0; i < 3; i++) {
        int64_t reach = counts[i] * s->stride[operand][i];
        *(reach < 0 ? low : high) += reach;
    }
    *high += format_nibbles(s->format[operand]);
}

static bool is_place(const vector_shape *s, int operand) {
    switch (operand) {
    case 0: return true;
    case 1: return s->has_a;
    case 2: return s->has_b && !s->b_immediate;
    default: return s->form == SHAPE_TOPK || (s->has_c && !s->c_immediate);
    }
}

static bool is_identical(const vector_shape *s, int x, int y) {
    return s->form != SHAPE_TOPK && s->address[x] == s->address[y]
        && format_nibbles(s->format[x]) == format_nibbles(s->format[y])
        && (s->form == SHAPE_REDUCTION || s->columns <= 1 || s->stride[x][0] == s->stride[y][0])
        && (s->rows == 1 || s->stride[x][1] == s->stride[y][1])
        && (s->planes == 1 || s->stride[x][2] == s->stride[y][2]);
}

/// Cycles of the state CHECK: from EARLY to DONE.
static uint64_t check_cycles(const vector_shape *s) {
    enum { EARLY_DONE = 2, SIZES = 3, OPERANDS = 4 * 7, DISTINCT = 2, PAIR = 2, DIVISION = 35 };
    bool is_reduction = s->form == SHAPE_REDUCTION, is_topk = s->form == SHAPE_TOPK;
    if (gate_vector_is_empty(s)) return EARLY_DONE;
    uint64_t cycles = EARLY_DONE + SIZES + OPERANDS + DISTINCT * (1 + is_topk);
    for (int pair = 0; pair < 4; pair++) {
        int x = pair == 3 ? 3 : 0, y = pair == 3 ? 1 : pair + 1;
        bool is_present = s->columns != 0 && (pair == 3 ? is_topk : is_place(s, y));
        cycles += PAIR;
        if (!is_present) continue;
        if (is_identical(s, x, y)) {
            if (is_reduction && pair != 3) cycles += DISTINCT;
            continue;
        }
        int64_t x_low, x_high, y_low, y_high;
        span_of(s, x, &x_low, &x_high);
        span_of(s, y, &y_low, &y_high);
        if (x_high > y_low && y_high > x_low) cycles += DIVISION * (2 * s->planes - 1);
    }
    return cycles;
}

bool gate_vector_is_empty(const vector_shape *s) {
    return s->rows == 0 || s->planes == 0
        || (s->columns == 0 && s->form != SHAPE_REDUCTION)
        || (s->form == SHAPE_TOPK && s->top_k == 0);
}

void gate_vector_begin(gate_vector *engine) {
    engine->state = VECTOR_IDLE;
    engine->check_left = check_cycles(&engine->shape);
}

// The engine --------------------------------------------------------------------------------------

static bool has_result(const vector_shape *s) {
    return s->form == SHAPE_REDUCTION || s->form == SHAPE_TOPK;
}

static uint64_t strip_elements(const gate_vector *engine) {
    return (uint64_t)engine->lanes * CLOCK_BEATS;
}

static uint64_t strip_count(const gate_vector *engine) {
    const vector_shape *s = &engine->shape;
    uint64_t left = s->form == SHAPE_SCAN ? s->rows - engine->row
        : engine->column < s->columns ? s->columns - engine->column : 0;
    return clock_min(left, has_result(s) ? PARTIALS : strip_elements(engine));
}

gate_vector_job gate_vector_job_of(const gate_vector *engine) {
    const vector_shape *s = &engine->shape;
    gate_vector_job job;
    int o = engine->operand;
    job.is_drain = engine->state == VECTOR_STORE || engine->state == VECTOR_STORE_WAIT;
    job.starts = engine->state == VECTOR_FETCH || engine->state == VECTOR_STORE;
    job.is_constant = !job.is_drain
        && ((o == 2 && s->b_immediate) || (o == 3 && s->c_immediate));
    job.count = job.is_drain && has_result(s) ? 1 : engine->count;
    job.base = engine->base[o];
    job.stride = s->stride[o][s->form == SHAPE_SCAN ? 1 : 0];
    job.nibbles = format_nibbles(s->format[o]);
    // Of an immediate the memory's format is the computed one.
    if (job.is_constant) job.nibbles = 8;
    return job;
}

static bool ports_busy(const gate_vector *engine) {
    for (uint32_t p = 0; p < engine->ports; p++) {
        if (engine->port[p].state != PORT_IDLE) return true;
    }
    return false;
}

/// What happens to places at the end of a state.
static void move_bases(gate_vector *engine, bool is_last_row, bool busy) {
    const vector_shape *s = &engine->shape;
    bool is_scan = s->form == SHAPE_SCAN, is_topk = s->form == SHAPE_TOPK;
    for (int o = 0; o < 4; o++) {
        const int64_t *stride = s->stride[o];
        int64_t reach = is_scan && s->is_reverse ? columns_less_one(s, o) * stride[0] : 0;
        int64_t first = engine->row_base[o] + reach;
        int64_t strip = stride[0] * (int64_t)(has_result(s) ? PARTIALS : strip_elements(engine));
        if (is_scan) strip = s->is_reverse ? -stride[0] : stride[0];
        int64_t row = stride[1] * (int64_t)(is_scan ? strip_elements(engine) : 1);
        bool is_result = o == 0 || (o == 3 && is_topk);
        switch (engine->state) {
        case VECTOR_CHECK:
            engine->plane_base[o] = engine->row_base[o] = 2 * (int64_t)s->address[o];
            break;
        case VECTOR_ROW: engine->base[o] = first; break;
        case VECTOR_PASS: if (!(is_topk && is_result)) engine->base[o] = first; break;
        case VECTOR_STORE_WAIT:
            if (is_topk && !busy && engine->operand == o) engine->base[o] += stride[0];
            break;
        case VECTOR_NEXT_STRIP: if (!(has_result(s) && is_result)) engine->base[o] += strip; break;
        case VECTOR_NEXT_ROW:
            if (is_last_row) engine->row_base[o] = engine->plane_base[o] += stride[2];
            else engine->row_base[o] += row;
            break;
        default: break;
        }
    }
}

static void move_counts(gate_vector *engine, bool is_last_row, bool busy, uint64_t advance) {
    const vector_shape *s = &engine->shape;
    switch (engine->state) {
    case VECTOR_CHECK: engine->plane = engine->row = 0; break;
    case VECTOR_ROW: engine->pass = 0; break;
    case VECTOR_PASS: engine->column = 0; break;
    case VECTOR_STRIP: engine->count = strip_count(engine); break;
    case VECTOR_STORE_WAIT: if (!busy && engine->operand == 3) engine->pass++; break;
    case VECTOR_NEXT_STRIP: engine->column += s->form == SHAPE_SCAN ? 1 : engine->count; break;
    case VECTOR_NEXT_ROW:
        engine->row = is_last_row ? 0 : engine->row + advance;
        if (is_last_row) engine->plane++;
        break;
    default: break;
    }
}

static void start_program(gate_vector *engine) {
    const vector_shape *s = &engine->shape;
    const clock_program *program =
        clock_program_of(s->opcode, s->is_floating, (enum clock_phase)engine->phase);
    uint64_t beats = engine->count == 0 ? 1 : (engine->count - 1) / engine->lanes + 1;
    // Without STATE_PROGRAM itself.
    engine->program_left = clock_program_cycles(program, (uint32_t)beats) - 1;
}

static uint8_t after_program(const gate_vector *engine) {
    switch (engine->phase) {
    case PHASE_ROW: return VECTOR_PASS;
    case PHASE_START: return VECTOR_STRIP;
    case PHASE_FINISH: return VECTOR_STORE;
    default: return has_result(&engine->shape) ? VECTOR_NEXT_STRIP : VECTOR_STORE;
    }
}

/// After a strip: its operands, its program, or the row's end.
static uint8_t after_strip(gate_vector *engine, uint8_t *operand) {
    const vector_shape *s = &engine->shape;
    *operand = 1;
    engine->phase = s->is_exclusive ? PHASE_EXCLUSIVE_STEP : PHASE_STEP;
    if (engine->column >= s->columns) {
        engine->phase = PHASE_FINISH;
        return has_result(s) ? VECTOR_PROGRAM : VECTOR_NEXT_ROW;
    }
    return s->has_a ? VECTOR_FETCH : VECTOR_PROGRAM;
}

static uint8_t after_store(const gate_vector *engine, uint8_t *operand) {
    const vector_shape *s = &engine->shape;
    if (s->form == SHAPE_REDUCTION) return VECTOR_NEXT_ROW;
    if (s->form != SHAPE_TOPK) return VECTOR_NEXT_STRIP;
    if (engine->operand == 0) {
        *operand = 3;
        return VECTOR_STORE;
    }
    return engine->pass + 1 >= s->top_k ? VECTOR_NEXT_ROW : VECTOR_PASS;
}

static uint8_t next_state(gate_vector *engine, bool busy, bool is_last, uint8_t *operand) {
    const vector_shape *s = &engine->shape;
    switch (engine->state) {
    case VECTOR_IDLE: return VECTOR_CHECK;
    case VECTOR_CHECK:
        if (--engine->check_left != 0) return VECTOR_CHECK;
        return gate_vector_is_empty(s) ? VECTOR_FINISH : VECTOR_ROW;
    case VECTOR_ROW:
        engine->phase = PHASE_ROW;
        return s->form == SHAPE_TOPK ? VECTOR_PROGRAM : VECTOR_PASS;
    case VECTOR_PASS:
        engine->phase = PHASE_START;
        return has_result(s) || s->form == SHAPE_SCAN ? VECTOR_PROGRAM : VECTOR_STRIP;
    case VECTOR_STRIP: return after_strip(engine, operand);
    case VECTOR_FETCH: return VECTOR_FETCH_WAIT;
    case VECTOR_FETCH_WAIT:
        if (busy) return VECTOR_FETCH_WAIT;
        if ((engine->operand == 1 && s->has_b) || (engine->operand == 2 && s->has_c)) {
            ++*operand;
            return VECTOR_FETCH;
        }
        return VECTOR_PROGRAM;
    case VECTOR_PROGRAM: start_program(engine); return VECTOR_PROGRAM_WAIT;
    case VECTOR_PROGRAM_WAIT:
        if (--engine->program_left != 0) return VECTOR_PROGRAM_WAIT;
        *operand = 0;
        return after_program(engine);
    case VECTOR_STORE: return VECTOR_STORE_WAIT;
    case VECTOR_STORE_WAIT: return busy ? VECTOR_STORE_WAIT : after_store(engine, operand);
    case VECTOR_NEXT_STRIP: return VECTOR_STRIP;
    case VECTOR_NEXT_ROW: return is_last ? VECTOR_FINISH : VECTOR_ROW;
    default: return VECTOR_IDLE;
    }
}

void gate_vector_ask(gate_vector *engine, gate_memory *memory) {
    gate_vector_job job = gate_vector_job_of(engine);
    for (uint32_t p = 0; p < engine->ports; p++) gate_vector_port_ask(engine, p, &job, memory);
}

bool gate_vector_step(gate_vector *engine, const gate_memory *memory) {
    const vector_shape *s = &engine->shape;
    bool busy = ports_busy(engine), is_scan = s->form == SHAPE_SCAN;
    gate_vector_job job = gate_vector_job_of(engine);
    bool is_half_store = job.is_drain && job.nibbles == 1, lower_busy = false;
    for (uint32_t p = 0; p < engine->ports; p++) {
        bool goes = !is_half_store || !lower_busy;
        if (engine->port[p].state != PORT_IDLE) lower_busy = true;
        gate_vector_port_step(engine, p, &job, goes, memory);
    }
    uint64_t rows = clock_min(s->rows - engine->row, strip_elements(engine));
    uint64_t advance = is_scan ? rows : 1;
    bool is_last_row = engine->row + advance >= s->rows;
    bool is_last = is_last_row && engine->plane + 1 >= s->planes;
    bool finishes = engine->state == VECTOR_FINISH;
    uint8_t operand = engine->operand;
    uint8_t next = next_state(engine, busy, is_last, &operand);
    move_bases(engine, is_last_row, busy);
    move_counts(engine, is_last_row, busy, advance);
    engine->operand = operand;
    engine->state = next;
    return finishes;
}
