// The cycle simulator: its chip, its events, a launch.
#include "Clock.h"
#include "GateCore.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRAM_BASE = 0, ARGUMENT_BASE = 0x00100000 };

// Events ------------------------------------------------------------------------------------------

static bool is_before(const clock_event *a, const clock_event *b) {
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

void clock_push(apus_clock *clock, clock_event event) {
    if (clock->heap_count == clock->heap_capacity) {
        uint32_t capacity = 2 * clock->heap_capacity;
        clock_event *grown = realloc(clock->heap, capacity * sizeof *grown);
        if (grown == NULL) abort();
        clock->heap = grown;
        clock->heap_capacity = capacity;
    }
    event.order = clock->order++;
    uint32_t place = clock->heap_count++;
    while (place > 0) {
        uint32_t above = (place - 1) / 2;
        if (!is_before(&event, &clock->heap[above])) break;
        clock->heap[place] = clock->heap[above];
        place = above;
    }
    clock->heap[place] = event;
}

static clock_event pop(apus_clock *clock) {
    clock_event first = clock->heap[0], last = clock->heap[--clock->heap_count];
    uint32_t place = 0;
    while (true) {
        uint32_t below = 2 * place + 1;
        if (below >= clock->heap_count) break;
        if (below + 1 < clock->heap_count
            && is_before(&clock->heap[below + 1], &clock->heap[below])) {
            below++;
        }
        if (!is_before(&clock->heap[below], &last)) break;
        clock->heap[place] = clock->heap[below];
        place = below;
    }
    clock->heap[place] = last;
    return first;
}

// The chip ----------------------------------------------------------------------------------------

static bool make_core(apus_clock *clock, uint32_t index) {
    const apus_clock_chip *chip = &clock->chip;
    clock_core *core = &clock->cores[index];
    core->clock = clock;
    core->index = index;
    core->processor = apus_rv32_make();
    core->program = calloc(1, chip->program_bytes);
    core->arguments = calloc(1, chip->argument_bytes);
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) {
        core->queues[i].entries = calloc(chip->queue_depth, 32);
        core->queues[i].stored = calloc(chip->queue_depth, sizeof(uint64_t));
        if (core->queues[i].entries == NULL || core->queues[i].stored == NULL) return false;
    }
    if (core->processor == NULL || core->program == NULL || core->arguments == NULL) return false;
    core->processor->hart = index;
    core->processor->trap_misaligned = true;
    core->processor->stop_on_exception = true;
    core->processor->context = core;
    core->processor->access = clock_access;
    const uint32_t data = APUS_RV32_READ | APUS_RV32_WRITE;
    return apus_rv32_add_region(
               core->processor, PROGRAM_BASE, chip->program_bytes, core->program,
               data | APUS_RV32_EXECUTE)
        && apus_rv32_add_region(
               core->processor, ARGUMENT_BASE, chip->argument_bytes, core->arguments, data);
}

apus_clock *apus_clock_make(const apus_clock_chip *chip) {
    apus_clock *clock = calloc(1, sizeof *clock);
    if (clock == NULL) return NULL;
    clock->chip = *chip;
    clock->heap_capacity = 1024;
    clock->heap = calloc(clock->heap_capacity, sizeof *clock->heap);
    clock->cores = calloc(chip->core_count, sizeof *clock->cores);
    clock->channels = calloc(chip->memory.channels, sizeof *clock->channels);
    clock->links = calloc((size_t)chip->mesh_columns * chip->mesh_rows * 6, sizeof *clock->links);
    bool is_whole = clock->heap != NULL && clock->cores != NULL && clock->channels != NULL
        && clock->links != NULL;
    for (uint32_t i = 0; is_whole && i < chip->core_count; i++) is_whole = make_core(clock, i);
    for (uint32_t i = 0; is_whole && i < chip->memory.channels; i++) {
        clock->channels[i].next_refresh = chip->memory.refresh_interval;
        memset(clock->channels[i].row, 0xFF, sizeof clock->channels[i].row);
    }
    if (is_whole && chip->is_stepped) {
        clock->gates = gate_chip_make(clock);
        is_whole = clock->gates != NULL;
    }
    if (is_whole) return clock;
    apus_clock_free(clock);
    return NULL;
}

void apus_clock_free(apus_clock *clock) {
    if (clock == NULL) return;
    for (uint32_t i = 0; clock->cores != NULL && i < clock->chip.core_count; i++) {
        clock_core *core = &clock->cores[i];
        apus_rv32_free(core->processor);
        free(core->program);
        free(core->arguments);
        for (int j = 0; j < APUS_CLOCK_ENGINES; j++) {
            free(core->queues[j].entries);
            free(core->queues[j].stored);
        }
    }
    gate_chip_free(clock->gates);
    free(clock->heap);
    free(clock->cores);
    free(clock->channels);
    free(clock->links);
    free(clock);
}

void apus_clock_load(apus_clock *clock, const uint8_t *program) {
    for (uint32_t i = 0; i < clock->chip.core_count; i++) {
        memcpy(clock->cores[i].program, program, clock->chip.program_bytes);
        apus_rv32_code_changed(clock->cores[i].processor, PROGRAM_BASE, clock->chip.program_bytes);
    }
}

