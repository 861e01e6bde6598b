// Micro-programs of the Vector engine, as the cycle simulator counts them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Elements of a lane in a strip (apus_vector_engine.sv), and kinds of divisions (apus_divide.sv).
enum { CLOCK_BEATS = 4, CLOCK_DIVISIONS = 5 };

/// The code of `MicroProgram.Phase`.
enum clock_phase { PHASE_STEP, PHASE_EXCLUSIVE_STEP, PHASE_START, PHASE_FINISH, PHASE_ROW };

typedef struct {
    /// Opcode, arithmetic, phase.
    uint16_t key;
    /// Steps by what does them; loops are unrolled.
    uint16_t multiply_adds, bits, shared;
    uint16_t divisions[CLOCK_DIVISIONS];
    /// Ends of loops that are met, and those that go back.
    uint16_t turns, returns;
} clock_program;

/// BEGIN, WAIT until apus_divide.sv is idle: PREPARE, a bit a cycle, ROUND. A remainder takes a
/// cycle for each power of two between its operands; one stands for it.
static const uint32_t clock_division_cycles[CLOCK_DIVISIONS] = {30, 30, 5, 36, 36};

/// The program of a phase; one without steps and key if the command has none.
const clock_program *clock_program_of(uint32_t opcode, bool is_floating, enum clock_phase phase);

/// Cycles from STATE_PROGRAM to the end, with `beats` beats that have elements.
uint64_t clock_program_cycles(const clock_program *program, uint32_t beats);
