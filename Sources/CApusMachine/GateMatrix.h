// What the parts of the Matrix engine share, cycle by cycle: rtl/matrix.
#pragma once

#include "Engines.h"
#include "Gate.h"

enum {
    MATRIX_CLEAR, MATRIX_IDLE, MATRIX_CHECK, MATRIX_ROW, MATRIX_PLACE, MATRIX_LOAD, MATRIX_LOADING,
    MATRIX_STREAM, MATRIX_STREAMING, MATRIX_STORE, MATRIX_STORING, MATRIX_NEXT, MATRIX_FINISH,
};

enum {
    STREAM_IDLE, STREAM_SCALES, STREAM_MOVE_SCALES, STREAM_MINIMUMS, STREAM_MOVE_MINIMUMS,
    STREAM_ELEMENTS, STREAM_GROUP_END, STREAM_FOLD, STREAM_TILE_END, STREAM_FINISH,
};

/// Half bytes of an element, as a power of two.
uint32_t gate_size_log2(uint32_t format);

/// apus_matrix_stream.sv.
bool gate_stream_drained(const gate_matrix *engine);
void gate_stream_step(gate_matrix *engine, bool start, bool release, bool fold_done);
/// apus_matrix_steps.sv; whether `current` is used up.
bool gate_steps_step(gate_matrix *engine, bool phase);
/// apus_matrix_fold.sv; whether it is done.
bool gate_fold_step(gate_matrix *engine, bool start, bool phase);
/// apus_matrix_rows.sv; whether it is done.
void gate_rows_ask(gate_matrix *engine, gate_memory *memory);
bool gate_rows_step(
    gate_matrix *engine, bool start, bool is_load, bool phase, const gate_memory *memory);
