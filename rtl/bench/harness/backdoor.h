// The chip's memories as the harness sees them: words found by their names in the model.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "verilated.h"
#include "verilated_sym_props.h"

/// The words of one memory array, each in `stride` words of 32 bits.
struct Array {
    uint32_t *words = nullptr;
    uint32_t stride = 0;

    static Array find(const std::string &scope, uint32_t stride) {
        const VerilatedScope *found = Verilated::threadContextp()->scopeFind(scope.c_str());
        VerilatedVar *variable = found == nullptr ? nullptr : found->varFind("words_q");
        if (variable == nullptr) {
            std::fprintf(stderr, "the model has no memory %s\n", scope.c_str());
            std::abort();
        }
        return {static_cast<uint32_t *>(variable->datap()), stride};
    }
};

/// Check bits of the code (72, 64): `apus_ecc_pkg` says how its columns are chosen. A mistake here
/// would show as corrections in every run.
inline uint8_t eccCheckBits(uint64_t data) {
    static const std::vector<uint8_t> columns = [] {
        std::vector<uint8_t> made;
        for (unsigned c = 0; c < 256; c++) {
            if (__builtin_popcount(c) == 3) made.push_back(static_cast<uint8_t>(c));
        }
        for (unsigned r = 0; r < 8; r++) {
            made.push_back(static_cast<uint8_t>(0x1F << r | 0x1F >> (8 - r)));
        }
        return made;
    }();
    uint8_t check = 0;
    for (; data != 0; data &= data - 1) check ^= columns[__builtin_ctzll(data)];
    return check;
}

/// A core's memories.
class Backdoor {
public:
    Backdoor(const std::string &core, uint32_t banks) : banks_(banks) {
        for (uint32_t bank = 0; bank < banks; bank++) {
            std::string index = "[" + std::to_string(bank) + "].u_bank.";
            std::string memory = core + ".u_memory.";
            scratchpad_.push_back(Array::find(
                memory + "u_scratchpad.gen_bank" + index + "gen_ecc.u_sram", 3));
            accumulators_.push_back(Array::find(
                memory + "u_accumulators.gen_bank" + index + "gen_plain.u_sram", 2));
        }
        arguments_ = Array::find(core + ".u_control.u_arguments.u_sram", 4);
        program_ = Array::find(core + ".u_control.u_program", 1);
    }

    /// The 32-bit word of program or argument memory at a byte address.
    uint32_t *program(uint32_t address) { return program_.words + address / 4; }
    uint32_t *arguments(uint32_t address) { return arguments_.words + address / 4; }

    uint64_t local(uint32_t address) const {
        const uint32_t *word = place(address);
        return word[0] | static_cast<uint64_t>(word[1]) << 32;
    }
    void setLocal(uint32_t address, uint64_t value) {
        uint32_t *word = place(address);
        word[0] = static_cast<uint32_t>(value);
        word[1] = static_cast<uint32_t>(value >> 32);
        if (!isAccumulator(address)) word[2] = eccCheckBits(value);
    }

private:
    static bool isAccumulator(uint32_t address) { return address >> 30 & 1; }
    uint32_t *place(uint32_t address) const {
        uint32_t index = (address & 0x3FFFFFFF) / 8;
        const Array &bank = (isAccumulator(address) ? accumulators_ : scratchpad_)[index % banks_];
        return bank.words + index / banks_ * bank.stride;
    }

    uint32_t banks_;
    std::vector<Array> scratchpad_, accumulators_;
    Array arguments_, program_;
};
