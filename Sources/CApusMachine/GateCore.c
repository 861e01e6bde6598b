// A core, cycle by cycle: apus_core.sv, apus_control.sv and what is below it.
#include "GateCore.h"

#include <string.h>

enum { OPCODE_NOP = 0x00, OPCODE_LOAD = 0x10, OPCODE_STORE = 0x20, OPCODE_MATMUL = 0x30 };

void gate_core_reset(gate_core *core, apus_clock *clock, uint32_t index) {
    const apus_clock_chip *chip = &clock->chip;
    memset(core, 0, sizeof *core);
    core->core = &clock->cores[index];
    core->memory.banks = chip->scratchpad_banks;
    core->transfer[0].port = GATE_PORT_LOAD;
    core->transfer[1].port = GATE_PORT_STORE;
    core->transfer[1].is_store = true;
    gate_matrix_reset(&core->matrix, chip);
    core->vector.lanes = chip->vector_lanes;
    core->vector.ports = chip->vector_ports;
    core->vector.first_port = GATE_PORT_MATRIX + chip->matrix_ports;
    // The first cycle fetches the first instruction.
    core->processor_left = 1;
}

// Argument memory ---------------------------------------------------------------------------------

/// apus_argument_memory.sv; `is_taken` by the processor.
static void argument_step(gate_core *gate, bool is_taken) {
    uint32_t requests = 0;
    for (uint32_t i = 0; i < APUS_CLOCK_ENGINES; i++) {
        if (gate->state[i] == DISPATCH_FETCH) requests |= 1u << i;
    }
    requests &= ~gate->beat_valid;
    bool asks = gate->argument_busy && !is_taken;
    uint32_t words = gate->argument_reader == 3 ? 16 : 32;
    bool is_last = 4 * gate->argument_beat + 4 == words;
    gate->beat_valid = asks ? 1u << gate->argument_reader : 0;
    gate->beat_last = is_last;
    if (!gate->argument_busy) {
        if (requests == 0) return;
        uint32_t ahead = requests & ~gate->argument_passed;
        uint32_t grant = ahead != 0 ? ahead & -ahead : requests & -requests;
        gate->argument_passed = grant | (grant - 1);
        gate->argument_busy = true;
        gate->argument_reader = (uint32_t)__builtin_ctz(grant);
        gate->argument_beat = 0;
    } else if (asks) {
        gate->argument_beat++;
        if (is_last) gate->argument_busy = false;
    }
}

// Dispatch ----------------------------------------------------------------------------------------

static uint32_t engine_of(uint32_t opcode) {
    if (opcode == OPCODE_LOAD) return 0;
    if (opcode == OPCODE_STORE) return 1;
    if (opcode == OPCODE_MATMUL) return 2;
    return clock_vector_form(opcode) == SHAPE_NONE ? APUS_CLOCK_ENGINES : 3;
}

static void trap(gate_core *gate, uint32_t engine, const uint32_t *words, uint32_t cause) {
    clock_fail(gate->core, APUS_CLOCK_TRAP);
    apus_clock_result *result = &gate->core->clock->result;
    result->engine = engine;
    result->cause = cause;
    memcpy(result->words, words, sizeof result->words);
}

static uint32_t descriptor_place(uint32_t engine, const uint32_t *words) {
    return engine == 3 ? words[6] : words[2];
}

/// Reads the descriptor; the engine begins in the next cycle.
static void begin_engine(gate_core *gate, uint32_t engine, const uint32_t *words) {
    apus_clock *clock = gate->core->clock;
    uint32_t descriptor[32] = {0}, count = engine == 3 ? 16 : 32;
    memcpy(descriptor, gate->core->arguments + descriptor_place(engine, words), 4 * count);
    clock->activity.descriptor_words += count;
    apus_trap_cause cause;
    uint64_t unused = 0;
    if (engine < 2) {
        transfer_shape *shape = &gate->transfer[engine].shape;
        cause = clock_read_transfer(words, descriptor, engine == 1, shape);
        if (cause == APUS_TRAP_NONE) {
            clock_transfer_count(clock, shape);
            gate_transfer_begin(&gate->transfer[engine], clock);
        }
    } else if (engine == 2) {
        cause = clock_read_matrix(words, descriptor, &gate->matrix.shape);
        if (cause == APUS_TRAP_NONE) {
            clock_matrix_cycles(&clock->chip, &gate->matrix.shape, &clock->activity, &unused);
            gate_matrix_begin(&gate->matrix);
        }
    } else {
        cause = clock_read_vector(words, descriptor, &gate->vector.shape);
        if (cause == APUS_TRAP_NONE) {
            clock_vector_cycles(&clock->chip, &gate->vector.shape, &clock->activity, &unused);
            gate_vector_begin(&gate->vector);
        }
    }
    if (cause != APUS_TRAP_NONE) trap(gate, engine, words, cause);
}

