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

void clock_front_free(clock_core *core, uint32_t engine, uint64_t time) {
    core->queues[engine].front_free = time;
    if (core->clock->chip.commands_under_way > 1) clock_dispatch_soon(core, engine, time);
}

bool clock_dispatches(const clock_core *core, uint32_t engine) {
    const clock_queue *queue = &core->queues[engine];
    return queue->issued < queue->count && queue->issued < core->clock->chip.commands_under_way
        && !queue->is_asking && !queue->is_scheduled;
}

/// What a command keeps its engine busy with: cycles, those at its begin and at its end that may
/// overlap with its neighbours', and words of local memory.
typedef struct {
    uint64_t cycles, check, tail, words;
} local_work;

/// The engine works from `begin` on, and longer where others want its banks too.
static void run_locally(
    clock_core *core, uint32_t engine, uint64_t begin, const local_work *work) {
    const uint64_t cycles = work->cycles, words = work->words;
    clock_queue *queue = &core->queues[engine];
    const uint64_t all = (uint64_t)core->clock->chip.scratchpad_banks << 16;
    uint64_t others = 0, own = cycles == 0 ? 0 : (words << 16) / cycles, stretched = cycles;
    for (uint32_t i = 0; i < APUS_CLOCK_ENGINES; i++) {
        if (i != engine) others += core->queues[i].local_rate_q16;
    }
    if (own + others > all) {
        // What is left, but at least a fair share.
        uint64_t left = clock_max(others < all ? all - others : 0, all / 2);
        if (own > left) stretched = clock_max(cycles, (words << 16) / left);
    }
    core->time.engines[engine].stalled_local += stretched - cycles;
    queue->local_rate_q16 = own;
    uint64_t check = clock_min(work->check, cycles);
    uint64_t start = clock_max(begin + check, queue->engine_free);
    uint64_t end = start + stretched - check;
    clock_finish(core, engine, end);
    queue->engine_free = end - clock_min(work->tail, end - start);
    clock_front_free(core, engine, start);
}

static apus_trap_cause begin_engine(
    clock_core *core, uint32_t engine, const uint32_t *words, const uint32_t *descriptor,
    uint64_t begin) {
    apus_clock *clock = core->clock;
    uint32_t opcode = words[0] & 255;
    local_work work = {0};
    apus_trap_cause cause;
    if (opcode == OPCODE_LOAD || opcode == OPCODE_STORE) {
        transfer_shape *shape = &core->queues[engine].transfer.shape;
        cause = clock_read_transfer(words, descriptor, opcode == OPCODE_STORE, shape);
        // What the commands before it load, or add to, must be there.
        bool is_after = shape->gather != 0 || shape->reduction != 0;
        if (is_after) begin = clock_max(begin, core->queues[engine].engine_free + CLOCK_POST);
        if (cause == APUS_TRAP_NONE) clock_transfer_begin(core, engine, begin);
        return cause;
    }
    if (opcode == OPCODE_MATMUL) {
        matrix_shape shape;
        cause = clock_read_matrix(words, descriptor, &shape);
        if (cause != APUS_TRAP_NONE) return cause;
        work.cycles = clock_matrix_cycles(&clock->chip, &shape, &clock->activity, &work.words);
        work.check = clock_matrix_check(&shape);
        work.tail = clock_matrix_tail(&clock->chip, &shape);
    } else {
        vector_shape shape;
        cause = clock_read_vector(words, descriptor, &shape);
        if (cause != APUS_TRAP_NONE) return cause;
        work.cycles = clock_vector_cycles(&clock->chip, &shape, &clock->activity, &work.words);
        work.check = clock_vector_check();
    }
    run_locally(core, engine, begin, &work);
    return APUS_TRAP_NONE;
}

/// Which queue a command belongs to; APUS_CLOCK_ENGINES if to none.
static uint32_t engine_of(uint32_t opcode) {
    if (opcode == OPCODE_LOAD) return 0;
    if (opcode == OPCODE_STORE) return 1;
    if (opcode == OPCODE_MATMUL) return 2;
    return clock_vector_form(opcode) == SHAPE_NONE ? APUS_CLOCK_ENGINES : 3;
}

