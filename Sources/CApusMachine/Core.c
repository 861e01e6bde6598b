// Queues, semaphores and registers of one core.
#include "apus_core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { REGISTER_BASE = 0x20000000 };

/// Zeroed memory whose untouched pages cost nothing.
static uint8_t *map(size_t bytes) {
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void unmap(uint8_t *memory, size_t bytes) {
    if (memory != NULL) munmap(memory, bytes);
}

apus_core *apus_core_make(apus_core_sizes sizes) {
    apus_core *core = calloc(1, sizeof *core);
    if (core == NULL) return NULL;
    core->queue_depth = sizes.queue_depth;
    core->scratchpad_bytes = sizes.scratchpad_bytes;
    core->accumulator_bytes = sizes.accumulator_bytes;
    core->argument_capacity = sizes.argument_bytes;
    core->program_bytes = sizes.program_bytes;
    core->scratchpad = map(sizes.scratchpad_bytes);
    core->accumulators = map(sizes.accumulator_bytes);
    core->arguments = map(sizes.argument_bytes);
    core->program = map(sizes.program_bytes);
    core->console = malloc(APUS_CONSOLE_BYTES_MAX);
    bool is_whole = core->scratchpad != NULL && core->accumulators != NULL
        && core->arguments != NULL && core->program != NULL && core->console != NULL;
    for (int queue = 0; queue < APUS_QUEUE_COUNT; queue++) {
        core->queues[queue].entries = calloc(sizes.queue_depth, 4 * APUS_COMMAND_WORDS);
        is_whole = is_whole && core->queues[queue].entries != NULL;
    }
    if (is_whole) return core;
    apus_core_free(core);
    return NULL;
}

void apus_core_free(apus_core *core) {
    if (core == NULL) return;
    unmap(core->scratchpad, core->scratchpad_bytes);
    unmap(core->accumulators, core->accumulator_bytes);
    unmap(core->arguments, core->argument_capacity);
    unmap(core->program, core->program_bytes);
    for (int queue = 0; queue < APUS_QUEUE_COUNT; queue++) free(core->queues[queue].entries);
    free(core->console);
    free(core->workspace);
    free(core);
}

void apus_core_reset(apus_core *core) {
    memset(core->semaphores, 0, sizeof core->semaphores);
    memset(&core->trap, 0, sizeof core->trap);
    for (uint32_t queue = 0; queue < APUS_QUEUE_COUNT; queue++) {
        memset(core->queues[queue].port, 0, sizeof core->queues[queue].port);
        core->queues[queue].head = 0;
        core->queues[queue].count = 0;
    }
    core->pending_queues = 0;
    core->stalled_wait = 0;
    core->is_at_barrier = false;
    core->passes_barrier = false;
    core->is_done = false;
    core->status = 0;
}

bool apus_core_wait_passes(const apus_core *core, uint32_t semaphore, uint32_t value) {
    if (semaphore == 0) return true;
    return (int16_t)(uint16_t)(core->semaphores[semaphore] - value) >= 0;
}

static void post(apus_core *core, uint32_t semaphore, uint32_t count) {
    if (semaphore != 0) core->semaphores[semaphore] += (uint16_t)count;
}

/// Adds to what will arrive at the core that bits 24 to 31 name.
static apus_bus_result post_remotely(const apus_core *core, uint32_t value) {
    uint32_t target = value >> 24, semaphore = value >> 16 & 255;
    if (core->peers == NULL || target >= core->core_count) return APUS_BUS_FAULT;
    if (semaphore >= APUS_SEMAPHORE_COUNT) return APUS_BUS_FAULT;
    apus_core *peer = core->peers[target];
    __atomic_fetch_add(&peer->remote_posts[semaphore], value & 0xFFFF, __ATOMIC_RELAXED);
    __atomic_store_n(&peer->has_remote_posts, true, __ATOMIC_RELEASE);
    return APUS_BUS_OK;
}

bool apus_core_receive(apus_core *core) {
    if (!__atomic_exchange_n(&core->has_remote_posts, false, __ATOMIC_ACQUIRE)) return false;
    for (uint32_t i = 0; i < APUS_SEMAPHORE_COUNT; i++) {
        post(core, i, __atomic_exchange_n(&core->remote_posts[i], 0, __ATOMIC_RELAXED));
    }
    return true;
}

static bool is_ready(const apus_core *core, const uint32_t *words) {
    return apus_core_wait_passes(core, words[0] >> 8 & 31, words[1] & 0xFFFF)
        && apus_core_wait_passes(core, words[0] >> 13 & 31, words[1] >> 16);
}

/// Executes `words` and posts; on a trap nothing but the record of the trap changes.
static apus_trap_cause complete(apus_core *core, uint32_t queue, const uint32_t *words) {
    apus_trap_cause cause = core->execute(core->execute_context, core, queue, words);
    if (cause != APUS_TRAP_NONE) {
        core->trap.cause = cause;
        core->trap.queue = queue;
        memcpy(core->trap.words, words, sizeof core->trap.words);
        return cause;
    }
    core->counters.commands[queue]++;
    core->counters.opcodes[words[0] & 255]++;
    post(core, words[0] >> 18 & 31, words[0] >> 23 & 15);
    return APUS_TRAP_NONE;
}

const uint32_t *apus_core_queue_head(const apus_core *core, uint32_t queue) {
    const apus_queue *ring = &core->queues[queue];
    return ring->count == 0 ? NULL : ring->entries + APUS_COMMAND_WORDS * ring->head;
}

bool apus_core_queue_is_ready(const apus_core *core, uint32_t queue) {
    const uint32_t *head = apus_core_queue_head(core, queue);
    return head != NULL && is_ready(core, head);
}

apus_trap_cause apus_core_step_queue(apus_core *core, uint32_t queue) {
    apus_queue *ring = &core->queues[queue];
    apus_trap_cause cause = complete(
        core, queue, ring->entries + APUS_COMMAND_WORDS * ring->head);
    if (cause != APUS_TRAP_NONE) return cause;
    ring->head = ring->head + 1 == core->queue_depth ? 0 : ring->head + 1;
    ring->count--;
    if (ring->count == 0) core->pending_queues &= ~(1u << queue);
    return APUS_TRAP_NONE;
}

apus_trap_cause apus_core_progress(apus_core *core) {
    bool moved = true;
    while (moved && core->pending_queues != 0) {
        moved = false;
        for (uint32_t queue = 0; queue < APUS_QUEUE_COUNT; queue++) {
            while (apus_core_queue_is_ready(core, queue)) {
                apus_trap_cause cause = apus_core_step_queue(core, queue);
                if (cause != APUS_TRAP_NONE) return cause;
                moved = true;
            }
        }
    }
    return APUS_TRAP_NONE;
}

/// The port's eight words become a command: executed at once when the policy and its waits allow.
static apus_bus_result enqueue(apus_core *core, uint32_t queue) {
    apus_queue *ring = &core->queues[queue];
    if (core->is_eager && ring->count == 0 && is_ready(core, ring->port)) {
        if (complete(core, queue, ring->port) != APUS_TRAP_NONE) return APUS_BUS_HALT;
        if (core->pending_queues == 0) return APUS_BUS_OK;
        return apus_core_progress(core) == APUS_TRAP_NONE ? APUS_BUS_OK : APUS_BUS_HALT;
    }
    if (ring->count == core->queue_depth) return APUS_BUS_STALL;
    uint32_t slot = ring->head + ring->count;
    if (slot >= core->queue_depth) slot -= core->queue_depth;
    memcpy(ring->entries + APUS_COMMAND_WORDS * slot, ring->port, sizeof ring->port);
    ring->count++;
    core->pending_queues |= 1u << queue;
    return APUS_BUS_OK;
}

apus_bus_result apus_core_store_register(void *context, uint32_t offset, uint32_t value) {
    apus_core *core = context;
    if (offset & 3) return APUS_BUS_FAULT;
    if (offset < 0x80) {
        uint32_t queue = offset >> 5, word = offset >> 2 & 7;
        core->queues[queue].port[word] = value;
        return word == 7 ? enqueue(core, queue) : APUS_BUS_OK;
    }
    switch (offset) {
    case 0x120:
        if (value >> 16 >= APUS_SEMAPHORE_COUNT) return APUS_BUS_FAULT;
        if (!apus_core_wait_passes(core, value >> 16, value & 0xFFFF)) {
            core->stalled_wait = value;
            return APUS_BUS_STALL;
        }
        core->stalled_wait = 0;
        return APUS_BUS_OK;
    case 0x124:
        if (value >> 16 >= APUS_SEMAPHORE_COUNT) return APUS_BUS_FAULT;
        post(core, value >> 16, value & 0xFFFF);
        if (!core->is_eager || core->pending_queues == 0) return APUS_BUS_OK;
        return apus_core_progress(core) == APUS_TRAP_NONE ? APUS_BUS_OK : APUS_BUS_HALT;
    case 0x128:
        core->is_done = true;
        core->status = value;
        return APUS_BUS_HALT;
    case 0x12C:
        if (core->console_bytes < APUS_CONSOLE_BYTES_MAX) {
            core->console[core->console_bytes++] = (uint8_t)value;
        }
        return APUS_BUS_OK;
    case 0x130: return post_remotely(core, value);
    case 0x134:
        core->is_at_barrier = !core->passes_barrier;
        core->passes_barrier = false;
        return core->is_at_barrier ? APUS_BUS_STALL : APUS_BUS_OK;
    default: return APUS_BUS_FAULT;
    }
}

apus_bus_result apus_core_load_register(void *context, uint32_t offset, uint32_t *value) {
    const apus_core *core = context;
    if (offset & 3) return APUS_BUS_FAULT;
    if (offset >= 0x200 && offset < 0x200 + 4 * APUS_SEMAPHORE_COUNT) {
        *value = core->semaphores[(offset - 0x200) >> 2];
        return APUS_BUS_OK;
    }
    switch (offset) {
    case 0x100: *value = core->index; return APUS_BUS_OK;
    case 0x104: *value = core->core_count; return APUS_BUS_OK;
    case 0x108: *value = core->scratchpad_bytes; return APUS_BUS_OK;
    case 0x10C: *value = core->accumulator_bytes; return APUS_BUS_OK;
    case 0x110: *value = core->argument_bytes; return APUS_BUS_OK;
    default: return APUS_BUS_FAULT;
    }
}

void *apus_core_workspace(apus_core *core, uint64_t bytes) {
    if (bytes > core->workspace_bytes) {
        free(core->workspace);
        uint64_t rounded = (bytes + 4095) & ~(uint64_t)4095;
        core->workspace = aligned_alloc(64, rounded);
        if (core->workspace == NULL) abort();
        core->workspace_bytes = rounded;
    }
    return core->workspace;
}

int32_t apus_core_access(
    void *core, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value) {
    if (bytes != 4 || address < REGISTER_BASE) return APUS_BUS_FAULT;
    uint32_t offset = address - REGISTER_BASE;
    return is_store ? (int32_t)apus_core_store_register(core, offset, *value)
                    : (int32_t)apus_core_load_register(core, offset, value);
}
