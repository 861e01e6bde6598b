// The control processors of the cycle simulator: what their stores do, and what stalls them.
//
// A processor runs ahead of the other events until it needs to know what they will have done: a
// full queue, a WAIT that does not pass, a semaphore that it reads, the barrier. Counts of
// semaphores and room in queues only grow, so what passes now passes at its later cycle too.
#include "Clock.h"

#include <string.h>

enum {
    REGISTERS = 0x20000000,
    SCRATCHPAD = 0x10000000,
    REGISTER_WAIT = 0x120,
    REGISTER_POST = 0x124,
    REGISTER_DONE = 0x128,
    REGISTER_CONSOLE = 0x12C,
    REGISTER_REMOTE_POST = 0x130,
    REGISTER_BARRIER = 0x134,
    REGISTER_SEMAPHORES = 0x200,
    // apus_core_bus.sv and apus_memory_bank.sv: beyond the first cycle of a load.
    SCRATCHPAD_LOAD = 3,
};

static const uint64_t INSTRUCTION_LIMIT = UINT64_C(1) << 34;

static bool wait_passes(const clock_core *core, uint32_t semaphore, uint32_t value) {
    if (semaphore == 0) return true;
    return (int16_t)(uint16_t)(core->semaphores[semaphore] - value) >= 0;
}

static int32_t stall(clock_core *core, enum clock_stall reason, uint32_t value) {
    core->stall = reason;
    core->stalled_value = value;
    core->stalled_at = clock_processor_time(core);
    return APUS_RV32_STALL;
}

static int32_t enqueue(clock_core *core, uint32_t engine) {
    clock_queue *queue = &core->queues[engine];
    uint32_t depth = core->clock->chip.queue_depth;
    if (queue->count == depth) return stall(core, STALL_QUEUE, engine);
    uint32_t place = (queue->head + queue->count) % depth;
    uint64_t time = clock_processor_time(core);
    memcpy(queue->entries + 8 * place, queue->port, sizeof queue->port);
    queue->stored[place] = time;
    queue->count++;
    if (queue->count == queue->issued + 1 && clock_dispatches(core, engine)) {
        clock_dispatch_soon(core, engine, time + 1);
    }
    return APUS_RV32_DONE;
}

static int32_t post_remotely(clock_core *core, uint32_t value) {
    apus_clock *clock = core->clock;
    uint32_t target = value >> 24, semaphore = value >> 16 & 255;
    if (target >= clock->chip.core_count || semaphore >= APUS_CLOCK_SEMAPHORES) {
        return APUS_RV32_FAULT;
    }
    uint64_t waited = 0, time = clock_processor_time(core);
    if (target != core->index) time = clock_mesh_move(clock, core->index, target, time, 8, &waited);
    clock_push(clock, (clock_event){
        .time = time + CLOCK_POST, .core = target, .kind = EVENT_POST,
        .semaphore = (uint8_t)semaphore, .count = (uint16_t)value});
    return APUS_RV32_DONE;
}

static int32_t arrive(clock_core *core) {
    apus_clock *clock = core->clock;
    if (core->may_read) {
        core->may_read = false;
        return APUS_RV32_DONE;
    }
    stall(core, STALL_BARRIER, 0);
    clock->barrier_time = clock_max(clock->barrier_time, core->stalled_at);
    if (++clock->waiting_at_barrier < clock->chip.core_count) return APUS_RV32_STALL;
    clock->waiting_at_barrier = 0;
    uint64_t release = clock->barrier_time + CLOCK_BARRIER;
    clock->barrier_time = 0;
    for (uint32_t i = 0; i < clock->chip.core_count; i++) {
        clock_core *other = &clock->cores[i];
        other->may_read = true;
        clock_processor_resume(other, release);
    }
    return APUS_RV32_STALL;
}

static int32_t store_register(clock_core *core, uint32_t offset, uint32_t value) {
    if (offset & 3) return APUS_RV32_FAULT;
    if (offset < 0x80) {
        uint32_t engine = offset >> 5, word = offset >> 2 & 7;
        core->queues[engine].port[word] = value;
        return word == 7 ? enqueue(core, engine) : APUS_RV32_DONE;
    }
    switch (offset) {
    case REGISTER_WAIT:
        if (value >> 16 >= APUS_CLOCK_SEMAPHORES) return APUS_RV32_FAULT;
        if (wait_passes(core, value >> 16, value & 0xFFFF)) return APUS_RV32_DONE;
        return stall(core, STALL_WAIT, value);
    case REGISTER_POST:
        if (value >> 16 >= APUS_CLOCK_SEMAPHORES) return APUS_RV32_FAULT;
        clock_push(core->clock, (clock_event){
            .time = clock_processor_time(core) + CLOCK_POST, .core = core->index,
            .kind = EVENT_POST, .semaphore = (uint8_t)(value >> 16), .count = (uint16_t)value});
        return APUS_RV32_DONE;
    case REGISTER_DONE:
        core->is_done = true;
        core->status = value;
        core->clock->last_time = clock_max(core->clock->last_time, clock_processor_time(core) + 1);
        return APUS_RV32_STOP;
    case REGISTER_CONSOLE: return APUS_RV32_DONE;
    case REGISTER_REMOTE_POST: return post_remotely(core, value);
    case REGISTER_BARRIER: return arrive(core);
    default: return APUS_RV32_FAULT;
    }
}