/// STATE_CHECK: where a command goes on.
static uint8_t check_command(gate_core *gate, uint32_t engine, const uint32_t *words) {
    uint32_t opcode = words[0] & 255, owner = engine_of(opcode), cause = APUS_TRAP_NONE;
    if (opcode == OPCODE_NOP) return DISPATCH_POST;
    uint32_t place = descriptor_place(owner, words), count = owner == 3 ? 16 : 32;
    if (owner == APUS_CLOCK_ENGINES) cause = APUS_TRAP_UNKNOWN_OPCODE;
    else if (owner != engine) cause = APUS_TRAP_WRONG_QUEUE;
    else if (place % 16 != 0
             || place + UINT64_C(4) * count > gate->core->clock->chip.argument_bytes) {
        cause = APUS_TRAP_BAD_DESCRIPTOR;
    }
    if (cause != APUS_TRAP_NONE) trap(gate, engine, words, cause);
    return DISPATCH_FETCH;
}

/// Counts and tells a command that leaves its queue in this cycle.
static void leave_queue(gate_core *gate, uint32_t engine, const uint32_t *words) {
    clock_core *core = gate->core;
    apus_clock *clock = core->clock;
    clock_queue *queue = &core->queues[engine];
    apus_clock_engine *time = &core->time.engines[engine];
    if (clock->recorder != NULL) {
        apus_clock_event event = {
            .core = core->index, .engine = engine, .index = queue->index,
            .opcode = (uint8_t)words[0], .waited_semaphore = queue->waited_semaphore,
            .posted_semaphore = words[0] >> 18 & 31, .ready = queue->commands[0].ready,
            .dispatched = queue->commands[0].dispatched, .began = queue->commands[0].began,
            .ended = clock->now};
        clock->recorder(clock->recorder_context, &event);
    }
    time->commands++;
    time->busy += clock->now - queue->commands[0].began;
    clock->activity.commands++;
    queue->index++;
    queue->head = queue->head + 1 == clock->chip.queue_depth ? 0 : queue->head + 1;
    queue->count--;
    queue->waited_semaphore = 0;
    queue->commands[0].ready = clock->now + 1;
}

/// One cycle of a dispatcher; `is_done` by the engine, `may_post` by the semaphores.
static void dispatch_step(
    gate_core *gate, uint32_t engine, bool is_done, bool may_post, uint32_t beats, bool last) {
    clock_core *core = gate->core;
    clock_queue *queue = &core->queues[engine];
    const uint32_t *words = queue->entries + 8 * queue->head;
    switch (gate->state[engine]) {
    case DISPATCH_IDLE: {
        if (gate->visible[engine] == 0) return;
        uint64_t stored = queue->stored[queue->head] + 1;
        if (queue->commands[0].ready < stored) queue->commands[0].ready = stored;
        uint32_t a = words[0] >> 8 & 31, b = words[0] >> 13 & 31;
        bool a_passes = gate_passes(core, a, words[1] & 0xFFFF);
        if (a_passes && gate_passes(core, b, words[1] >> 16)) {
            queue->commands[0].dispatched = core->clock->now;
            gate->state[engine] = DISPATCH_CHECK;
        } else {
            queue->waited_semaphore = (uint8_t)(a_passes ? b : a);
            core->time.engines[engine].waiting[queue->waited_semaphore]++;
        }
        return;
    }
    case DISPATCH_CHECK:
        gate->state[engine] = check_command(gate, engine, words);
        queue->commands[0].began = core->clock->now + 1;
        return;
    case DISPATCH_FETCH:
        core->time.engines[engine].fetching++;
        if (!(beats >> engine & 1) || !last) return;
        gate->state[engine] = DISPATCH_RUN;
        queue->commands[0].began = core->clock->now + 1;
        begin_engine(gate, engine, words);
        return;
    case DISPATCH_RUN:
        if (is_done) gate->state[engine] = DISPATCH_POST;
        return;
    default:
        if (!may_post) return;
        gate->state[engine] = DISPATCH_IDLE;
        leave_queue(gate, engine, words);
        return;
    }
}

