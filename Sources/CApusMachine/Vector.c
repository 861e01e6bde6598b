// The Vector engine: rows brought to FP32 or INT32, computed by ApusNumerics, and put back. Rows
// that are already so are used in place; tiles whose rows follow one another run as one long row.
#include "Vector.h"

#include "CApusNumerics.h"
#include "RowCopy.h"

enum { CHUNK = 2048, RESULTS_MAX = 256 };

typedef union {
    float f[CHUNK];
    int32_t i[CHUNK];
} row_buffer;

typedef union {
    const float *f;
    const int32_t *i;
    void *any;
} row_pointer;

/// Offset of an element row, in bytes, or in elements for 4-bit formats.
static int64_t row_offset(const vector_operand *o, int64_t plane, int64_t row) {
    return plane * o->plane_stride + row * o->row_stride;
}

static struct apus_run run_at(const vector_operand *o, int64_t offset) {
    return (struct apus_run){o->base, offset, o->column_stride, (int)o->format};
}

static bool is_aligned(const vector_operand *o, int64_t offset) {
    return (((uintptr_t)o->base + (uintptr_t)offset) & 3) == 0;
}

/// Whether the row at `offset` can be read or written where it lies.
static bool is_in_place(const vector_operand *o, int64_t offset, uint32_t format) {
    return o->format == format && o->column_stride == 4 && is_aligned(o, offset);
}

/// `n` elements of a source from column `column` on, as FP32 or INT32.
static row_pointer fetch(
    const vector_operand *o, int64_t offset, int64_t column, size_t n, uint32_t format,
    void *buffer) {
    offset += column * o->column_stride;
    if (is_in_place(o, offset, format)) return (row_pointer){.any = o->base + offset};
    if (o->format == format) {
        copy_side from = {o->base + offset, o->column_stride, 0};
        apus_copy_rows((copy_side){buffer, 4, 0}, from, (int64_t)n, 1, 4);
    } else {
        struct apus_run from = run_at(o, offset);
        struct apus_run to = {buffer, 0, 4, (int)format};
        apus_convert(&from, &to, APUS_NEAREST_EVEN, n);
    }
    return (row_pointer){.any = buffer};
}

/// Puts `n` results, `stride` bytes apart, into d at `offset`, `d_stride` apart; `stride` 0 repeats
/// the first.
static void deliver_strided(
    const vector_command *c, const void *results, int64_t stride, int64_t offset, int64_t d_stride,
    size_t n) {
    const vector_operand *d = &c->operands[OPERAND_D];
    if (d->format == c->result_format) {
        copy_side from = {(uint8_t *)results, stride, 0};
        apus_copy_rows((copy_side){d->base + offset, d_stride, 0}, from, (int64_t)n, 1, 4);
        return;
    }
    struct apus_run from = {(void *)results, 0, stride, (int)c->result_format};
    struct apus_run to = {d->base, offset, d_stride, (int)d->format};
    apus_convert(&from, &to, c->rounding, n);
}

/// Puts `n` results into a row of d from column `column` on.
static void deliver(
    const vector_command *c, const void *results, int64_t stride, int64_t offset, int64_t column,
    size_t n) {
    int64_t step = c->operands[OPERAND_D].column_stride;
    deliver_strided(c, results, stride, offset + column * step, step, n);
}

// Elementwise ------------------------------------------------------------------------------------

static void compute(
    const vector_command *c, const row_pointer *s, void *result, size_t n, int scalars) {
    if (c->is_floating) {
        switch (c->form) {
        case FORM_UNARY: apus_unary_f32(c->function, s[0].f, result, n); break;
        case FORM_BINARY:
            apus_binary_f32(c->function, s[0].f, s[1].f, result, n, scalars);
            break;
        default: apus_ternary_f32(c->function, s[0].f, s[1].f, s[2].f, result, n, scalars);
        }
    } else {
        switch (c->form) {
        case FORM_UNARY: apus_unary_i32(c->function, s[0].i, result, n); break;
        case FORM_BINARY:
            apus_binary_i32(c->function, s[0].i, s[1].i, result, n, scalars);
            break;
        default: apus_ternary_i32(c->function, s[0].i, s[1].i, s[2].i, result, n, scalars);
        }
    }
}

