// The control processor of a core, cycle by cycle: apus_rv32.sv, apus_core_bus.sv,
// apus_core_registers.sv.
#include "GateCore.h"

#include <string.h>

enum { REGISTERS = 0x20000000, SCRATCHPAD = 0x10000000, SCRATCHPAD_LOAD = 3 };

bool gate_passes(const clock_core *core, uint32_t semaphore, uint32_t value) {
    if (semaphore == 0) return true;
    return (int16_t)(uint16_t)(core->semaphores[semaphore] - value) >= 0;
}

static gate_core *gate_of(clock_core *core) { return &core->clock->gates->cores[core->index]; }

static int32_t stall(clock_core *core, enum clock_stall reason, uint32_t value) {
    core->stall = reason;
    core->stalled_value = value;
    return APUS_RV32_STALL;
}

static int32_t enqueue(gate_core *gate, uint32_t engine) {
    clock_core *core = gate->core;
    clock_queue *queue = &core->queues[engine];
    uint32_t depth = core->clock->chip.queue_depth;
    if (gate->visible[engine] == depth) return stall(core, STALL_QUEUE, engine);
    uint32_t place = (queue->head + queue->count) % depth;
    memcpy(queue->entries + 8 * place, queue->port, sizeof queue->port);
    queue->stored[place] = core->clock->now;
    queue->count++;
    return APUS_RV32_DONE;
}

static int32_t store_register(gate_core *gate, uint32_t offset, uint32_t value) {
    clock_core *core = gate->core;
    if (offset & 3) return APUS_RV32_FAULT;
    if (offset < 0x80) {
        core->queues[offset >> 5].port[offset >> 2 & 7] = value;
        return (offset >> 2 & 7) == 7 ? enqueue(gate, offset >> 5) : APUS_RV32_DONE;
    }
    uint32_t semaphore = value >> 16;
    switch (offset) {
    case 0x120:
        if (semaphore >= APUS_CLOCK_SEMAPHORES) return APUS_RV32_FAULT;
        if (gate_passes(core, semaphore, value & 0xFFFF)) return APUS_RV32_DONE;
        return stall(core, STALL_WAIT, value);
    case 0x124:
        if (semaphore >= APUS_CLOCK_SEMAPHORES) return APUS_RV32_FAULT;
        gate->posts = true;
        gate->post_value = value;
        return APUS_RV32_DONE;
    case 0x128:
        core->is_done = true;
        core->status = value;
        return APUS_RV32_STOP;
    case 0x12C: return APUS_RV32_DONE;
    case 0x130:
        if (value >> 24 >= core->clock->chip.core_count
            || (value >> 16 & 255) >= APUS_CLOCK_SEMAPHORES) {
            return APUS_RV32_FAULT;
        }
        if (gate->remote_taken) {
            gate->remote_taken = false;
            return APUS_RV32_DONE;
        }
        gate->posts_remotely = true;
        gate->remote_value = value;
        return stall(core, STALL_READ, value);
    case 0x134:
        if (gate->has_passed || core->clock->chip.core_count == 1) {
            gate->has_passed = gate->arrives = false;
            return APUS_RV32_DONE;
        }
        gate->arrives = true;
        return stall(core, STALL_BARRIER, 0);
    default: return APUS_RV32_FAULT;
    }
}

int32_t gate_access(
    void *context, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value) {
    clock_core *core = context;
    if (address - REGISTERS >= 0x200 || is_store || bytes != 4) {
        if (address >= SCRATCHPAD && address - SCRATCHPAD < core->clock->chip.scratchpad_bytes) {
            if (!is_store) *value = 0;
            if (!is_store) core->processor->state.extra_cycles += SCRATCHPAD_LOAD;
            return APUS_RV32_DONE;
        }
        if (bytes != 4 || address < REGISTERS) return APUS_RV32_FAULT;
        if (is_store) return store_register(gate_of(core), address - REGISTERS, *value);
    }
    uint32_t offset = address - REGISTERS;
    if (offset >= 0x200 && offset < 0x200 + 4 * APUS_CLOCK_SEMAPHORES) {
        *value = core->semaphores[(offset - 0x200) >> 2];
        return APUS_RV32_DONE;
    }
    const apus_clock_chip *chip = &core->clock->chip;
    switch (offset) {
    case 0x100: *value = core->index; return APUS_RV32_DONE;
    case 0x104: *value = chip->core_count; return APUS_RV32_DONE;
    case 0x108: *value = chip->scratchpad_bytes; return APUS_RV32_DONE;
    case 0x10C: *value = chip->accumulator_bytes; return APUS_RV32_DONE;
    case 0x110: *value = core->argument_bytes; return APUS_RV32_DONE;
    default: return APUS_RV32_FAULT;
    }
}

static void count_stall(clock_core *core) {
    switch (core->stall) {
    case STALL_WAIT: core->time.waiting[core->stalled_value >> 16]++; break;
    case STALL_QUEUE: core->time.waiting_queue[core->stalled_value]++; break;
    case STALL_BARRIER: core->time.waiting_barrier++; break;
    default: break;
    }
}

/// Whether the processor, stalled in the cycle before, would stall again.
static bool stalls_again(const gate_core *gate) {
    const clock_core *core = gate->core;
    uint32_t value = core->stalled_value;
    switch (core->stall) {
    case STALL_WAIT: return !gate_passes(core, value >> 16, value & 0xFFFF);
    case STALL_QUEUE: return gate->visible[value] == core->clock->chip.queue_depth;
    case STALL_READ: return !gate->remote_taken;
    case STALL_BARRIER: return !gate->has_passed;
    default: return false;
    }
}

bool gate_processor_step(gate_core *gate) {
    clock_core *core = gate->core;
    struct apus_rv32_state *state = &core->processor->state;
    gate->posts = false;
    if (core->is_done) return false;
    if (gate->processor_left != 0) {
        gate->processor_left--;
        return false;
    }
    if (core->stall != STALL_NONE && stalls_again(gate)) {
        count_stall(core);
        return false;
    }
    // A REMOTE_POST was taken in the cycle in which the mesh had room, and so is behind.
    bool is_behind = core->stall == STALL_READ;
    core->stall = STALL_NONE;
    if (is_behind) apus_rv32_run_timed(core->processor, 1);
    uint64_t extra = state->extra_cycles, accesses = state->data_accesses;
    switch (apus_rv32_run_timed(core->processor, 1)) {
    case APUS_RV32_EXIT_STALLED: count_stall(core); return false;
    case APUS_RV32_EXIT_BUDGET:
    case APUS_RV32_EXIT_STOPPED: break;
    default:
        clock_fail(core, APUS_CLOCK_EXCEPTION);
        core->clock->result.cause = core->processor->exit_cause;
        core->clock->result.value = core->processor->exit_value;
        return false;
    }
    gate->processor_left = state->extra_cycles - extra;
    return state->data_accesses != accesses;
}