/// apus_semaphores.sv: who posts in this cycle; the bits of those that may go on.
static uint32_t post_step(gate_core *gate, uint16_t *semaphores) {
    uint32_t ready = 0;
    bool is_taken = gate->posts;
    if (gate->posts && gate->post_value >> 16 != 0) {
        semaphores[gate->post_value >> 16] += (uint16_t)gate->post_value;
    }
    for (uint32_t i = 0; i < APUS_CLOCK_ENGINES; i++) {
        if (gate->state[i] != DISPATCH_POST) continue;
        const clock_queue *queue = &gate->core->queues[i];
        uint32_t word = queue->entries[8 * queue->head], semaphore = word >> 18 & 31;
        if (semaphore != 0 && is_taken) continue;
        ready |= 1u << i;
        if (semaphore == 0) continue;
        is_taken = true;
        semaphores[semaphore] += (uint16_t)(word >> 23 & 15);
    }
    gate->posted_taken = gate->posted && !is_taken;
    if (gate->posted_taken && (gate->posted_value >> 16 & 31) != 0) {
        semaphores[gate->posted_value >> 16 & 31] += (uint16_t)gate->posted_value;
    }
    return ready;
}

// A cycle -----------------------------------------------------------------------------------------

static bool runs(const gate_core *gate, uint32_t engine) {
    return gate->state[engine] == DISPATCH_RUN;
}

void gate_core_show(gate_core *gate) {
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) gate->visible[i] = gate->core->queues[i].count;
    gate->uses_arguments = gate_processor_step(gate);
    for (uint32_t i = 0; i < 2; i++) {
        gate->axi[i] = (gate_axi){0};
        if (runs(gate, i)) gate_transfer_axi(&gate->transfer[i], &gate->axi[i]);
    }
    gate->slave = (gate_slave){0};
}

void gate_core_ask(gate_core *gate, apus_clock *clock) {
    for (uint32_t i = 0; i < 2; i++) {
        if (runs(gate, i)) gate_transfer_ask(&gate->transfer[i], clock, &gate->memory);
    }
    if (runs(gate, 2)) gate_matrix_ask(&gate->matrix, &gate->memory);
    if (runs(gate, 3)) gate_vector_ask(&gate->vector, &gate->memory);
    gate_window_ask(&gate->window, &gate->slave, &gate->memory);
    gate_memory_choose(&gate->memory);
    gate_window_show(&gate->window, &gate->slave, &gate->memory);
}

void gate_core_step(gate_core *gate, apus_clock *clock) {
    clock_core *core = gate->core;
    uint16_t semaphores[APUS_CLOCK_SEMAPHORES];
    memcpy(semaphores, core->semaphores, sizeof semaphores);
    uint32_t may_post = post_step(gate, semaphores);
    bool done[APUS_CLOCK_ENGINES] = {false};
    for (uint32_t i = 0; i < 2; i++) {
        if (!runs(gate, i)) continue;
        done[i] = gate_transfer_step(&gate->transfer[i], clock, &gate->memory, &gate->axi[i]);
    }
    if (runs(gate, 2) || gate->matrix.state == 0) {
        done[2] = gate_matrix_step(&gate->matrix, runs(gate, 2), &gate->memory);
    } else {
        gate->matrix.phase = !gate->matrix.phase;
    }
    if (runs(gate, 3)) done[3] = gate_vector_step(&gate->vector, &gate->memory);
    gate_window_step(&gate->window, &gate->slave, &gate->memory);
    gate_memory_step(&gate->memory);
    uint32_t beats = gate->beat_valid;
    bool last = gate->beat_last;
    argument_step(gate, gate->uses_arguments);
    for (uint32_t i = 0; i < APUS_CLOCK_ENGINES; i++) {
        dispatch_step(gate, i, done[i], may_post >> i & 1, beats, last);
    }
    memcpy(core->semaphores, semaphores, sizeof semaphores);
}

bool gate_core_ended(const gate_core *gate) {
    bool is_idle = gate->core->is_done;
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) {
        is_idle = is_idle && gate->core->queues[i].count == 0 && gate->state[i] == DISPATCH_IDLE;
    }
    return is_idle;
}

bool gate_core_quiet(const gate_core *gate) {
    bool is_held = gate->core->is_done || gate->core->stall != STALL_NONE;
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) {
        const clock_queue *queue = &gate->core->queues[i];
        if (gate->state[i] != DISPATCH_IDLE) return false;
        if (queue->count == 0) continue;
        const uint32_t *words = queue->entries + 8 * queue->head;
        if (gate_passes(gate->core, words[0] >> 8 & 31, words[1] & 0xFFFF)
            && gate_passes(gate->core, words[0] >> 13 & 31, words[1] >> 16)) {
            return false;
        }
    }
    return is_held;
}
