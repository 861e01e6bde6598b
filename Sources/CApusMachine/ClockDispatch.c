// Queues and dispatch of the cycle simulator: apus_command_queue.sv, apus_dispatch.sv.
#include "Clock.h"

#include <string.h>

enum { OPCODE_NOP = 0x00, OPCODE_LOAD = 0x10, OPCODE_STORE = 0x20, OPCODE_MATMUL = 0x30 };

static bool passes(const clock_core *core, uint32_t semaphore, uint32_t value) {
    if (semaphore == 0) return true;
    return (int16_t)(uint16_t)(core->semaphores[semaphore] - value) >= 0;
}

void clock_dispatch_soon(clock_core *core, uint32_t engine, uint64_t time) {
    core->queues[engine].is_scheduled = true;
    clock_push(core->clock, (clock_event){
        .time = time, .core = core->index, .kind = EVENT_DISPATCH, .engine = (uint8_t)engine});
}

static void trap(clock_core *core, uint32_t engine, const uint32_t *words, uint32_t cause) {
    clock_fail(core, APUS_CLOCK_TRAP);
    apus_clock_result *result = &core->clock->result;
    if (result->outcome != APUS_CLOCK_TRAP || result->core != core->index) return;
    result->engine = engine;
    result->cause = cause;
    memcpy(result->words, words, sizeof result->words);
}

/// The engine takes `cycles` from `begin` on, and more where others want its banks too.
static void run_locally(
    clock_core *core, uint32_t engine, uint64_t begin, uint64_t cycles, uint64_t words) {
    clock_queue *queue = &core->queues[engine];
    const uint64_t all = (uint64_t)core->clock->chip.scratchpad_banks << 16;
    uint64_t others = 0, own = cycles == 0 ? 0 : (words << 16) / cycles, stretched = cycles;
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) others += core->queues[i].local_rate_q16;
    if (own + others > all) {
        // What is left, but at least a fair share.
        uint64_t left = clock_max(others < all ? all - others : 0, all / 2);
        if (own > left) stretched = clock_max(cycles, (words << 16) / left);
    }
    core->time.engines[engine].stalled_local += stretched - cycles;
    queue->local_rate_q16 = own;
    clock_finish(core, engine, begin + stretched);
}

static apus_trap_cause begin_engine(
    clock_core *core, uint32_t engine, const uint32_t *words, const uint32_t *descriptor,
    uint64_t begin) {
    apus_clock *clock = core->clock;
    uint32_t opcode = words[0] & 255;
    uint64_t local_words = 0, cycles;
    apus_trap_cause cause;
    if (opcode == OPCODE_LOAD || opcode == OPCODE_STORE) {
        transfer_shape *shape = &core->queues[engine].transfer.shape;
        cause = clock_read_transfer(words, descriptor, opcode == OPCODE_STORE, shape);
        if (cause == APUS_TRAP_NONE) clock_transfer_begin(core, engine, begin);
        return cause;
    }
    if (opcode == OPCODE_MATMUL) {
        matrix_shape shape;
        cause = clock_read_matrix(words, descriptor, &shape);
        if (cause != APUS_TRAP_NONE) return cause;
        cycles = clock_matrix_cycles(&clock->chip, &shape, &clock->activity, &local_words);
    } else {
        vector_shape shape;
        cause = clock_read_vector(words, descriptor, &shape);
        if (cause != APUS_TRAP_NONE) return cause;
        cycles = clock_vector_cycles(&clock->chip, &shape, &clock->activity, &local_words);
    }
    run_locally(core, engine, begin, cycles, local_words);
    return APUS_TRAP_NONE;
}

/// Which queue a command belongs to; APUS_CLOCK_ENGINES if to none.
static uint32_t engine_of(uint32_t opcode) {
    if (opcode == OPCODE_LOAD) return 0;
    if (opcode == OPCODE_STORE) return 1;
    if (opcode == OPCODE_MATMUL) return 2;
    return clock_vector_form(opcode) == SHAPE_NONE ? APUS_CLOCK_ENGINES : 3;
}

