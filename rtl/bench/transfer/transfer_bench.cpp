// Load and Store engines against the emulator's: random commands on random memory, legal and not.
//
//     transfer_bench COMMANDS SEED [COVERAGE]
//
// The oracle is apus_execute_transfer (Sources/CApusMachine/Transfer.c), itself held to the plain
// Swift engine by OracleTests. After each command all memory and the trap are compared. Ends with 1
// at the first difference, which it describes; prints the claim `rtl.transfer_commands`. COVERAGE
// is a file for the table of what was hit; a format, trap or reduction that was never hit ends with
// 1.
#include "transfer_command.h"
#include "transfer_coverage.h"
#include "verilated.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>

extern "C" {
#include "Transfer.h"
}

namespace {

constexpr int64_t kElementsMax = 3000;
constexpr uint64_t kCyclesMax = 2000000;

/// The emulator's cores, whose memories mirror `Memories`.
class Oracle {
public:
    Oracle() {
        for (uint32_t i = 0; i < kCores; i++) {
            cores_[i] = apus_core_make({kScratchpadBytes, kAccumulatorBytes, 1024, 1024, 4});
            cores_[i]->index = i;
            cores_[i]->core_count = kCores;
            cores_[i]->peers = cores_;
            cores_[i]->global = arena_.data();
            cores_[i]->global_bytes = kArenaBytes;
        }
    }
    ~Oracle() {
        for (apus_core *core : cores_) apus_core_free(core);
    }

    void copy(const Memories &from) {
        for (uint32_t i = 0; i < kCores; i++) {
            memcpy(cores_[i]->scratchpad, from.scratchpads[i].data(), kScratchpadBytes);
            cores_[i]->global_base = from.arenaBase;
        }
        memcpy(cores_[0]->accumulators, from.accumulators.data(), kAccumulatorBytes);
        memcpy(arena_.data(), from.arena.data(), kArenaBytes);
    }

    /// What the command would do, without doing it.
    apus_trap_cause check(const TransferCommand &c, transfer *moved) {
        memcpy(cores_[0]->arguments + c.words[2], c.descriptor, sizeof c.descriptor);
        return apus_decode_transfer(cores_[0], c.words, c.isStore, moved);
    }

    apus_trap_cause execute(const TransferCommand &c) {
        return apus_execute_transfer(cores_[0], c.words, c.isStore);
    }

    /// The name of the first memory that differs; nullptr if all are equal.
    const char *difference(const Memories &with, size_t *at) const {
        if (differs(cores_[0]->scratchpad, with.scratchpads[0], at)) return "scratchpad";
        if (differs(cores_[0]->accumulators, with.accumulators, at)) return "accumulators";
        if (differs(arena_.data(), with.arena, at)) return "arena";
        for (uint32_t i = 1; i < kCores; i++)
            if (differs(cores_[i]->scratchpad, with.scratchpads[i], at)) return "other scratchpad";
        return nullptr;
    }

private:
    static bool differs(const uint8_t *mine, const std::vector<uint8_t> &theirs, size_t *at) {
        if (memcmp(mine, theirs.data(), theirs.size()) == 0) return false;
        for (*at = 0; mine[*at] == theirs[*at];) ++*at;
        return true;
    }

    apus_core *cores_[kCores];
    std::vector<uint8_t> arena_ = std::vector<uint8_t>(kArenaBytes);
};

/// Whether the result depends on an order that the law leaves open: the core's own memory that is
/// read and written through two addresses.
bool hasOpenOrder(const TransferCommand &c, Memories &memories) {
    int64_t base = static_cast<int64_t>(
        static_cast<uint64_t>(c.descriptor[1]) << 32 | c.descriptor[0]);
    int64_t coordinates[5] = {static_cast<int32_t>(c.words[4]), static_cast<int32_t>(c.words[5]),
        static_cast<int32_t>(c.words[6]), static_cast<int16_t>(c.words[7] & 0xFFFF),
        static_cast<int16_t>(c.words[7] >> 16)};
    int64_t unit = kNibbles[c.globalFormat()] == 1 ? 1 : 2;
    uint32_t index[5] = {};
    for (bool isOver = false; !isOver;) {
        int64_t global = 2 * base;
        bool isInside = true;
        for (int d = 0; d < 5; d++) {
            int64_t place = coordinates[d] + index[d];
            if (c.gather() == d + 1) {
                int32_t entry;
                uint32_t at = c.descriptor[24] + 4 * static_cast<uint32_t>(place);
                memcpy(&entry, memories.local(at), 4);
                place = entry;
            }
            isInside &= place >= 0 && place < static_cast<int32_t>(c.descriptor[4 + d]);
            global += place * static_cast<int64_t>(static_cast<int32_t>(c.descriptor[14 + d]))
                * unit;
        }
        if (isInside && global >> 33 == 0x100) return true;
        isOver = true;
        for (int d = 0; d < 5 && isOver; d++) {
            if (++index[d] < c.descriptor[9 + d]) isOver = false;
            else index[d] = 0;
        }
    }
    return false;
}

class Bench {
public:
    explicit Bench(uint64_t seed) : random_{seed}, model_(unit_, memories_, random_) {
        unit_.rst_ni = 0;
        cycle();
        cycle();
        unit_.rst_ni = 1;
        unit_.core_count_i = kCores;
        unit_.arena_bytes_i = kArenaBytes;
    }

