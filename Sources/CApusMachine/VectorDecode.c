// Decoding of Vector commands with every check, before the first element changes.
#include "CApusNumerics.h"
#include "Vector.h"

enum { VECTOR_WORDS = 16, ROUNDING_MAX = 5, PLANES_COMPARED_MAX = 4096 };

static vector_form form_of(uint32_t opcode) {
    if (opcode < 0x40) return FORM_NONE;
    if (opcode <= 0x60) return FORM_UNARY;
    if (opcode >= 0x64 && opcode <= 0x78) return FORM_BINARY;
    if (opcode >= 0x7C && opcode <= 0x7E) return FORM_TERNARY;
    if (opcode >= 0x80 && opcode <= 0x85) return FORM_REDUCTION;
    if (opcode == 0x88 || opcode == 0x89) return FORM_SCAN;
    if (opcode == 0x8A) return FORM_TOPK;
    if (opcode == 0x8B) return FORM_IOTA;
    return opcode == 0x8C ? FORM_RANDOM : FORM_NONE;
}

bool apus_is_vector_opcode(uint32_t opcode) { return form_of(opcode) != FORM_NONE; }

static int function_of(uint32_t opcode, vector_form form) {
    switch (form) {
    case FORM_UNARY: return APUS_COPY + (int)(opcode - 0x40);
    case FORM_BINARY: return APUS_ADD + (int)(opcode - 0x64);
    case FORM_TERNARY: return APUS_FMA + (int)(opcode - 0x7C);
    case FORM_REDUCTION: return APUS_RSUM + (int)(opcode - 0x80);
    case FORM_SCAN: return APUS_CUMSUM + (int)(opcode - 0x88);
    default: return -1;
    }
}

enum {
    BITS_D = 0x1F, BITS_A = 0x1F << 5, BITS_B = 0x1F << 10, BITS_C = 0x1F << 15,
    BIT_B_IMMEDIATE = 1 << 20, BIT_C_IMMEDIATE = 1 << 21, BITS_ROUNDING = 7 << 22,
};

/// Ones where words 3, 4, 5 and 7 of a form have fields.
typedef struct {
    uint32_t word3, word4, word5, word7;
} field_mask;

static const field_mask field_masks[] = {
    [FORM_UNARY] = {~0u, 0, 0, BITS_D | BITS_A | BITS_ROUNDING},
    [FORM_BINARY] = {~0u, ~0u, 0, BITS_D | BITS_A | BITS_B | BIT_B_IMMEDIATE | BITS_ROUNDING},
    [FORM_TERNARY] =
        {~0u, ~0u, ~0u,
         BITS_D | BITS_A | BITS_B | BITS_C | BIT_B_IMMEDIATE | BIT_C_IMMEDIATE | BITS_ROUNDING},
    [FORM_REDUCTION] = {~0u, 0, 0, BITS_D | BITS_A | BITS_ROUNDING},
    [FORM_SCAN] = {~0u, 3, 0, BITS_D | BITS_A | BIT_B_IMMEDIATE | BITS_ROUNDING},
    [FORM_TOPK] = {~0u, ~0u, ~0u, BITS_D | BITS_A | BITS_C | BIT_B_IMMEDIATE | BITS_ROUNDING},
    [FORM_IOTA] =
        {0, ~0u, ~0u, BITS_D | BITS_A | BIT_B_IMMEDIATE | BIT_C_IMMEDIATE | BITS_ROUNDING},
    [FORM_RANDOM] = {0, ~0u, ~0u, BITS_D | BIT_B_IMMEDIATE | BIT_C_IMMEDIATE | BITS_ROUNDING},
};