/// How a source of an elementwise command comes to the function.
typedef enum {
    /// One value for the whole command.
    SOURCE_IMMEDIATE,
    /// One value for each row, where it lies, or to be converted.
    SOURCE_SCALAR, SOURCE_CONVERTED_SCALAR,
    /// A row where it lies, or to be converted.
    SOURCE_ROW, SOURCE_CONVERTED_ROW,
} source_kind;

/// An elementwise command and what is the same for all of its rows.
typedef struct {
    const vector_command *command;
    int sources;
    uint32_t compute_format;
    source_kind kinds[3];
    /// The OR of `apus_scalar_operands`.
    int scalars;
    bool is_d_in_place;
    /// Every operand is used where it lies: nothing is converted or copied.
    bool is_direct;
    row_buffer buffers[3], result;
} elementwise;

/// Whether every row of the operand is aligned.
static bool rows_are_aligned(const vector_operand *o) {
    uintptr_t low = (uintptr_t)o->base | (uintptr_t)o->row_stride | (uintptr_t)o->plane_stride;
    return (low & 3) == 0;
}

static source_kind kind_of(const vector_operand *o, uint32_t format) {
    if (o->is_immediate) return SOURCE_IMMEDIATE;
    bool is_ready = o->format == format && rows_are_aligned(o);
    if (o->column_stride == 0) return is_ready ? SOURCE_SCALAR : SOURCE_CONVERTED_SCALAR;
    return is_ready && o->column_stride == 4 ? SOURCE_ROW : SOURCE_CONVERTED_ROW;
}

static void plan(elementwise *e, const vector_command *c) {
    const vector_operand *d = &c->operands[OPERAND_D];
    e->command = c;
    e->sources = c->form == FORM_UNARY ? 1 : c->form == FORM_BINARY ? 2 : 3;
    e->compute_format = c->is_floating ? FORMAT_FP32 : FORMAT_INT32;
    e->scalars = 0;
    e->is_d_in_place =
        d->format == c->result_format && d->column_stride == 4 && rows_are_aligned(d);
    e->is_direct = e->is_d_in_place;
    for (int i = 0; i < e->sources; i++) {
        source_kind kind = kind_of(&c->operands[OPERAND_A + i], e->compute_format);
        e->kinds[i] = kind;
        if (kind < SOURCE_ROW) e->scalars |= 1 << i;
        if (kind == SOURCE_CONVERTED_ROW || kind == SOURCE_CONVERTED_SCALAR) e->is_direct = false;
    }
    if (e->scalars == (1 << e->sources) - 1) e->is_direct = false;
}

/// A row of a direct command.
static void direct_row(const elementwise *e, int64_t plane, int64_t row) {
    const vector_command *c = e->command;
    row_pointer sources[3];
    for (int i = 0; i < e->sources; i++) {
        const vector_operand *o = &c->operands[OPERAND_A + i];
        sources[i].any = e->kinds[i] == SOURCE_IMMEDIATE ? (void *)&o->immediate
                                                         : o->base + row_offset(o, plane, row);
    }
    const vector_operand *d = &c->operands[OPERAND_D];
    uint8_t *result = d->base + row_offset(d, plane, row);
    compute(c, sources, result, (size_t)c->columns, e->scalars);
}

