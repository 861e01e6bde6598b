// Engines that the emulator stands in for, so that the others and control are tested apart.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "svdpi.h"
#include "apus_chip.h"
#include "backdoor.h"
extern "C" {
#include "apus_core.h"
#include "apus_execute.h"
}

/// A core of the emulator whose memories are copied from the model before a command and back after.
class BehaviouralEngines {
public:
    explicit BehaviouralEngines(Backdoor &backdoor) : backdoor_(backdoor) {
        core_ = apus_core_make({APUS_SCRATCHPAD_BYTES, APUS_ACCUMULATOR_BYTES,
                                APUS_ARGUMENT_BYTES, APUS_PROGRAM_BYTES, APUS_QUEUE_DEPTH});
        core_->core_count = APUS_CORE_COUNT;
        core_->matrix_formats = APUS_MATRIX_FORMATS;
        core_->peers = &core_;
    }
    ~BehaviouralEngines() { apus_core_free(core_); }

    void attach(uint64_t base, uint8_t *host, uint64_t bytes) {
        core_->global_base = base, core_->global = host, core_->global_bytes = bytes;
    }

    uint32_t execute(uint32_t queue, const uint32_t *command, const uint32_t *descriptor) {
        copy(true);
        uint32_t offset = command[queue == APUS_QUEUE_VECTOR ? 6 : 2];
        std::memcpy(core_->arguments + offset, descriptor, queue == APUS_QUEUE_VECTOR ? 64 : 128);
        apus_trap_cause cause = apus_execute(nullptr, core_, queue, command);
        copy(false);
        return cause;
    }

    /// Of the cores of the launch that runs.
    static inline const std::vector<std::unique_ptr<BehaviouralEngines>> *current = nullptr;

private:
    void copy(bool isRead) {
        transfer(0, core_->scratchpad, APUS_SCRATCHPAD_BYTES, isRead);
        transfer(0x40000000, core_->accumulators, APUS_ACCUMULATOR_BYTES, isRead);
    }
    void transfer(uint32_t address, uint8_t *bytes, uint32_t count, bool isRead) {
        for (uint32_t i = 0; i < count; i += 8) {
            uint64_t word;
            if (isRead) {
                word = backdoor_.local(address + i);
                std::memcpy(bytes + i, &word, 8);
            } else {
                std::memcpy(&word, bytes + i, 8);
                if (word != backdoor_.local(address + i)) backdoor_.setLocal(address + i, word);
            }
        }
    }

    Backdoor &backdoor_;
    apus_core *core_;
};

/// What the stand-ins in rtl/bench/behavioural call.
extern "C" unsigned int apus_behavioural_execute(
    unsigned int engine, const uint32_t *command, const uint32_t *descriptor) {
    // Which core it is the stand-in's place tells; a chip of one core has no such name.
    const char *core = std::strstr(svGetNameFromScope(svGetScope()), "gen_core[");
    std::size_t index = core == nullptr ? 0 : std::strtoul(core + 9, nullptr, 10);
    return (*BehaviouralEngines::current)[index]->execute(engine, command, descriptor);
}