/// What is known of the dispatched command `place` behind the queue's head.
static clock_command *command_at(clock_queue *queue, uint32_t place) {
    return &queue->commands[(queue->index + place) % COMMANDS_UNDER_WAY];
}

/// Fetches the descriptor and starts the engine; the waits have passed.
static void begin_command(
    clock_core *core, uint32_t engine, const uint32_t *words, uint64_t stored) {
    clock_queue *queue = &core->queues[engine];
    uint64_t now = core->clock->now;
    uint32_t opcode = words[0] & 255, owner = engine_of(opcode);
    clock_command *command = command_at(queue, queue->issued++);
    command->ready = clock_max(clock_max(queue->front_free, queue->last_end), stored);
    command->waited_semaphore = queue->waited_semaphore;
    queue->waited_semaphore = 0;
    command->dispatched = now;
    if (opcode == OPCODE_NOP) {
        command->began = now + CLOCK_CHECK;
        clock_finish(core, engine, command->began);
        clock_front_free(core, engine, command->began);
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
    command->began = queue->front_free = began;
    cause = begin_engine(core, engine, words, descriptor, began);
    if (cause != APUS_TRAP_NONE) trap(core, engine, words, cause);
}

void clock_dispatch(clock_core *core, uint32_t engine) {
    if (!clock_dispatches(core, engine)) return;
    clock_queue *queue = &core->queues[engine];
    uint32_t place = (queue->head + queue->issued) % core->clock->chip.queue_depth;
    const uint32_t *words = queue->entries + 8 * place;
    uint64_t now = core->clock->now, stored = queue->stored[place] + 1;
    uint64_t earliest = clock_max(stored, queue->front_free);
    if (now < earliest) {
        clock_dispatch_soon(core, engine, earliest);
        return;
    }
    uint32_t a = words[0] >> 8 & 31, b = words[0] >> 13 & 31;
    bool a_passes = passes(core, a, words[1] & 0xFFFF), b_passes = passes(core, b, words[1] >> 16);
    if (!a_passes || !b_passes) {
        queue->waited_semaphore = (uint8_t)(a_passes ? b : a);
        return;
    }
    if (queue->waited_semaphore != 0) {
        uint64_t since = clock_max(clock_max(queue->front_free, queue->last_end), stored);
        core->time.engines[engine].waiting[queue->waited_semaphore] += now - clock_min(since, now);
    }
    uint32_t copy[8];
    memcpy(copy, words, sizeof copy);
    begin_command(core, engine, copy, stored);
}

void clock_finish(clock_core *core, uint32_t engine, uint64_t time) {
    clock_queue *queue = &core->queues[engine];
    // In the order of the commands.
    time = clock_max(time, queue->end);
    queue->end = queue->engine_free = time;
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
    const clock_command *command = command_at(queue, 0);
    if (clock->recorder != NULL) {
        apus_clock_event event = {
            .core = core->index, .engine = engine, .index = queue->index,
            .opcode = (uint8_t)words[0], .waited_semaphore = command->waited_semaphore,
            .posted_semaphore = (uint8_t)semaphore,
            .ready = command->ready, .dispatched = command->dispatched,
            .began = command->began, .ended = end};
        clock->recorder(clock->recorder_context, &event);
    }
    if (semaphore != 0) core->semaphores[semaphore] += (uint16_t)(words[0] >> 23 & 15);
    apus_clock_engine *time = &core->time.engines[engine];
    time->commands++;
    time->busy += end - clock_max(command->began, queue->last_end);
    clock->activity.commands++;
    queue->index++;
    queue->head = queue->head + 1 == clock->chip.queue_depth ? 0 : queue->head + 1;
    queue->count--;
    queue->issued--;
    if (queue->issued == 0) queue->local_rate_q16 = 0;
    queue->last_end = clock->now;
    queue->front_free = clock_max(queue->front_free, queue->issued == 0 ? clock->now : 0);
    clock->last_time = clock_max(clock->last_time, clock->now);
    clock_semaphores_changed(core);
}