/// A row of which something is converted, in chunks that the buffers hold.
static void converted_row(elementwise *e, int64_t plane, int64_t row) {
    const vector_command *c = e->command;
    const vector_operand *d = &c->operands[OPERAND_D];
    int64_t d_offset = row_offset(d, plane, row), offsets[3];
    row_pointer sources[3];
    for (int i = 0; i < e->sources; i++) {
        const vector_operand *o = &c->operands[OPERAND_A + i];
        offsets[i] = row_offset(o, plane, row);
        if (e->kinds[i] == SOURCE_IMMEDIATE) {
            sources[i].any = (void *)&o->immediate;
        } else if (e->kinds[i] == SOURCE_SCALAR) {
            sources[i].any = o->base + offsets[i];
        } else if (e->kinds[i] == SOURCE_CONVERTED_SCALAR) {
            sources[i] = fetch(o, offsets[i], 0, 1, e->compute_format, &e->buffers[i]);
        }
    }
    if (e->scalars == (1 << e->sources) - 1) {
        compute(c, sources, &e->result, 1, e->scalars);
        deliver(c, &e->result, 0, d_offset, 0, (size_t)c->columns);
        return;
    }
    for (int64_t at = 0; at < c->columns; at += CHUNK) {
        size_t n = (size_t)(c->columns - at < CHUNK ? c->columns - at : CHUNK);
        for (int i = 0; i < e->sources; i++) {
            if (e->scalars >> i & 1) continue;
            sources[i] = fetch(
                &c->operands[OPERAND_A + i], offsets[i], at, n, e->compute_format,
                &e->buffers[i]);
        }
        void *result = e->is_d_in_place ? d->base + d_offset + 4 * at : (void *)&e->result;
        compute(c, sources, result, n, e->scalars);
        if (!e->is_d_in_place) deliver(c, &e->result, 4, d_offset, at, n);
    }
}

/// A copy between different formats needs no stop at FP32 when the value passes through unrounded.
static bool is_plain_conversion(const vector_command *c) {
    uint32_t a = c->operands[OPERAND_A].format;
    return c->form == FORM_UNARY && c->function == APUS_COPY && a != FORMAT_FIXED54
        && a != c->operands[OPERAND_D].format;
}

/// The row of a copy that only converts.
static void converting_copy_row(const vector_command *c, int64_t plane, int64_t row) {
    const vector_operand *d = &c->operands[OPERAND_D], *a = &c->operands[OPERAND_A];
    struct apus_run from = run_at(a, row_offset(a, plane, row));
    struct apus_run to = run_at(d, row_offset(d, plane, row));
    apus_convert(&from, &to, c->rounding, (size_t)c->columns);
}

static void run_elementwise(const vector_command *c) {
    elementwise e;
    plan(&e, c);
    bool converts = is_plain_conversion(c);
    for (int64_t plane = 0; plane < c->planes; plane++) {
        for (int64_t row = 0; row < c->rows; row++) {
            if (e.is_direct) direct_row(&e, plane, row);
            else if (converts) converting_copy_row(c, plane, row);
            else converted_row(&e, plane, row);
        }
    }
}

// Along the columns ------------------------------------------------------------------------------

/// A whole row of a, in the compute format; `buffer` holds a row.
static row_pointer fetch_row(const vector_command *c, int64_t plane, int64_t row, void *buffer) {
    const vector_operand *a = &c->operands[OPERAND_A];
    uint32_t format = c->is_floating ? FORMAT_FP32 : FORMAT_INT32;
    return fetch(a, row_offset(a, plane, row), 0, (size_t)c->columns, format, buffer);
}

static void reduce_row(const vector_command *c, row_pointer a, void *result) {
    size_t n = (size_t)c->columns;
    bool is_argument = c->function == APUS_RARGMAX || c->function == APUS_RARGMIN;
    if (is_argument && c->is_floating) {
        apus_argument_f32(c->function, a.f, result, n);
    } else if (is_argument) {
        apus_argument_i32(c->function, a.i, result, n);
    } else if (c->is_floating) {
        apus_reduce_f32(c->function, a.f, result, n);
    } else {
        apus_reduce_i32(c->function, a.i, result, n);
    }
}

static void run_reduction(const vector_command *c, void *workspace) {
    const vector_operand *d = &c->operands[OPERAND_D];
    int32_t results[RESULTS_MAX];
    for (int64_t plane = 0; plane < c->planes; plane++) {
        for (int64_t first = 0; first < c->rows; first += RESULTS_MAX) {
            int64_t n = c->rows - first < RESULTS_MAX ? c->rows - first : RESULTS_MAX;
            for (int64_t i = 0; i < n; i++) {
                reduce_row(c, fetch_row(c, plane, first + i, workspace), &results[i]);
            }
            int64_t offset = row_offset(d, plane, first);
            deliver_strided(c, results, 4, offset, d->row_stride, (size_t)n);
        }
    }
}

