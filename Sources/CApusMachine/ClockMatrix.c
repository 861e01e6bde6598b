// The Matrix engine of the cycle simulator, in closed form: apus_matrix_engine.sv.
//
//     tile = placing + loading + max(steps, fetching) + storing
//
// Where rows overlap, a tile's accumulators move while the next tile is multiplied.
#include "Clock.h"
#include "Engines.h"

enum {
    // apus_matrix_check.sv, without and with scales.
    MATRIX_CHECK = 48,
    MATRIX_CHECK_SCALES = 90,
    // ROW, NEXT, the stream's start and end with its SETTLE.
    MATRIX_TILE = 12,
    MATRIX_LANES = 4,
    // apus_matrix_stream.sv: DEQUANTISE_END and the moves around it.
    MATRIX_DEQUANTISE = 6,
    // apus_matrix_stream.sv: the end of a group, SETTLE, the moves of scales.
    MATRIX_GROUP = 8,
    // apus_matrix_fold.sv.
    MATRIX_FOLD = 20,
    MATRIX_FOLD_ROW = 4,
    // apus_matrix_rows.sv: PREPARE, MOVE, WRITE.
    MATRIX_ROW = 3,
    // apus_matrix_port.sv: a read when the answer before it has come, and the lanes' turn.
    MATRIX_READ = 2,
    MATRIX_SET = 2,
};

/// Words a lane's operand needs for each k, times 256, and how many lanes share them.
static uint64_t words_q8(
    uint64_t lanes, uint64_t nibbles, int64_t across, int64_t along, uint64_t depth) {
    if (depth <= 1) along = 16;
    uint64_t step = (uint64_t)(along < 0 ? -along : along);
    uint64_t side = (uint64_t)(across < 0 ? -across : across);
    // A word serves the elements along k that lie in it, and the lanes whose elements do.
    uint64_t each = step >= 16 ? 256 : step * 16;
    if (step == 0) each = 1;
    if (side == 0) return each;
    if (side < 16 && step >= 16) return clock_divide(lanes * clock_max(side, nibbles) * 256, 16);
    return lanes * each;
}

/// The share of sets along k whose words are new, times 256.
static uint64_t set_q8(const matrix_shape *s) {
    uint64_t a = (uint64_t)(s->a_stride[2] < 0 ? -s->a_stride[2] : s->a_stride[2]);
    uint64_t b = (uint64_t)(s->b_stride[2] < 0 ? -s->b_stride[2] : s->b_stride[2]);
    return 16 * clock_min(clock_max(a, b), 16);
}

static void count_activity(
    const matrix_shape *s, uint64_t words, apus_clock_activity *activity) {
    uint64_t products = s->m * s->n * s->k * (s->passes == 2 ? 6 : s->passes == 1 ? 3 : 1);
    activity->multiply_adds[s->passes][s->a_format][s->b_format] += products;
    activity->scratchpad_read += 8 * words;
    uint64_t sums = s->m * s->n * (s->is_fixed54 ? 8 : 4);
    activity->accumulator_written += sums;
    if (s->accumulates) activity->accumulator_read += sums;
    if (s->scaling == 1) activity->dequantised += s->n * s->k;
    if (s->scaling == 2) activity->folded += s->m * s->n * clock_divide(s->k, s->group);
}

/// What scales add to the cycles of a tile: the gates stop at a group's end, fetch, and fold.
static uint64_t scaled_cycles(
    const apus_clock_chip *chip, const matrix_shape *s, uint64_t rows, uint64_t columns,
    uint64_t cycles, uint64_t *read) {
    uint64_t groups = clock_divide(s->k, s->group);
    uint64_t scales = columns * (s->has_minimums ? 2 : 1) + (s->scaling == 2 ? rows : 0);
    *read += groups * scales;
    if (chip->matrix_fetch_pipelined) {
        uint64_t fetch = clock_divide(*read, chip->matrix_ports);
        // A group's sums leave, a row of each slot at a time, while the next group is multiplied.
        uint64_t folds = s->scaling == 2 ? 2 * groups * rows + MATRIX_FOLD : 0;
        return clock_max(clock_max(cycles, fetch), folds);
    }
    cycles += groups * (MATRIX_READ * clock_divide(scales, chip->matrix_ports) + MATRIX_GROUP);
    if (s->scaling == 1) cycles += MATRIX_DEQUANTISE * s->k;
    if (s->scaling == 2) cycles += groups * (MATRIX_FOLD_ROW * chip->matrix_rows + MATRIX_FOLD);
    return cycles;
}

