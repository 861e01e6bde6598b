// The kernel `scale`: y[i] = alpha · x[i], tile by tile, on all cores.
//
// Three engines work at once: while Vector scales tile i, Load brings tile i + 1 into the other
// buffer and Store takes tile i − 1 away. Each engine posts a semaphore of its own per command, so
// "semaphore ≥ n" means that the engine has done n commands.
#include "apus_device.h"

// The argument block, as main.swift lays it out.
struct arguments {
    uint32_t tiles, tile_elements, alpha;
    uint32_t load, store, vector;  // offsets of the descriptors
};

enum { LOADED = 1, STORED = 2, SCALED = 3 };

static uint32_t word0(uint32_t opcode, uint32_t wait, uint32_t post) {
    return opcode | wait << APUS_SYNC_WAIT_A_SHIFT | post << APUS_SYNC_POST_SHIFT
        | 1u << APUS_SYNC_POST_COUNT_SHIFT;
}

static void transfer(
    uint32_t engine, uint32_t first, uint32_t wait_value, uint32_t descriptor, uint32_t local,
    uint32_t coordinate) {
    const uint32_t command[7] = {0, 0, descriptor, local, coordinate, 0, 0};
    apus_enqueue(engine, first, wait_value & 0xFFFF, command, 0);
}

void scale_main(void) {
    const struct arguments *given = (const struct arguments *)APUS_ARGUMENTS;
    const uint32_t bytes = given->tile_elements * 4, cores = apus_core_count();
    uint32_t done = 0;
    for (uint32_t tile = apus_core_index(); tile < given->tiles; tile += cores, done++) {
        const uint32_t buffer = (done & 1) * bytes, at = tile * given->tile_elements;
        // The buffer is free once the tile before the last is stored.
        transfer(
            APUS_ENGINE_LOAD, word0(APUS_OP_LOAD, done > 1 ? STORED : 0, LOADED), done - 1,
            given->load, buffer, at);
        const uint32_t mul[7] = {0, 0, buffer, buffer, given->alpha, 0, given->vector};
        apus_enqueue(
            APUS_ENGINE_VECTOR, word0(APUS_OP_MUL, LOADED, SCALED), (done + 1) & 0xFFFF, mul,
            APUS_VECTOR_B_IMMEDIATE_MASK);
        transfer(
            APUS_ENGINE_STORE, word0(APUS_OP_STORE, SCALED, STORED), done + 1, given->store,
            buffer, at);
    }
    apus_done(0);
}
