// What the engines share: formats, descriptors, and local and global addresses.
#pragma once

#include "apus_core.h"

#include <stddef.h>
#include <string.h>

enum {
    FORMAT_FP32, FORMAT_BF16, FORMAT_FP16, FORMAT_E4M3, FORMAT_E5M2, FORMAT_INT32, FORMAT_INT16,
    FORMAT_INT8, FORMAT_UINT8, FORMAT_INT4, FORMAT_UINT4, FORMAT_E2M1, FORMAT_BITS64, FORMAT_UINT16,
    FORMAT_FIXED54, FORMAT_E8M0, FORMAT_COUNT,
};

/// Half bytes of an element, so that 4-bit formats count too.
static inline uint32_t format_nibbles(uint32_t format) {
    static const uint8_t nibbles[FORMAT_COUNT] = {8, 4, 4, 2, 2, 8, 4, 2, 2, 1, 1, 1, 16, 4, 16, 2};
    return nibbles[format];
}

static inline bool format_is_floating(uint32_t format) {
    return (0xC81Fu >> format & 1) != 0;
}

enum { ACCUMULATOR_BASE = 0x40000000, DESCRIPTOR_ALIGNMENT = 16 };
static const int64_t ELEMENTS_MAX = (int64_t)1 << 31;

/// The host address of local bytes `low ..< high`, or NULL if they leave the core's memories.
static inline uint8_t *local_pointer(const apus_core *core, int64_t low, int64_t high) {
    if (low >= 0 && high <= (int64_t)core->scratchpad_bytes) return core->scratchpad + low;
    if (low >= ACCUMULATOR_BASE && high <= ACCUMULATOR_BASE + (int64_t)core->accumulator_bytes) {
        return core->accumulators + (low - ACCUMULATOR_BASE);
    }
    return NULL;
}

/// Reads `words` descriptor words at byte `offset` of argument memory.
static inline apus_trap_cause read_descriptor(
    const apus_core *core, uint32_t offset, uint32_t words, uint32_t *descriptor) {
    if (offset % DESCRIPTOR_ALIGNMENT != 0) return APUS_TRAP_BAD_DESCRIPTOR;
    if ((uint64_t)offset + 4 * (uint64_t)words > core->argument_capacity) {
        return APUS_TRAP_BAD_DESCRIPTOR;
    }
    memcpy(descriptor, core->arguments + offset, 4 * (size_t)words);
    return APUS_TRAP_NONE;
}

apus_trap_cause apus_execute_transfer(apus_core *core, const uint32_t *words, bool is_store);
apus_trap_cause apus_execute_matrix(apus_core *core, const uint32_t *words);
apus_trap_cause apus_execute_vector(apus_core *core, const uint32_t *words);
bool apus_is_vector_opcode(uint32_t opcode);
