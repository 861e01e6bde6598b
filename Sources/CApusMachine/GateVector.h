// What the parts of the Vector engine share, cycle by cycle: rtl/vector.
#pragma once

#include "Engines.h"
#include "Gate.h"

enum {
    VECTOR_IDLE, VECTOR_CHECK, VECTOR_ROW, VECTOR_PASS, VECTOR_STRIP, VECTOR_FETCH,
    VECTOR_FETCH_WAIT, VECTOR_PROGRAM, VECTOR_PROGRAM_WAIT, VECTOR_STORE, VECTOR_STORE_WAIT,
    VECTOR_NEXT_STRIP, VECTOR_NEXT_ROW, VECTOR_FINISH,
};

enum {
    PORT_IDLE, PORT_LOW, PORT_LOW_WAIT, PORT_HIGH, PORT_HIGH_WAIT, PORT_EMIT, PORT_SETTLE,
    PORT_GATHER, PORT_READ, PORT_READ_WAIT, PORT_WRITE,
};

/// What all ports do at a time.
typedef struct {
    bool starts, is_drain, is_constant;
    uint64_t count;
    /// Half bytes.
    int64_t base, stride;
    uint32_t nibbles;
} gate_vector_job;

bool gate_vector_is_empty(const vector_shape *shape);
gate_vector_job gate_vector_job_of(const gate_vector *engine);

/// apus_vector_port.sv.
void gate_vector_port_ask(
    const gate_vector *engine, uint32_t index, const gate_vector_job *job, gate_memory *memory);
void gate_vector_port_step(
    gate_vector *engine, uint32_t index, const gate_vector_job *job, bool goes,
    const gate_memory *memory);