static int32_t load_register(clock_core *core, uint32_t offset, uint32_t *value) {
    const apus_clock_chip *chip = &core->clock->chip;
    if (offset & 3) return APUS_RV32_FAULT;
    if (offset >= REGISTER_SEMAPHORES && offset < REGISTER_SEMAPHORES + 4 * APUS_CLOCK_SEMAPHORES) {
        // What it holds then is known when the events up to then have happened.
        if (!core->may_read) {
            stall(core, STALL_READ, 0);
            clock_processor_resume(core, core->stalled_at);
            return APUS_RV32_STALL;
        }
        core->may_read = false;
        *value = core->semaphores[(offset - REGISTER_SEMAPHORES) >> 2];
        return APUS_RV32_DONE;
    }
    switch (offset) {
    case 0x100: *value = core->index; return APUS_RV32_DONE;
    case 0x104: *value = chip->core_count; return APUS_RV32_DONE;
    case 0x108: *value = chip->scratchpad_bytes; return APUS_RV32_DONE;
    case 0x10C: *value = chip->accumulator_bytes; return APUS_RV32_DONE;
    case 0x110: *value = core->argument_bytes; return APUS_RV32_DONE;
    default: return APUS_RV32_FAULT;
    }
}

int32_t clock_access(
    void *context, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value) {
    clock_core *core = context;
    if (address >= SCRATCHPAD && address - SCRATCHPAD < core->clock->chip.scratchpad_bytes) {
        // No values are kept: what is read is zero.
        if (!is_store) {
            *value = 0;
            core->processor->state.extra_cycles += SCRATCHPAD_LOAD;
        }
        return APUS_RV32_DONE;
    }
    if (bytes != 4 || address < REGISTERS) return APUS_RV32_FAULT;
    uint32_t offset = address - REGISTERS;
    return is_store ? store_register(core, offset, *value) : load_register(core, offset, value);
}

void clock_processor_run(clock_core *core) {
    struct apus_rv32 *processor = core->processor;
    switch (apus_rv32_run_timed(processor, INSTRUCTION_LIMIT)) {
    case APUS_RV32_EXIT_STALLED:
        // What it waits for may have come before it stalled.
        clock_semaphores_changed(core);
        break;
    case APUS_RV32_EXIT_STOPPED: break;
    case APUS_RV32_EXIT_BUDGET: clock_fail(core, APUS_CLOCK_LIMIT); break;
    default:
        clock_fail(core, APUS_CLOCK_EXCEPTION);
        core->clock->result.cause = processor->exit_cause;
        core->clock->result.value = processor->exit_value;
        break;
    }
}

void clock_processor_resume(clock_core *core, uint64_t time) {
    uint64_t from = core->stalled_at, until = clock_max(time, from);
    uint64_t waited = until - from;
    switch (core->stall) {
    case STALL_WAIT: core->time.waiting[core->stalled_value >> 16] += waited; break;
    case STALL_QUEUE: core->time.waiting_queue[core->stalled_value] += waited; break;
    case STALL_BARRIER: core->time.waiting_barrier += waited; break;
    default: break;
    }
    if (core->stall == STALL_READ) core->may_read = true;
    core->stall = STALL_NONE;
    core->base += waited;
    clock_push(core->clock, (clock_event){
        .time = until, .core = core->index, .kind = EVENT_PROCESSOR});
}

void clock_semaphores_changed(clock_core *core) {
    uint64_t now = core->clock->now;
    uint32_t value = core->stalled_value;
    if (core->stall == STALL_WAIT && wait_passes(core, value >> 16, value & 0xFFFF)) {
        clock_processor_resume(core, now);
    } else if (core->stall == STALL_QUEUE
               && core->queues[value].count < core->clock->chip.queue_depth) {
        clock_processor_resume(core, now);
    }
    for (uint32_t engine = 0; engine < APUS_CLOCK_ENGINES; engine++) {
        if (clock_dispatches(core, engine)) clock_dispatch(core, engine);
    }
}