/// Cycles along k of a tile of `rows` × `columns`, and the words it reads.
static uint64_t stream_cycles(
    const apus_clock_chip *chip, const matrix_shape *s, uint64_t rows, uint64_t columns,
    uint64_t *words) {
    if (s->k == 0) return 1;
    uint64_t per_pass = s->passes == 2 ? 12 : s->passes == 1 ? 6 : 2;
    uint64_t steps = s->is_exact ? clock_divide(s->k, MATRIX_LANES) : s->k;
    uint64_t compute = steps * per_pass;
    uint64_t read_q8 =
        words_q8(rows, format_nibbles(s->a_format), s->a_stride[0], s->a_stride[2], s->k0)
        + words_q8(columns, format_nibbles(s->b_format), s->b_stride[0], s->b_stride[2], s->k0);
    uint64_t read = clock_divide(read_q8 * s->k, 256);
    uint64_t cycles = clock_max(compute, clock_divide(read, chip->matrix_ports));
    if (!chip->matrix_fetch_pipelined) {
        // Sets of elements whose words are new, and the others, one after another.
        uint64_t sets = clock_max(clock_divide(s->k * set_q8(s), 256), 1);
        uint64_t words_a_set = clock_divide(clock_divide(read, sets), chip->matrix_ports);
        uint64_t step = s->is_exact ? 1 : per_pass;
        cycles = sets * clock_max(MATRIX_READ * words_a_set + MATRIX_SET, step)
            + (s->k - sets) * step;
        cycles = clock_max(cycles, compute);
    }
    if (s->scaling != 0) cycles = scaled_cycles(chip, s, rows, columns, cycles, &read);
    *words += read;
    return cycles;
}

uint64_t clock_matrix_check(const matrix_shape *s) {
    return s->scaling != 0 ? MATRIX_CHECK_SCALES : MATRIX_CHECK;
}

/// Cycles in which a tile's accumulators move.
static uint64_t moving_cycles(const apus_clock_chip *chip, const matrix_shape *s) {
    // The gates move all rows of the array, three states and its words each; a design that overlaps
    // them those that exist, word after word.
    uint64_t row = clock_divide(chip->matrix_columns, chip->matrix_ports);
    uint64_t moved = chip->matrix_rows;
    if (chip->matrix_rows_overlap) moved = clock_min(s->m, moved);
    else row += MATRIX_ROW;
    uint64_t ways = s->accumulates || s->scaling == 2 ? 2 : 1;
    return ways * 2 * moved * row;
}

uint64_t clock_matrix_tail(const apus_clock_chip *chip, const matrix_shape *s) {
    bool is_one = s->m <= chip->matrix_rows && s->n <= 2 * (uint64_t)chip->matrix_columns;
    if (!chip->matrix_rows_overlap || is_one) return 0;
    return moving_cycles(chip, s);
}

uint64_t clock_matrix_cycles(
    const apus_clock_chip *chip, const matrix_shape *s, apus_clock_activity *activity,
    uint64_t *local_words) {
    uint64_t cycles = clock_matrix_check(s);
    if (s->m == 0 || s->n == 0 || (s->k == 0 && s->accumulates)) return cycles;
    const uint64_t height = chip->matrix_rows, width = 2 * (uint64_t)chip->matrix_columns;
    uint64_t row_tiles = clock_divide(s->m, height), column_tiles = clock_divide(s->n, width);
    uint64_t words = 0, moves = moving_cycles(chip, s);
    // Full tiles, and those at the right, at the bottom, in the corner.
    for (int bottom = 0; bottom < 2; bottom++) {
        for (int right = 0; right < 2; right++) {
            uint64_t count = (bottom ? 1 : row_tiles - 1) * (right ? 1 : column_tiles - 1);
            if (count == 0) continue;
            uint64_t rows = bottom ? s->m - height * (row_tiles - 1) : height;
            uint64_t columns = right ? s->n - width * (column_tiles - 1) : width;
            uint64_t read = 0, along = stream_cycles(chip, s, rows, columns, &read);
            uint64_t tile = chip->matrix_rows_overlap ? clock_max(along, moves + width)
                                                      : along + moves + width;
            cycles += count * (tile + MATRIX_TILE);
            words += count * read;
        }
    }
    if (chip->matrix_rows_overlap) cycles += moves;
    count_activity(s, words, activity);
    *local_words = words;
    return cycles;
}
