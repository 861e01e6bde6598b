// The local memory that benches give to an engine: answers in order for each port, after a random
// number of cycles, and refuses requests now and then.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

struct SplitMix {
    uint64_t state;

    uint64_t next() {
        state += 0x9E3779B97F4A7C15;
        uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    uint64_t below(uint64_t limit) { return next() % limit; }
    int64_t between(int64_t low, int64_t high) {
        return low + (int64_t)below((uint64_t)(high - low + 1));
    }
    bool happens(uint64_t oneIn) { return below(oneIn) == 0; }
};

/// Scratchpad and accumulators behind `ports` ports of an engine.
template <typename Model>
struct BenchMemory {
    static constexpr uint32_t kAccumulators = 0x40000000;

    struct Answer {
        uint64_t cycle, data;
    };

    std::vector<uint8_t> scratchpad, accumulators;
    int ports;
    bool is_patient;
    std::vector<std::deque<Answer>> answers;
    uint64_t cycle = 0, reads = 0, writes = 0, outside = 0;
    uint64_t ready = 0;

    BenchMemory(size_t scratchpad_bytes, size_t accumulator_bytes, int ports)
        : scratchpad(scratchpad_bytes), accumulators(accumulator_bytes), ports(ports),
          is_patient(true), answers((size_t)ports) {}

    uint8_t *at(uint32_t address) {
        if (address + 8ull <= scratchpad.size()) return &scratchpad[address];
        uint64_t offset = (uint64_t)address - kAccumulators;
        if (address >= kAccumulators && offset + 8 <= accumulators.size())
            return &accumulators[offset];
        return nullptr;
    }

    /// Before the rising edge: what the ports see.
    void drive(Model &engine, SplitMix &random) {
        ready = 0;
        uint64_t valid = 0;
        for (int p = 0; p < ports; p++) {
            if (is_patient || !random.happens(4)) ready |= 1ull << p;
            if (answers[p].empty() || answers[p].front().cycle > cycle) continue;
            valid |= 1ull << p;
            std::memcpy(&engine.mem_rsp_rdata_i.data()[2 * p], &answers[p].front().data, 8);
            answers[p].pop_front();
        }
        engine.mem_req_ready_i = ready;
        engine.mem_rsp_valid_i = valid;
    }

    /// At the rising edge: requests that are taken.
    void take(Model &engine, SplitMix &random) {
        for (int p = 0; p < ports; p++) {
            if (!(ready >> p & 1) || !(engine.mem_req_valid_o >> p & 1)) continue;
            uint32_t address = engine.mem_req_addr_o.data()[p];
            uint8_t *word = at(address);
            if (word == nullptr || address % 8 != 0) {
                outside++;
                continue;
            }
            if (engine.mem_req_write_o >> p & 1) {
                writes++;
                uint64_t data;
                std::memcpy(&data, &engine.mem_req_wdata_o.data()[2 * p], 8);
                uint32_t strobes = engine.mem_req_wstrb_o >> (8 * p) & 0xFF;
                for (int b = 0; b < 8; b++)
                    if (strobes >> b & 1) word[b] = (uint8_t)(data >> (8 * b));
            } else {
                reads++;
                Answer answer{cycle + 1 + (is_patient ? 0 : random.below(4)), 0};
                std::memcpy(&answer.data, word, 8);
                if (!answers[p].empty() && answers[p].back().cycle >= answer.cycle)
                    answer.cycle = answers[p].back().cycle + 1;
                answers[p].push_back(answer);
            }
        }
        cycle++;
    }
};
