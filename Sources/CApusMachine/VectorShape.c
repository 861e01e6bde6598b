// Elementwise tiles made as long along the columns as they can be.
#include "Vector.h"

/// Whether the rows of every operand follow one another as its columns do.
static bool rows_follow(const vector_command *c) {
    for (int i = 0; i < OPERAND_COUNT; i++) {
        const vector_operand *o = &c->operands[i];
        if (!o->is_used || o->is_immediate) continue;
        if (o->row_stride != o->column_stride * c->columns) return false;
    }
    return true;
}

static void drop_rows(vector_command *c) {
    c->rows = c->planes;
    c->planes = 1;
    for (int i = 0; i < OPERAND_COUNT; i++) {
        vector_operand *o = &c->operands[i];
        o->row_stride = o->plane_stride;
    }
}

/// Exchanges columns and rows.
static void turn(vector_command *c) {
    int64_t columns = c->columns;
    c->columns = c->rows;
    c->rows = columns;
    for (int i = 0; i < OPERAND_COUNT; i++) {
        vector_operand *o = &c->operands[i];
        int64_t stride = o->column_stride;
        o->column_stride = o->row_stride;
        o->row_stride = stride;
    }
}

void apus_collapse_vector(vector_command *c) {
    enum { COLUMNS_FEW = 8 };
    for (int pass = 0; pass < 2; pass++) {
        if (c->rows == 1) {
            drop_rows(c);
        } else if (rows_follow(c)) {
            c->columns *= c->rows;
            drop_rows(c);
        }
        if (c->columns == 1 && c->rows > 1) {
            turn(c);
            drop_rows(c);
        }
    }
    if (c->rows == 1) drop_rows(c);
    if (c->columns < COLUMNS_FEW && c->rows > c->columns) turn(c);
}