static void run_scan(const vector_command *c, uint8_t *workspace) {
    const vector_operand *d = &c->operands[OPERAND_D];
    uint32_t flags = c->operands[OPERAND_B].immediate;
    size_t n = (size_t)c->columns;
    uint8_t *results = workspace + 4 * n;
    for (int64_t plane = 0; plane < c->planes; plane++) {
        for (int64_t row = 0; row < c->rows; row++) {
            row_pointer a = fetch_row(c, plane, row, workspace);
            if (c->is_floating) {
                apus_scan_f32(c->function, a.f, (float *)results, n, flags & 1, flags >> 1);
            } else {
                apus_scan_i32(c->function, a.i, (int32_t *)results, n, flags & 1, flags >> 1);
            }
            deliver(c, results, 4, row_offset(d, plane, row), 0, n);
        }
    }
}

static void run_topk(const vector_command *c, uint8_t *workspace) {
    const vector_operand *d = &c->operands[OPERAND_D], *indices = &c->operands[OPERAND_C];
    size_t n = (size_t)c->columns, k = c->operands[OPERAND_B].immediate;
    uint8_t *values = workspace + 4 * n, *found = values + 4 * k;
    for (int64_t plane = 0; plane < c->planes; plane++) {
        for (int64_t row = 0; row < c->rows; row++) {
            row_pointer a = fetch_row(c, plane, row, workspace);
            if (c->is_floating) {
                apus_topk_f32(a.f, n, k, (float *)values, (int32_t *)found);
            } else {
                apus_topk_i32(a.i, n, k, (int32_t *)values, (int32_t *)found);
            }
            deliver(c, values, 4, row_offset(d, plane, row), 0, k);
            struct apus_run from = {found, 0, 4, APUS_INT32};
            struct apus_run to = run_at(indices, row_offset(indices, plane, row));
            apus_convert(&from, &to, APUS_NEAREST_EVEN, k);
        }
    }
}

// Without a source -------------------------------------------------------------------------------

static void run_generator(const vector_command *c, uint8_t *workspace) {
    const vector_operand *d = &c->operands[OPERAND_D];
    uint32_t b = c->operands[OPERAND_B].immediate, imm_c = c->operands[OPERAND_C].immediate;
    size_t n = (size_t)c->columns;
    float first, step;
    memcpy(&first, &b, 4);
    memcpy(&step, &imm_c, 4);
    if (c->form == FORM_IOTA) {
        if (c->is_floating) apus_iota_f32(first, step, (float *)workspace, n);
        else apus_iota_i32((int32_t)b, (int32_t)imm_c, (int32_t *)workspace, n);
    }
    for (int64_t plane = 0; plane < c->planes; plane++) {
        for (int64_t row = 0; row < c->rows; row++) {
            if (c->form == FORM_RANDOM) {
                uint64_t counter = (uint64_t)(plane * c->rows + row) * n;
                apus_random_f32(b, imm_c, counter, (float *)workspace, n);
            }
            deliver(c, workspace, 4, row_offset(d, plane, row), 0, n);
        }
    }
}

apus_trap_cause apus_execute_vector(apus_core *core, const uint32_t *words) {
    vector_command c;
    apus_trap_cause cause = apus_decode_vector(core, words, &c);
    if (cause != APUS_TRAP_NONE || c.rows == 0 || c.planes == 0) return cause;
    core->counters.vector_elements += (uint64_t)(c.columns * c.rows * c.planes);
    if (c.form <= FORM_TERNARY) {
        apus_collapse_vector(&c);
        run_elementwise(&c);
        return APUS_TRAP_NONE;
    }
    // A row of the source and at most as many results and indices.
    void *workspace = apus_core_workspace(core, 12 * (uint64_t)c.columns + 64);
    switch (c.form) {
    case FORM_REDUCTION: run_reduction(&c, workspace); break;
    case FORM_SCAN: run_scan(&c, workspace); break;
    case FORM_TOPK: run_topk(&c, workspace); break;
    default: run_generator(&c, workspace);
    }
    return APUS_TRAP_NONE;
}
