// The RTL control processor beside the emulator's interpreter (Sources/CApusMachine), instruction
// by instruction: registers, control registers, memory, and what became of each access.
//
//     rv32_lockstep [programs] [seed]
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vapus_rv32.h"
#include "Vapus_rv32___024root.h"
#include "verilated.h"

#include "ApusRV32.h"

namespace {

constexpr uint32_t kCodeBytes = 65536, kDataBase = 0x00100000, kDataBytes = 256;
constexpr uint32_t kConstantBase = 0x10001000, kConstantBytes = 64, kDeviceBase = 0x20000000;

constexpr uint32_t kControlRegisters[] = {
    0x300, 0x301, 0x304, 0x305, 0x310, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0x3A0, 0x3A3,
    0x3B0, 0x3BF, 0xB00, 0xB02, 0xB80, 0xB82, 0xC00, 0xC01, 0xC02, 0xC80, 0xC81, 0xC82, 0xF14,
    0x7A0, 0xB03, 0x306, 0x323, 0xF11, 0xC83, 0x302};

/// What a device answered to the RTL, to be answered to the interpreter too.
struct Answer {
    bool isFault;
    uint32_t value;
};

struct Generator {
    std::mt19937_64 random;

    uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random() % bound); }
    uint32_t word() { return static_cast<uint32_t>(random()); }
    uint32_t reg() { return below(12); }
    int32_t immediate() { return static_cast<int32_t>(below(4096)) - 2048; }
    template <size_t n> uint32_t pick(const uint32_t (&values)[n]) { return values[below(n)]; }

    static uint32_t iType(uint32_t op, uint32_t f3, uint32_t rd, uint32_t rs1, int32_t value) {
        return static_cast<uint32_t>(value) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
    }
    static uint32_t rType(uint32_t f7, uint32_t f3, uint32_t rd, uint32_t rs1, uint32_t rs2) {
        return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | 0x33;
    }
    static uint32_t sType(uint32_t f3, uint32_t rs2, uint32_t rs1, int32_t value) {
        uint32_t v = static_cast<uint32_t>(value);
        return (v >> 5 & 127) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (v & 31) << 7 | 0x23;
    }
    static uint32_t bType(uint32_t f3, uint32_t rs1, uint32_t rs2, int32_t value) {
        uint32_t v = static_cast<uint32_t>(value);
        return (v >> 12 & 1) << 31 | (v >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12
            | (v >> 1 & 15) << 8 | (v >> 11 & 1) << 7 | 0x63;
    }
    static uint32_t jal(uint32_t rd, int32_t value) {
        uint32_t v = static_cast<uint32_t>(value);
        return (v >> 20 & 1) << 31 | (v >> 1 & 1023) << 21 | (v >> 11 & 1) << 20
            | (v >> 12 & 255) << 12 | rd << 7 | 0x6F;
    }
    static void li(std::vector<uint32_t> &words, uint32_t rd, uint32_t value) {
        words.push_back(((value + 0x800) & 0xFFFFF000) | rd << 7 | 0x37);
        words.push_back(iType(0x13, 0, rd, rd, static_cast<int32_t>(value << 20) >> 20));
    }

    uint32_t system() {
        static constexpr uint32_t extra[] = {0x300, 0x304, 0x305, 0x341, 0x302, 0xB00, 0x320};
        uint32_t number = below(3) == 0 ? pick(extra) : pick(kControlRegisters);
        static constexpr uint32_t plain[] = {0x73, 0x00100073, 0x0FF0000F, 0x0000100F};
        static constexpr uint32_t forms[] = {1, 2, 3, 5, 6, 7};
        switch (below(10)) {
            case 0: return pick(plain);
            case 1: case 2: return 0x30200073;
            case 3: return 0x10500073;
            default: return iType(0x73, pick(forms), reg(), below(32),
                                  static_cast<int32_t>(number));
        }
    }

    uint32_t instruction() {
        static constexpr uint32_t loads[] = {0, 1, 2, 4, 5};
        static constexpr uint32_t branches[] = {0, 1, 4, 5, 6, 7};
        uint32_t f3 = below(8);
        switch (below(20)) {
            case 0: case 1: case 2: case 3: case 4: {
                uint32_t pair = f3 == 0 || f3 == 5 ? 0x20 : 0;
                uint32_t f7 = below(3) == 0 ? 0 : below(2) ? 1 : pair;
                return rType(f7, f3, reg(), reg(), reg());
            }
            case 5: case 6: case 7: case 8:
                if (f3 == 1 || f3 == 5) {
                    return iType(0x13, f3, reg(), reg(),
                                 static_cast<int32_t>((f3 == 5 ? below(2) << 10 : 0) | below(32)));
                }
                if (below(8) == 0) return (word() & 0xFFFFF000) | reg() << 7 | 0x37;
                return iType(0x13, f3, reg(), reg(), immediate());
            case 9: case 10: case 11:
                return iType(3, pick(loads), reg(), 12 + below(4),
                             static_cast<int32_t>(below(64)) - 32);
            case 12: case 13: case 14:
                return sType(below(3), reg(), 12 + below(4), static_cast<int32_t>(below(64)) - 32);
            case 15:
                return bType(pick(branches), reg(), reg(),
                             2 * static_cast<int32_t>(below(40)) - 20);
            case 16:
                switch (below(3)) {
                    case 0: return jal(reg(), 2 * static_cast<int32_t>(below(60)) - 40);
                    case 1: return iType(0x67, 0, reg(), 14, immediate() / 4);
                    default: return (word() & 0x3000) | reg() << 7 | 0x17;
                }
            case 17: case 18: return system();
            default: return word();
        }
    }

    std::vector<uint32_t> program(uint32_t count) {
        std::vector<uint32_t> words;
        static constexpr uint32_t pointers[] = {
            kConstantBase + 8, kCodeBytes - 16, kDataBase + kDataBytes, 0x30000000};
        li(words, 12, kDataBase + 0x20);
        li(words, 13, kDeviceBase + 0x20);
        li(words, 14, 0x100);
        li(words, 15, pick(pointers));
        li(words, 1, 4 * below(count) + below(2));
        words.push_back(iType(0x73, 1, 0, 1, 0x305));
        while (words.size() < count) words.push_back(instruction());
        return words;
    }
};

