// What a kernel needs of the control processor: its registers and queue ports.
//
// Addresses are those of docs/Architecture.md, "The core". A Swift kernel imports this header as
// the
// module `ApusDevice` (see module.modulemap), a C kernel includes it.
#ifndef APUS_DEVICE_H
#define APUS_DEVICE_H

#include <stdint.h>

#include "../include/apus_isa.h"

#define APUS_ARGUMENTS 0x00100000u
#define APUS_ENGINES 0x20000000u

static inline void apus_write(uint32_t offset, uint32_t value) {
    *(volatile uint32_t *)(APUS_ENGINES + offset) = value;
}

static inline uint32_t apus_read(uint32_t offset) {
    return *(volatile uint32_t *)(APUS_ENGINES + offset);
}

/// The index of this core, from 0.
static inline uint32_t apus_core_index(void) { return apus_read(0x100); }
/// The number of cores that run the launch.
static inline uint32_t apus_core_count(void) { return apus_read(0x104); }
/// Stalls until the semaphore has reached the value, in wrapping 16-bit arithmetic.
static inline void apus_wait(uint32_t semaphore, uint32_t value) {
    apus_write(0x120, semaphore << 16 | (value & 0xFFFFu));
}
/// Adds to a semaphore.
static inline void apus_post(uint32_t semaphore, uint32_t count) {
    apus_write(0x124, semaphore << 16 | count);
}
/// Ends this core's part of the launch once its queues are empty; 0 is success.
static inline void apus_done(uint32_t status) { apus_write(0x128, status); }
/// Adds to a semaphore of another core. What this core stored before, and waited for, is seen by
/// who waits for the post.
static inline void apus_remote_post(uint32_t core, uint32_t semaphore, uint32_t count) {
    apus_write(0x130, core << 24 | semaphore << 16 | count);
}
/// Stalls until all cores have called it.
static inline void apus_barrier(void) { apus_write(0x134, 0); }
/// Prints one character.
static inline void apus_console(uint32_t character) { apus_write(0x12C, character); }

/// Enqueues a command at a port, the offset `engine * 32` among the registers: words 2 to 6 are
/// taken from `command`, the others are given apart.
static inline void apus_enqueue_port(
    uint32_t port, uint32_t word0, uint32_t word1, const uint32_t *command, uint32_t word7) {
    volatile uint32_t *words = (volatile uint32_t *)(APUS_ENGINES + port);
    words[0] = word0;
    words[1] = word1;
    words[2] = command[2];
    words[3] = command[3];
    words[4] = command[4];
    words[5] = command[5];
    words[6] = command[6];
    words[7] = word7;
}

/// Enqueues a command for an engine, in the same way.
static inline void apus_enqueue(
    uint32_t engine, uint32_t word0, uint32_t word1, const uint32_t *command, uint32_t word7) {
    apus_enqueue_port(engine * 32, word0, word1, command, word7);
}

/// Enqueues a `nop` at a port that only waits.
static inline void apus_enqueue_waits(uint32_t port, uint32_t word0, uint32_t word1) {
    volatile uint32_t *words = (volatile uint32_t *)(APUS_ENGINES + port);
    words[0] = word0;
    words[1] = word1;
    for (int index = 2; index < 8; index++) words[index] = 0;
}

#endif
