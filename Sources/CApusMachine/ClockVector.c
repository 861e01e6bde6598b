// The Vector engine of the cycle simulator, in closed form: apus_vector_engine.sv.
//
//     strip = fetch of each operand + program + store
//
// Where strips overlap, the longest of the three counts, and a strip takes as many rows as the
// lanes have room for: docs/decisions/wide-cores.md.
#include "Clock.h"
#include "ClockVector.h"
#include "Engines.h"

enum {
    // apus_vector_check.sv: EARLY to DONE for four operands, without divisions.
    VECTOR_CHECK = 46,
    // ROW, PASS, NEXT_ROW.
    VECTOR_ROW = 3,
    // STRIP, NEXT_STRIP.
    VECTOR_STRIP = 2,
    // apus_vector_port.sv: FETCH, the port's start, SETTLE with the converter's two.
    VECTOR_FILL = 6,
    // LOW, LOW_WAIT and the memory's two cycles.
    VECTOR_WORD = 4,
    VECTOR_DRAIN = 6,
    VECTOR_PARTIALS = 16,
};

const clock_program clock_programs[] = {
#include "ClockPrograms.inc"
};

static const clock_program no_program = {0, 0, 0, 0, {0, 0, 0, 0, 0}, 0, 0};

const clock_program *clock_program_of(uint32_t opcode, bool is_floating, enum clock_phase phase) {
    uint32_t key = opcode << 4 | (is_floating ? 8 : 0) | phase;
    uint32_t low = 0, high = sizeof clock_programs / sizeof *clock_programs;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (clock_programs[middle].key < key) low = middle + 1;
        else high = middle;
    }
    bool is_there = low < sizeof clock_programs / sizeof *clock_programs
        && clock_programs[low].key == key;
    return is_there ? &clock_programs[low] : &no_program;
}

uint64_t clock_program_cycles(const clock_program *program, uint32_t beats) {
    uint64_t steps = program->multiply_adds + program->bits + program->shared;
    // PROGRAM, the sequencer's FETCH, the last turn of `end`.
    uint64_t cycles = 2 + CLOCK_BEATS * (steps + 1) + program->turns + program->returns;
    for (int i = 0; i < CLOCK_DIVISIONS; i++) {
        cycles += program->divisions[i] * (CLOCK_BEATS + beats * clock_division_cycles[i]);
    }
    return cycles;
}

static void count_program(
    const clock_program *program, uint64_t elements, apus_clock_activity *activity) {
    activity->lane_steps[0] += program->multiply_adds * elements;
    activity->lane_steps[1] += program->bits * elements;
    activity->lane_steps[2] += program->shared * elements;
    for (int i = 0; i < CLOCK_DIVISIONS; i++) {
        activity->lane_steps[3] += program->divisions[i] * elements;
    }
}

/// What goes through the lanes together: pieces of one row, or of several.
typedef struct {
    uint64_t columns, rows;
} vector_strip;

/// Words of 64 bits that a strip's elements of an operand lie in.
static uint64_t words_of(const vector_shape *s, int operand, vector_strip strip) {
    bool by_row = s->form == SHAPE_SCAN;
    if (strip.columns == 1 && strip.rows > 1) {
        // Elements that are alone in their rows lie along the rows' stride.
        by_row = true;
        strip = (vector_strip){.columns = strip.rows, .rows = 1};
    }
    int64_t stride = s->stride[operand][by_row ? 1 : 0];
    uint64_t distance = (uint64_t)(stride < 0 ? -stride : stride);
    if (distance == 0) return strip.rows;
    uint64_t each = distance >= 16 ? strip.columns : clock_divide(strip.columns * distance, 16);
    return strip.rows * each;
}

/// Cycles of a fill or a drain of `count` elements that lie in `words` words.
static uint64_t move_cycles(const apus_clock_chip *chip, uint64_t count, uint64_t words) {
    uint64_t ports = chip->vector_ports;
    if (chip->vector_overlaps) return clock_divide(words, ports);
    uint64_t each = clock_divide(count, ports);
    return VECTOR_FILL + each + VECTOR_WORD * clock_divide(words, ports);
}

static bool is_in_accumulators(const vector_shape *s, int operand) {
    return s->address[operand] >= ACCUMULATOR_BASE;
}

/// Fetching of a strip's operands, in cycles; adds words to `words`.
static uint64_t fetch_cycles(
    const apus_clock_chip *chip, const vector_shape *s, vector_strip strip, uint64_t times,
    apus_clock_activity *activity, uint64_t *words) {
    uint64_t cycles = 0, count = strip.columns * strip.rows;
    bool present[VECTOR_OPERANDS] = {false, s->has_a, s->has_b, s->has_c};
    bool constant[VECTOR_OPERANDS] = {false, false, s->b_immediate, s->c_immediate};
    for (int o = 1; o < VECTOR_OPERANDS; o++) {
        if (!present[o]) continue;
        uint64_t read = constant[o] ? 0 : words_of(s, o, strip);
        if (!constant[o] || !chip->vector_overlaps) cycles += move_cycles(chip, count, read);
        if (constant[o]) continue;
        *words += read * times;
        *(is_in_accumulators(s, o) ? &activity->accumulator_read : &activity->scratchpad_read) +=
            8 * read * times;
        uint32_t computed = s->is_floating ? FORMAT_FP32 : FORMAT_INT32;
        if (s->format[o] != computed) activity->conversions += count * times;
    }
    return cycles;
}