/// One program on both machines.
class Lockstep {
public:
    Lockstep(const std::vector<uint32_t> &words, uint64_t seed) : random_{std::mt19937_64(seed)} {
        for (auto *memory : {&rtl_, &emulated_}) {
            memory->code.assign(kCodeBytes, 0);
            std::memcpy(memory->code.data(), words.data(), 4 * words.size());
            memory->data.assign(kDataBytes, 0x5A);
            memory->constants.assign(kConstantBytes, 0xC3);
        }
        oracle_ = apus_rv32_make();
        oracle_->hart = 3;
        oracle_->trap_misaligned = true;
        oracle_->context = this;
        oracle_->access = [](void *context, uint32_t address, uint32_t bytes, bool isStore,
                             uint32_t *value) {
            return static_cast<Lockstep *>(context)->answer(address, bytes, isStore, value);
        };
        apus_rv32_add_region(oracle_, 0, kCodeBytes, emulated_.code.data(), 7);
        apus_rv32_add_region(oracle_, kDataBase, kDataBytes, emulated_.data.data(), 3);
        apus_rv32_add_region(oracle_, kConstantBase, kConstantBytes, emulated_.constants.data(), 1);
        model_.hart_i = 3;
        model_.rst_ni = 0;
        clock();
        clock();
        model_.rst_ni = 1;
    }
    ~Lockstep() { apus_rv32_free(oracle_); }