static apus_trap_cause read_word(const uint32_t *words, vector_command *command) {
    const field_mask *mask = &field_masks[command->form];
    uint32_t excess = (words[0] & 0xF8000000) | (words[3] & ~mask->word3)
        | (words[4] & ~mask->word4) | (words[5] & ~mask->word5) | (words[7] & ~mask->word7);
    if (excess != 0) return APUS_TRAP_RESERVED_BITS;
    bool b_immediate = words[7] & BIT_B_IMMEDIATE, c_immediate = words[7] & BIT_C_IMMEDIATE;
    if (command->form >= FORM_SCAN && !b_immediate) return APUS_TRAP_UNKNOWN_CODE;
    if (command->form >= FORM_IOTA && !c_immediate) return APUS_TRAP_UNKNOWN_CODE;
    vector_operand *operands = command->operands;
    for (int i = 0; i < OPERAND_COUNT; i++) {
        operands[i].address = words[2 + i];
        operands[i].format = words[7] >> (5 * i) & 31;
        if (operands[i].format >= FORMAT_COUNT) return APUS_TRAP_UNKNOWN_CODE;
    }
    command->rounding = (int)(words[7] >> 22 & 7);
    if (command->rounding > ROUNDING_MAX) return APUS_TRAP_UNKNOWN_CODE;

    vector_form form = command->form;
    operands[OPERAND_D].is_used = true;
    operands[OPERAND_A].is_used = form < FORM_IOTA;
    operands[OPERAND_B].is_used = form != FORM_UNARY && form != FORM_REDUCTION;
    operands[OPERAND_C].is_used = form == FORM_TERNARY || form >= FORM_TOPK;
    operands[OPERAND_B].is_immediate = b_immediate;
    operands[OPERAND_C].is_immediate = c_immediate;
    operands[OPERAND_B].immediate = words[4];
    operands[OPERAND_C].immediate = words[5];
    return APUS_TRAP_NONE;
}

static apus_trap_cause read_shape(
    const apus_core *core, uint32_t offset, vector_command *command) {
    uint32_t d[VECTOR_WORDS];
    apus_trap_cause cause = read_descriptor(core, offset, VECTOR_WORDS, d);
    if (cause != APUS_TRAP_NONE) return cause;
    if (d[15] != 0) return APUS_TRAP_RESERVED_BITS;
    if (d[0] > INT32_MAX || d[1] > INT32_MAX || d[2] > INT32_MAX) return APUS_TRAP_BAD_SHAPE;
    command->columns = d[0];
    command->rows = d[1];
    command->planes = d[2];
    for (int i = 0; i < OPERAND_COUNT; i++) {
        vector_operand *operand = &command->operands[i];
        operand->columns = command->columns;
        operand->column_stride = (int32_t)d[3 + 3 * i];
        operand->row_stride = (int32_t)d[4 + 3 * i];
        operand->plane_stride = (int32_t)d[5 + 3 * i];
    }
    return APUS_TRAP_NONE;
}

/// Whether the function has a meaning on the operands' type; asked with an empty row.
static bool has_meaning(const vector_command *c) {
    float f = 0;
    int32_t i = 0;
    switch (c->form) {
    case FORM_UNARY:
        return (c->is_floating ? apus_unary_f32(c->function, &f, &f, 0)
                               : apus_unary_i32(c->function, &i, &i, 0)) == 0;
    case FORM_BINARY:
        return (c->is_floating ? apus_binary_f32(c->function, &f, &f, &f, 0, 0)
                               : apus_binary_i32(c->function, &i, &i, &i, 0, 0)) == 0;
    case FORM_TERNARY:
        return (c->is_floating ? apus_ternary_f32(c->function, &f, &f, &f, &f, 0, 0)
                               : apus_ternary_i32(c->function, &i, &i, &i, &i, 0, 0)) == 0;
    default: return true;
    }
}