void apus_clock_record(apus_clock *clock, apus_clock_recorder recorder, void *context) {
    clock->recorder = recorder;
    clock->recorder_context = context;
}

const apus_clock_core *apus_clock_core_at(const apus_clock *clock, uint32_t core) {
    return &clock->cores[core].time;
}

const apus_clock_activity *apus_clock_activity_of(const apus_clock *clock) {
    return &clock->activity;
}

uint64_t apus_clock_draw(uint64_t seed, uint64_t address) { return clock_draw(seed, address); }

// A launch ----------------------------------------------------------------------------------------

void clock_fail(clock_core *core, apus_clock_outcome outcome) {
    apus_clock *clock = core->clock;
    if (clock->has_failed) return;
    clock->has_failed = true;
    clock->result.outcome = outcome;
    clock->result.core = core->index;
    clock->result.pc = core->processor->state.pc;
}

static void begin_core(
    clock_core *core, uint32_t entry, const uint8_t *arguments, uint32_t count, uint64_t begin) {
    apus_rv32_reset(core->processor, entry);
    memcpy(core->arguments, arguments, count);
    if (core->argument_bytes > count) {
        memset(core->arguments + count, 0, core->argument_bytes - count);
    }
    core->argument_bytes = count;
    core->base = begin + CLOCK_LAUNCH;
    core->is_done = core->may_read = false;
    core->status = 0;
    core->stall = STALL_NONE;
    core->argument_free = 0;
    memset(core->semaphores, 0, sizeof core->semaphores);
    memset(&core->time, 0, sizeof core->time);
    for (int i = 0; i < APUS_CLOCK_ENGINES; i++) {
        clock_queue *queue = &core->queues[i];
        memset(queue->port, 0, sizeof queue->port);
        queue->head = queue->count = queue->index = 0;
        queue->issued = 0;
        memset(queue->commands, 0, sizeof queue->commands);
        queue->is_asking = queue->is_scheduled = false;
        queue->local_rate_q16 = 0;
        queue->waited_semaphore = 0;
        queue->front_free = queue->engine_free = queue->end = queue->last_end = 0;
    }
    clock_push(core->clock, (clock_event){
        .time = core->base, .core = core->index, .kind = EVENT_PROCESSOR});
}

static void handle(apus_clock *clock, const clock_event *event) {
    clock_core *core = &clock->cores[event->core];
    switch (event->kind) {
    case EVENT_PROCESSOR: clock_processor_run(core); break;
    case EVENT_DISPATCH:
        core->queues[event->engine].is_scheduled = false;
        clock_dispatch(core, event->engine);
        break;
    case EVENT_CHUNK: clock_transfer_chunk(core, event->engine); break;
    case EVENT_DONE: clock_done(core, event->engine); break;
    default:
        if (event->semaphore != 0) core->semaphores[event->semaphore] += event->count;
        clock_semaphores_changed(core);
        break;
    }
}

/// A core that has not come to its end, when nothing is left to happen.
static void check_end(apus_clock *clock) {
    for (uint32_t i = 0; i < clock->chip.core_count && !clock->has_failed; i++) {
        clock_core *core = &clock->cores[i];
        bool is_drained = true;
        for (int j = 0; j < APUS_CLOCK_ENGINES; j++) is_drained &= core->queues[j].count == 0;
        if (!core->is_done || !is_drained) clock_fail(core, APUS_CLOCK_DEADLOCK);
        else if (core->status != 0) {
            clock_fail(core, APUS_CLOCK_STATUS);
            clock->result.status = core->status;
        }
    }
}

apus_clock_result apus_clock_launch(
    apus_clock *clock, uint32_t entry, const uint8_t *arguments, uint32_t count) {
    uint64_t begin = clock->last_time;
    clock->has_failed = false;
    clock->result = (apus_clock_result){.outcome = APUS_CLOCK_DONE, .begin = begin};
    clock->waiting_at_barrier = 0;
    clock->barrier_time = 0;
    memset(&clock->activity, 0, sizeof clock->activity);
    for (uint32_t i = 0; i < clock->chip.core_count; i++) {
        begin_core(&clock->cores[i], entry, arguments, count, begin);
    }
    if (clock->gates != NULL) {
        clock->heap_count = 0;
        gate_chip_launch(clock->gates, clock);
    }
    while (clock->heap_count != 0 && !clock->has_failed) {
        clock_event event = pop(clock);
        clock->now = event.time;
        handle(clock, &event);
    }
    clock->heap_count = 0;
    check_end(clock);
    for (uint32_t i = 0; i < clock->chip.core_count; i++) {
        clock_core *core = &clock->cores[i];
        core->time.instructions = core->processor->state.steps;
        core->time.processor_busy =
            core->processor->state.steps + core->processor->state.extra_cycles;
        clock->activity.instructions += core->time.instructions;
    }
    clock->result.end = clock->last_time;
    return clock->result;
}