    /// Makes up to `steps` steps; false at the first difference.
    bool run(int steps) {
        for (int step = 0; step < steps; step++) {
            if (random_.below(10) == 0) {
                model_.interrupt_external_i = random_.below(2);
                oracle_->state.external_pending = model_.interrupt_external_i;
            }
            bool stepped = false;
            for (int cycle = 0; cycle < 200 && !stepped && !model_.stopped_o; cycle++) {
                stepped = clock();
            }
            apus_rv32_exit exit = apus_rv32_run(oracle_, 1);
            if (exit == APUS_RV32_EXIT_BUDGET && !stepped) return fail(step, "no step", 0, 0);
            // The RTL sees one cycle later that the handler is not there; the step was made.
            if (exit == APUS_RV32_EXIT_LOCKED) {
                for (int cycle = 0; cycle < 4 && !model_.stopped_o; cycle++) clock();
                if (!model_.stopped_o) return fail(step, "not locked", 1, 0);
                if (model_.stop_cause_o != oracle_->exit_cause) {
                    return fail(step, "cause", oracle_->exit_cause, model_.stop_cause_o);
                }
                return model_.stop_value_o == oracle_->exit_value
                    || fail(step, "value", oracle_->exit_value, model_.stop_value_o);
            }
            steps_++;
            if (!compare(step)) return false;
        }
        return true;
    }
    uint64_t steps() const { return steps_; }
    uint64_t cycles() const { return cycles_; }

private:
    struct Memory {
        std::vector<uint8_t> code, data, constants;
    };

    int32_t answer(uint32_t, uint32_t, bool isStore, uint32_t *value) {
        // The RTL was asked before; an address that neither knows is a fault in both.
        if (answers_.empty()) return APUS_RV32_FAULT;
        Answer given = answers_.front();
        answers_.pop_front();
        if (given.isFault) return APUS_RV32_FAULT;
        if (isStore && *value != given.value) deviceDiffers_ = true;
        if (!isStore) *value = given.value;
        return APUS_RV32_DONE;
    }

    uint8_t *place(uint32_t address, bool isStore) {
        if (address < kCodeBytes) return &rtl_.code[address];
        if (address - kDataBase < kDataBytes) return &rtl_.data[address - kDataBase];
        if (!isStore && address - kConstantBase < kConstantBytes) {
            return &rtl_.constants[address - kConstantBase];
        }
        return nullptr;
    }

    /// Answers the processor's access in this cycle, or lets it wait.
    void serve() {
        model_.data_ready_i = 0;
        if (!model_.data_valid_o) {
            waited_ = 0;
            return;
        }
        // Memory never answers in the first cycle: a store to code must precede the next fetch.
        if (waited_++ == 0 || random_.below(3) == 0) return;
        waited_ = 0;
        model_.data_ready_i = 1;
        model_.data_fault_i = 0;
        uint32_t address = model_.data_addr_o & ~3u;
        bool isStore = model_.data_write_o;
        if (uint8_t *bytes = place(address, isStore)) {
            uint32_t word;
            std::memcpy(&word, bytes, 4);
            model_.data_rdata_i = word;
            for (int i = 0; i < 4 && isStore; i++) {
                if (model_.data_wstrb_o >> i & 1) bytes[i] = model_.data_wdata_o >> (8 * i);
            }
            return;
        }
        bool isConstant = address - kConstantBase < kConstantBytes;
        bool isDevice = address - kDeviceBase < 0x100;
        bool isFault = isConstant || !isDevice || random_.below(5) == 0;
        model_.data_fault_i = isFault;
        model_.data_rdata_i = random_.word();
        if (isConstant) return;
        uint32_t lane = 8 * (model_.data_addr_o & 3), bits = 0;
        for (int i = 0; i < 4; i++) bits |= (model_.data_wstrb_o >> i & 1) ? 255u << (8 * i) : 0;
        uint32_t value = isStore ? model_.data_wdata_o : model_.data_rdata_i;
        answers_.push_back({isFault, (value & bits) >> lane});
    }

    /// One clock cycle; whether an instruction ended in it.
    bool clock() {
        model_.clk_i = 0;
        model_.data_ready_i = 0;
        model_.eval();
        if (model_.rst_ni) serve();
        model_.eval();
        bool stepped = model_.step_o && model_.rst_ni;
        uint32_t fetch = model_.fetch_addr_o;
        model_.clk_i = 1;
        model_.eval();
        uint32_t word = 0;
        if (fetch < kCodeBytes) std::memcpy(&word, &rtl_.code[fetch], 4);
        model_.fetch_rdata_i = word;
        cycles_++;
        return stepped;
    }