static apus_trap_cause check_formats(vector_command *command) {
    for (int i = 0; i < OPERAND_COUNT; i++) {
        const vector_operand *operand = &command->operands[i];
        if (!operand->is_used || operand->is_immediate) continue;
        if (operand->format == FORMAT_BITS64) return APUS_TRAP_UNSUPPORTED_FORMAT;
        if (i == OPERAND_D && operand->format == FORMAT_FIXED54) {
            return APUS_TRAP_UNSUPPORTED_FORMAT;
        }
    }
    uint32_t a = command->operands[OPERAND_A].format;
    // An iota's a format says only in which arithmetic it counts.
    if (command->form == FORM_IOTA && a == FORMAT_BITS64) return APUS_TRAP_UNSUPPORTED_FORMAT;
    command->is_floating = command->form == FORM_RANDOM || format_is_floating(a);
    bool is_index = command->function == APUS_RARGMAX || command->function == APUS_RARGMIN;
    command->result_format = command->is_floating && !is_index ? FORMAT_FP32 : FORMAT_INT32;
    if (command->form == FORM_TOPK && command->operands[OPERAND_C].format != FORMAT_INT32) {
        return APUS_TRAP_UNSUPPORTED_FORMAT;
    }
    return has_meaning(command) ? APUS_TRAP_NONE : APUS_TRAP_UNSUPPORTED_FORMAT;
}

static apus_trap_cause check_shape(vector_command *command) {
    int64_t rows = command->rows, planes = command->planes;
    bool is_empty = command->columns == 0 || rows == 0 || planes == 0;
    if (!is_empty && (command->columns > ELEMENTS_MAX / rows
                      || command->columns * rows > ELEMENTS_MAX / planes)) {
        return APUS_TRAP_BAD_SHAPE;
    }
    vector_operand *operands = command->operands;
    if (command->form == FORM_REDUCTION) operands[OPERAND_D].columns = 1;
    if (command->form == FORM_TOPK) {
        int64_t k = operands[OPERAND_B].immediate;
        if (k > command->columns) return APUS_TRAP_BAD_SHAPE;
        operands[OPERAND_D].columns = k;
        operands[OPERAND_C].columns = k;
    }
    return APUS_TRAP_NONE;
}

typedef struct {
    int64_t low, high;
} span;

/// The bytes that `columns × rows × planes` elements from `address` span.
static span span_of(const vector_operand *o, int64_t rows, int64_t planes) {
    int64_t low = 0, high = 0, nibbles = format_nibbles(o->format);
    int64_t reaches[] = {
        (o->columns - 1) * o->column_stride, (rows - 1) * o->row_stride,
        (planes - 1) * o->plane_stride};
    for (int i = 0; i < 3; i++) {
        if (reaches[i] < 0) low += reaches[i]; else high += reaches[i];
    }
    if (nibbles == 1) return (span){o->address + (low >> 1), o->address + (high >> 1) + 1};
    return (span){o->address + low, o->address + high + nibbles / 2};
}

static bool is_identical(
    const vector_operand *x, const vector_operand *y, const vector_command *c) {
    return x->address == y->address && format_nibbles(x->format) == format_nibbles(y->format)
        && (x->columns <= 1 || y->columns <= 1 || x->column_stride == y->column_stride)
        && (c->rows == 1 || x->row_stride == y->row_stride)
        && (c->planes == 1 || x->plane_stride == y->plane_stride);
}

/// Whether the spans of any two rows meet. Where strides differ the spans of the tiles decide.
static bool may_overlap(
    const vector_operand *x, const vector_operand *y, const vector_command *c) {
    span whole_x = span_of(x, c->rows, c->planes), whole_y = span_of(y, c->rows, c->planes);
    if (whole_x.high <= whole_y.low || whole_y.high <= whole_x.low) return false;
    int64_t row = c->rows == 1 ? 0 : x->row_stride, plane = c->planes == 1 ? 0 : x->plane_stride;
    bool is_small = format_nibbles(x->format) == 1 || format_nibbles(y->format) == 1;
    if (is_small || (c->rows > 1 && x->row_stride != y->row_stride)
        || (c->planes > 1 && x->plane_stride != y->plane_stride)
        || c->planes > PLANES_COMPARED_MAX) {
        return true;
    }
    span one_x = span_of(x, 1, 1), one_y = span_of(y, 1, 1);
    if (row < 0) row = -row;
    for (int64_t p = 1 - c->planes; p < c->planes; p++) {
        // Rows meet if one_y.low + shift + r · row lies in (one_x.low - length_y, one_x.high).
        int64_t shift = p * plane;
        int64_t above = one_x.low - (one_y.high - one_y.low), distance = above - one_y.low - shift;
        int64_t r = 1 - c->rows;
        if (row > 0) {
            int64_t first = distance >= 0 ? distance / row + 1 : -((-distance - 1) / row);
            if (first > r) r = first;
        }
        if (r < c->rows && one_y.low + shift + r * row > above
            && one_y.low + shift + r * row < one_x.high) {
            return true;
        }
    }
    return false;
}

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

