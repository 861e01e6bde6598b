// The banks of local memory, cycle by cycle: apus_memory_banks.sv, apus_round_robin.sv.
#include "Gate.h"

void gate_memory_choose(gate_memory *memory) {
    uint32_t left = memory->valid;
    memory->granted = 0;
    while (left != 0) {
        uint32_t bank = memory->bank[__builtin_ctz(left)], asking = 0;
        for (uint32_t rest = left; rest != 0; rest &= rest - 1) {
            uint32_t port = (uint32_t)__builtin_ctz(rest);
            if (memory->bank[port] == bank) asking |= 1u << port;
        }
        left &= ~asking;
        if (memory->merges[bank]) continue;
        uint32_t ahead = asking & ~memory->passed[bank];
        uint32_t grant = ahead != 0 ? ahead & -ahead : asking & -asking;
        memory->passed[bank] = grant | (grant - 1);
        memory->granted |= grant;
    }
}

void gate_memory_step(gate_memory *memory) {
    for (uint32_t bank = 0; bank < 2 * memory->banks; bank++) memory->merges[bank] = false;
    for (uint32_t rest = memory->granted & memory->partial; rest != 0; rest &= rest - 1) {
        memory->merges[memory->bank[__builtin_ctz(rest)]] = true;
    }
    memory->answering = memory->reading;
    memory->reading = memory->granted & ~memory->write;
    memory->valid = memory->write = memory->partial = 0;
}