    int run(uint64_t commands) {
        CommandMaker maker(random_, memories_);
        for (uint64_t done = 0; done < commands;) {
            if (done % 64 == 0) fill();
            TransferCommand command = maker.make();
            // The maker writes index tables.
            oracle_.copy(memories_);
            transfer moved;
            apus_trap_cause cause = oracle_.check(command, &moved);
            bool acts = cause == APUS_TRAP_NONE && moved.elements != 0;
            if (acts && moved.elements > kElementsMax) continue;
            if (acts && hasOpenOrder(command, memories_)) continue;
            oracle_.execute(command);
            if (!compare(command, cause, done)) return 1;
            coverage_.count(command, cause, acts, acts ? moved.elements : 0,
                acts && !moved.is_outside ? moved.elements_inside : 0);
            done++;
        }
        return 0;
    }

    const Coverage &coverage() const { return coverage_; }
    const MemoryModel &model() const { return model_; }
    uint64_t cycles() const { return cycles_; }

private:
    void fill() {
        auto draw = [this](std::vector<uint8_t> &bytes) {
            for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
                uint64_t word = random_.next();
                // Some words of ones, zeros and small numbers, where special values live.
                if ((word & 7) == 0) word = random_.next() & random_.next() & random_.next();
                if ((word & 7) == 1) word = ~(random_.next() & random_.next() & random_.next());
                memcpy(&bytes[i], &word, 8);
            }
        };
        for (auto &pad : memories_.scratchpads) draw(pad);
        draw(memories_.accumulators);
        draw(memories_.arena);
        // Fixed54 accumulators are sign-extended.
        for (size_t i = 0; i < kAccumulatorBytes / 2; i += 8) {
            int64_t count;
            memcpy(&count, &memories_.accumulators[i], 8);
            count = static_cast<int64_t>(static_cast<uint64_t>(count) << 10) >> 10;
            if (random_.oneIn(2)) count >>= random_.below(40);
            memcpy(&memories_.accumulators[i], &count, 8);
        }
        memories_.arenaBase = (random_.below(1 << 20) << 12) + 8 * random_.below(512);
        unit_.arena_base_i = memories_.arenaBase;
        model_.stallPercent = static_cast<unsigned>(random_.oneIn(2) ? 0 : random_.below(60));
    }

    void cycle() {
        unit_.clk_i = 0;
        model_.offer();
        unit_.eval();
        isReady_ = unit_.command_ready_o;
        if (isReady_) trap_ = unit_.trap_valid_o ? unit_.trap_cause_o : 0;
        if (unit_.rst_ni) model_.take();
        unit_.clk_i = 1;
        unit_.eval();
        cycles_++;
    }

    /// Carries the command out in gates; false, with a description, where the two differ.
    bool compare(const TransferCommand &command, apus_trap_cause cause, uint64_t number) {
        unit_.is_store_i = command.isStore;
        for (int i = 0; i < 8; i++) unit_.command_i[i] = command.words[i];
        for (int i = 0; i < 32; i++) unit_.descriptor_i[i] = command.descriptor[i];
        unit_.command_valid_i = 1;
        uint64_t start = cycles_;
        do cycle();
        while (!isReady_ && cycles_ - start < kCyclesMax);
        bool isFinished = isReady_, isQuiet = model_.isQuiet();
        unit_.command_valid_i = 0;
        cycle();

        size_t at = 0;
        const char *memory = oracle_.difference(memories_, &at);
        const char *complaint = nullptr;
        if (!isFinished) complaint = "does not end";
        else if (trap_ != static_cast<int>(cause)) complaint = "another trap";
        else if (memory != nullptr) complaint = memory;
        else if (model_.outsideWrites != 0) complaint = "writes outside of memory";
        else if (model_.outsideReads != 0) complaint = "reads outside of memory";
        else if (!isQuiet) complaint = "finished before memory confirmed";
        if (complaint == nullptr) return true;
        printf("command %" PRIu64 ": %s, byte %zu; trap %d, expected %d\n", number, complaint, at,
            trap_, static_cast<int>(cause));
        describe(command);
        return false;
    }

    static void describe(const TransferCommand &c) {
        printf("%s global format %d local format %d gather %d reduction %d\n  word",
            c.isStore ? "store" : "load", c.globalFormat(), c.localFormat(), c.gather(),
            c.reduction());
        for (uint32_t word : c.words) printf(" %08x", word);
        printf("\n  descriptor");
        for (uint32_t word : c.descriptor) printf(" %d", static_cast<int32_t>(word));
        printf("\n");
    }

    Random random_;
    Memories memories_;
    Vapus_transfer_bench unit_;
    MemoryModel model_;
    Oracle oracle_;
    Coverage coverage_;
    uint64_t cycles_ = 0;
    bool isReady_ = false;
    int trap_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "transfer_bench COMMANDS SEED [COVERAGE]\n");
        return 2;
    }
    uint64_t commands = strtoull(argv[1], nullptr, 10), seed = strtoull(argv[2], nullptr, 10);
    auto bench = std::make_unique<Bench>(seed);
    printf("transfer: seed %" PRIu64 "\n", seed);
    if (bench->run(commands) != 0) return 1;
    const MemoryModel &model = bench->model();
    printf("transfer: %" PRIu64 " cycles, %" PRIu64 " read bursts of %" PRIu64 " words, %" PRIu64
           " write bursts of %" PRIu64 " words\n",
        bench->cycles(), model.readBursts, model.readBeats, model.writeBursts, model.writeBeats);
    if (argc > 3) bench->coverage().write(argv[3]);
    const char *missing = bench->coverage().missing();
    if (missing != nullptr && commands >= 10000) {
        printf("transfer: never hit: %s\n", missing);
        return 1;
    }
    printf("rtl.transfer_commands: %" PRIu64 "\n", commands);
    return 0;
}