/// Fetches the descriptor and starts the engine; the waits have passed.
static void begin_command(clock_core *core, uint32_t engine, const uint32_t *words) {
    clock_queue *queue = &core->queues[engine];
    uint64_t now = core->clock->now;
    uint32_t opcode = words[0] & 255, owner = engine_of(opcode);
    queue->is_running = true;
    queue->dispatched = now;
    if (opcode == OPCODE_NOP) {
        queue->began = now + CLOCK_CHECK;
        clock_finish(core, engine, now + CLOCK_CHECK);
        return;
    }
    uint32_t place = opcode == OPCODE_MATMUL || opcode < 0x40 ? words[2] : words[6];
    uint32_t count = owner == 3 ? 16 : 32;
    uint32_t cause = APUS_TRAP_NONE;
    if (owner == APUS_CLOCK_ENGINES) cause = APUS_TRAP_UNKNOWN_OPCODE;
    else if (owner != engine) cause = APUS_TRAP_WRONG_QUEUE;
    else if (place % 16 != 0 || place + UINT64_C(4) * count > core->clock->chip.argument_bytes) {
        cause = APUS_TRAP_BAD_DESCRIPTOR;
    }
    if (cause != APUS_TRAP_NONE) {
        trap(core, engine, words, cause);
        return;
    }
    uint32_t descriptor[32] = {0};
    memcpy(descriptor, core->arguments + place, 4 * count);
    uint64_t wanted = now + CLOCK_CHECK, fetch = clock_max(wanted, core->argument_free);
    uint64_t began = fetch + CLOCK_FETCH + count / CLOCK_WORDS_A_BEAT;
    core->argument_free = began - 1;
    core->time.engines[engine].fetching += began - wanted;
    core->clock->activity.descriptor_words += count;
    queue->began = began;
    cause = begin_engine(core, engine, words, descriptor, began);
    if (cause != APUS_TRAP_NONE) trap(core, engine, words, cause);
}

void clock_dispatch(clock_core *core, uint32_t engine) {
    clock_queue *queue = &core->queues[engine];
    if (queue->is_running || queue->count == 0) return;
    const uint32_t *words = queue->entries + 8 * queue->head;
    uint64_t now = core->clock->now, stored = queue->stored[queue->head] + 1;
    if (now < stored) {
        clock_dispatch_soon(core, engine, stored);
        return;
    }
    uint32_t a = words[0] >> 8 & 31, b = words[0] >> 13 & 31;
    bool a_passes = passes(core, a, words[1] & 0xFFFF), b_passes = passes(core, b, words[1] >> 16);
    if (!a_passes || !b_passes) {
        queue->waited_semaphore = (uint8_t)(a_passes ? b : a);
        return;
    }
    if (queue->waited_semaphore != 0) {
        uint64_t since = clock_max(queue->ready, stored);
        core->time.engines[engine].waiting[queue->waited_semaphore] += now - since;
    }
    uint32_t copy[8];
    memcpy(copy, words, sizeof copy);
    begin_command(core, engine, copy);
}

void clock_finish(clock_core *core, uint32_t engine, uint64_t time) {
    clock_push(core->clock, (clock_event){
        .time = time + CLOCK_POST, .core = core->index, .kind = EVENT_DONE,
        .engine = (uint8_t)engine});
}

void clock_done(clock_core *core, uint32_t engine) {
    apus_clock *clock = core->clock;
    clock_queue *queue = &core->queues[engine];
    const uint32_t *words = queue->entries + 8 * queue->head;
    uint64_t end = clock->now - CLOCK_POST;
    uint32_t semaphore = words[0] >> 18 & 31;
    if (clock->recorder != NULL) {
        apus_clock_event event = {
            .core = core->index, .engine = engine, .index = queue->index,
            .opcode = (uint8_t)words[0], .waited_semaphore = queue->waited_semaphore,
            .posted_semaphore = (uint8_t)semaphore,
            .ready = clock_max(queue->ready, queue->stored[queue->head] + 1),
            .dispatched = queue->dispatched, .began = queue->began, .ended = end};
        clock->recorder(clock->recorder_context, &event);
    }
    if (semaphore != 0) core->semaphores[semaphore] += (uint16_t)(words[0] >> 23 & 15);
    apus_clock_engine *time = &core->time.engines[engine];
    time->commands++;
    time->busy += end - queue->began;
    clock->activity.commands++;
    queue->index++;
    queue->head = queue->head + 1 == clock->chip.queue_depth ? 0 : queue->head + 1;
    queue->count--;
    queue->is_running = false;
    queue->local_rate_q16 = 0;
    queue->waited_semaphore = 0;
    queue->ready = clock->now;
    clock->last_time = clock_max(clock->last_time, clock->now);
    clock_semaphores_changed(core);
}
