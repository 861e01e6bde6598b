// Which engine carries out a command.
#include "apus_execute.h"

#include "Engines.h"

enum { OPCODE_NOP = 0x00, OPCODE_LOAD = 0x10, OPCODE_STORE = 0x20, OPCODE_MATMUL = 0x30 };

static apus_trap_cause execute_nop(const uint32_t *words) {
    uint32_t reserved = words[0] >> 27;
    for (int i = 2; i < APUS_COMMAND_WORDS; i++) reserved |= words[i];
    return reserved == 0 ? APUS_TRAP_NONE : APUS_TRAP_RESERVED_BITS;
}

apus_trap_cause apus_execute(
    void *context, apus_core *core, uint32_t queue, const uint32_t *words) {
    (void)context;
    uint32_t opcode = words[0] & 255;
    switch (opcode) {
    case OPCODE_NOP: return execute_nop(words);
    case OPCODE_LOAD:
        if (queue != APUS_QUEUE_LOAD) return APUS_TRAP_WRONG_QUEUE;
        return apus_execute_transfer(core, words, false);
    case OPCODE_STORE:
        if (queue != APUS_QUEUE_STORE) return APUS_TRAP_WRONG_QUEUE;
        return apus_execute_transfer(core, words, true);
    case OPCODE_MATMUL:
        if (queue != APUS_QUEUE_MATRIX) return APUS_TRAP_WRONG_QUEUE;
        return apus_execute_matrix(core, words);
    default:
        if (!apus_is_vector_opcode(opcode)) return APUS_TRAP_UNKNOWN_OPCODE;
        if (queue != APUS_QUEUE_VECTOR) return APUS_TRAP_WRONG_QUEUE;
        return apus_execute_vector(core, words);
    }
}