static uint64_t store_cycles(
    const apus_clock_chip *chip, const vector_shape *s, vector_strip strip, uint64_t times,
    apus_clock_activity *activity, uint64_t *words) {
    uint64_t count = strip.columns * strip.rows, written = words_of(s, 0, strip);
    *words += written * times;
    uint64_t bytes = clock_divide(count * times * format_nibbles(s->format[0]), 2);
    *(is_in_accumulators(s, 0) ? &activity->accumulator_written : &activity->scratchpad_written) +=
        bytes;
    if (s->format[0] != (s->is_floating ? FORMAT_FP32 : FORMAT_INT32)) {
        activity->conversions += count * times;
    }
    if (chip->vector_overlaps) return clock_divide(written, chip->vector_ports);
    return VECTOR_DRAIN + clock_divide(count, chip->vector_ports)
        + clock_divide(written, chip->vector_ports);
}

/// Strips of one shape, `times` of them.
static uint64_t strip_cycles(
    const apus_clock_chip *chip, const vector_shape *s, vector_strip strip, uint64_t times,
    apus_clock_activity *activity, uint64_t *words) {
    uint64_t count = strip.columns * strip.rows;
    if (count == 0 || times == 0) return 0;
    bool has_result = s->form == SHAPE_REDUCTION || s->form == SHAPE_TOPK;
    enum clock_phase phase = s->is_exclusive ? PHASE_EXCLUSIVE_STEP : PHASE_STEP;
    const clock_program *program = clock_program_of(s->opcode, s->is_floating, phase);
    uint32_t beats = (uint32_t)clock_divide(count, chip->vector_lanes);
    uint64_t fetch = fetch_cycles(chip, s, strip, times, activity, words);
    uint64_t compute = clock_program_cycles(program, beats);
    uint64_t store = has_result ? 0 : store_cycles(chip, s, strip, times, activity, words);
    count_program(program, count * times, activity);
    if (chip->vector_overlaps) {
        uint64_t moves = fetch + store;
        return times * clock_max(clock_max(moves, compute - CLOCK_BEATS), 1);
    }
    return times * (VECTOR_STRIP + fetch + compute + store);
}

/// What a row, several of them `together`, or a group of a scan's rows, adds to its strips.
static uint64_t row_cycles(
    const apus_clock_chip *chip, const vector_shape *s, uint64_t times, uint64_t together,
    apus_clock_activity *activity, uint64_t *words) {
    uint64_t cycles = VECTOR_ROW;
    if (s->form != SHAPE_REDUCTION && s->form != SHAPE_SCAN && s->form != SHAPE_TOPK) {
        return cycles * times;
    }
    static const enum clock_phase phases[] = {PHASE_ROW, PHASE_START, PHASE_FINISH};
    for (int i = 0; i < 3; i++) {
        const clock_program *program = clock_program_of(s->opcode, s->is_floating, phases[i]);
        if (program->key == 0) continue;
        cycles += clock_program_cycles(program, 2);
        count_program(program, VECTOR_PARTIALS * together * times, activity);
    }
    // Results of rows lie along the rows' stride, one word each at most.
    vector_strip results = {.columns = 1, .rows = together};
    if (s->form != SHAPE_SCAN) cycles += store_cycles(chip, s, results, times, activity, words);
    return cycles * times;
}

uint64_t clock_vector_check(void) { return VECTOR_CHECK; }

uint64_t clock_vector_cycles(
    const apus_clock_chip *chip, const vector_shape *s, apus_clock_activity *activity,
    uint64_t *local_words) {
    uint64_t cycles = VECTOR_CHECK, words = 0;
    if (s->rows == 0 || s->planes == 0 || (s->columns == 0 && s->form != SHAPE_REDUCTION)) return 4;
    uint64_t strip = (uint64_t)chip->vector_lanes * CLOCK_BEATS, length = s->columns;
    uint64_t rows = s->rows * s->planes, passes = s->form == SHAPE_TOPK ? s->top_k : 1;
    if (s->form == SHAPE_REDUCTION || s->form == SHAPE_TOPK) strip = VECTOR_PARTIALS;
    if (s->form == SHAPE_SCAN) {
        // A group of rows walks its columns together.
        length = s->rows;
        rows = s->planes;
        passes = s->columns;
    }
    uint64_t room = (uint64_t)chip->vector_lanes * CLOCK_BEATS, together = 1;
    if (chip->vector_overlaps && s->form != SHAPE_SCAN) {
        uint64_t taken = clock_min(length, strip);
        together = clock_min(clock_max(room / clock_max(taken, 1), 1), rows);
        rows = clock_divide(rows, together);
    }
    const vector_strip whole = {.columns = strip, .rows = together};
    const vector_strip last = {.columns = length % strip, .rows = together};
    cycles += strip_cycles(chip, s, whole, length / strip * rows * passes, activity, &words);
    cycles += strip_cycles(chip, s, last, rows * passes, activity, &words);
    uint64_t groups = s->form == SHAPE_SCAN ? rows * clock_divide(length, strip) : rows;
    if (s->form == SHAPE_TOPK) groups *= passes;
    cycles += row_cycles(chip, s, groups, together, activity, &words);
    *local_words = words;
    return cycles;
}