/// Whether no two elements overlap, since each dimension's stride is at least what the dimensions
/// of smaller strides span.
static bool is_distinct(const vector_operand *o, const vector_command *c) {
    int64_t counts[] = {o->columns, c->rows, c->planes};
    int64_t strides[] = {
        magnitude(o->column_stride), magnitude(o->row_stride), magnitude(o->plane_stride)};
    uint32_t nibbles = format_nibbles(o->format);
    int64_t reach = nibbles == 1 ? 1 : nibbles / 2;
    for (int step = 0; step < 3; step++) {
        int smallest = -1;
        for (int i = 0; i < 3; i++) {
            if (counts[i] > 1 && (smallest < 0 || strides[i] < strides[smallest])) smallest = i;
        }
        if (smallest < 0) return true;
        if (strides[smallest] < reach) return false;
        reach += (counts[smallest] - 1) * strides[smallest];
        counts[smallest] = 1;
    }
    return true;
}

static apus_trap_cause place_operands(const apus_core *core, vector_command *command) {
    vector_operand *operands = command->operands;
    for (int i = 0; i < OPERAND_COUNT; i++) {
        vector_operand *operand = &operands[i];
        if (!operand->is_used || operand->is_immediate || operand->columns == 0) continue;
        span bytes = span_of(operand, command->rows, command->planes);
        if (bytes.high > UINT32_MAX || bytes.low < 0) return APUS_TRAP_LOCAL_BOUNDS;
        uint8_t *first = local_pointer(core, bytes.low, bytes.high);
        if (first == NULL) return APUS_TRAP_LOCAL_BOUNDS;
        operand->base = first + (operand->address - bytes.low);
    }
    bool indices = command->form == FORM_TOPK;
    if (!is_distinct(&operands[OPERAND_D], command)
        || (indices && !is_distinct(&operands[OPERAND_C], command))) {
        return APUS_TRAP_OVERLAP;
    }
    for (int i = OPERAND_A; i < OPERAND_COUNT; i++) {
        vector_operand *source = &operands[i];
        if (!source->is_used || source->is_immediate || source->columns == 0) continue;
        // A top-k reads its row once for each result, so it does not run in place; a reduction does
        // where its result is read by no other row.
        bool can_be_in_place =
            command->form == FORM_REDUCTION ? is_distinct(source, command) : !indices;
        if (can_be_in_place && is_identical(&operands[OPERAND_D], source, command)) continue;
        if (may_overlap(&operands[OPERAND_D], source, command)) return APUS_TRAP_OVERLAP;
    }
    if (indices && may_overlap(&operands[OPERAND_C], &operands[OPERAND_A], command)) {
        return APUS_TRAP_OVERLAP;
    }
    return APUS_TRAP_NONE;
}

apus_trap_cause apus_decode_vector(
    const apus_core *core, const uint32_t *words, vector_command *command) {
    memset(command, 0, sizeof *command);
    uint32_t opcode = words[0] & 255;
    command->form = form_of(opcode);
    command->function = function_of(opcode, command->form);
    apus_trap_cause cause = read_word(words, command);
    if (cause == APUS_TRAP_NONE) cause = read_shape(core, words[6], command);
    if (cause == APUS_TRAP_NONE) cause = check_formats(command);
    if (cause == APUS_TRAP_NONE) cause = check_shape(command);
    if (cause != APUS_TRAP_NONE) return cause;
    if (command->operands[OPERAND_D].columns == 0 || command->columns == 0) command->columns = 0;
    if (command->columns == 0 && command->form != FORM_REDUCTION) command->rows = 0;
    if (command->rows == 0 || command->planes == 0) return APUS_TRAP_NONE;
    return place_operands(core, command);
}