    uint32_t controlRegister(uint32_t number) {
        auto *root = model_.rootp;
        auto part = [](uint64_t value, bool high) {
            return static_cast<uint32_t>(value >> (high ? 32 : 0));
        };
        switch (number) {
            case 0x300: return root->apus_rv32__DOT__u_csr__DOT__mstatus;
            case 0x304: return root->apus_rv32__DOT__u_csr__DOT__mie_q;
            case 0x305: return root->apus_rv32__DOT__u_csr__DOT__mtvec_q;
            case 0x340: return root->apus_rv32__DOT__u_csr__DOT__mscratch_q;
            case 0x341: return root->apus_rv32__DOT__u_csr__DOT__mepc_q;
            case 0x342: return root->apus_rv32__DOT__u_csr__DOT__mcause_q;
            case 0x343: return root->apus_rv32__DOT__u_csr__DOT__mtval_q;
            case 0xB00: return part(root->apus_rv32__DOT__u_csr__DOT__mcycle_q, false);
            case 0xB80: return part(root->apus_rv32__DOT__u_csr__DOT__mcycle_q, true);
            case 0xB02: return part(root->apus_rv32__DOT__u_csr__DOT__minstret_q, false);
            case 0xB82: return part(root->apus_rv32__DOT__u_csr__DOT__minstret_q, true);
            case 0xC01: return part(root->apus_rv32__DOT__u_csr__DOT__time_q, false);
            case 0x3A0: return root->apus_rv32__DOT__u_csr__DOT__pmpcfg_q[0];
            case 0x3BF: return root->apus_rv32__DOT__u_csr__DOT__pmpaddr_q[15];
            default: {
                uint32_t value = 0;
                apus_rv32_read_csr(oracle_, number, &value);
                return value;
            }
        }
    }

    bool compare(int step) {
        const auto &state = oracle_->state;
        if (state.pc != model_.pc_o) return fail(step, "pc", state.pc, model_.pc_o);
        for (int i = 1; i < 32; i++) {
            uint32_t value = model_.rootp->apus_rv32__DOT__registers_q[i];
            if (state.x[i] != value) return fail(step, "x", state.x[i], value);
        }
        for (uint32_t number : kControlRegisters) {
            uint32_t expected = 0;
            if (!apus_rv32_read_csr(oracle_, number, &expected)) continue;
            uint32_t value = controlRegister(number);
            if (expected != value) return fail(step, "csr", expected, value);
        }
        if (deviceDiffers_) return fail(step, "stored value", 0, 0);
        if (!answers_.empty()) return fail(step, "an access that only the RTL made", 0, 0);
        if (rtl_.code != emulated_.code) return fail(step, "code", 0, 0);
        return rtl_.data == emulated_.data || fail(step, "data", 0, 0);
    }

    bool fail(int step, const char *what, uint32_t expected, uint32_t actual) {
        std::printf("step %d, pc %08x: %s is %08x, expected %08x\n", step, oracle_->state.pc, what,
                    actual, expected);
        return false;
    }

    Vapus_rv32 model_;
    apus_rv32 *oracle_;
    Memory rtl_, emulated_;
    std::deque<Answer> answers_;
    Generator random_;
    bool deviceDiffers_ = false;
    int waited_ = 0;
    uint64_t steps_ = 0, cycles_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
    int programs = argc > 1 ? std::atoi(argv[1]) : 400;
    uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : std::random_device{}();
    std::printf("lockstep seed %llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 seeds(seed);
    uint64_t steps = 0, cycles = 0;
    for (int program = 0; program < programs; program++) {
        Generator generator{std::mt19937_64(seeds())};
        auto bench = std::make_unique<Lockstep>(generator.program(200), seeds());
        if (!bench->run(600)) {
            std::printf("program %d of seed %llu differs\n", program,
                        static_cast<unsigned long long>(seed));
            return 1;
        }
        steps += bench->steps();
        cycles += bench->cycles();
    }
    std::printf("rtl.lockstep_steps: %llu\n", static_cast<unsigned long long>(steps));
    std::printf("cycles: %llu\n", static_cast<unsigned long long>(cycles));
    return 0;
}
