// apus_vector_engine beside apus_execute_vector, the emulator's: all memory and the trap are equal.
//
//     vector_bench functions N SEED    N elements of every element-by-element opcode, FP32, INT32
//     vector_bench bf16                every BF16 through every unary opcode
//     vector_bench random N SEED       N commands: every opcode with every pair of formats of a and
//                                      d, whatever strides, places, extents, immediates; traps too
//
// A failure prints the command and the seed. `random` also says what it covered.
#include "Vapus_vector_engine.h"
#include "verilated.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "bench_memory.h"

extern "C" {
#include "CApusNumerics.h"
#include "apus_core.h"
apus_trap_cause apus_execute_vector(apus_core *core, const uint32_t *words);
}

namespace {

constexpr uint32_t kScratchpad = 65536, kAccumulators = 16384, kArguments = 16384;
constexpr int kPorts = 4;
constexpr int kNibbles[16] = {8, 4, 4, 2, 2, 8, 4, 2, 2, 1, 1, 1, 16, 4, 16, 2};
const char *const kCauses[16] = {
    "done", "unknownOpcode", "reservedBits", "wrongQueue", "unknownCode", "unsupportedFormat",
    "badDescriptor", "badShape", "localBounds", "globalBounds", "misalignedAddress", "overlap"};

enum Form { UNARY, BINARY, TERNARY, REDUCTION, SCAN, TOPK, IOTA, RANDOM };

Form form_of(uint32_t opcode) {
    if (opcode <= 0x60) return UNARY;
    if (opcode <= 0x78) return BINARY;
    if (opcode <= 0x7E) return TERNARY;
    if (opcode <= 0x85) return REDUCTION;
    if (opcode <= 0x89) return SCAN;
    return opcode == 0x8A ? TOPK : opcode == 0x8B ? IOTA : RANDOM;
}

std::vector<uint32_t> all_opcodes() {
    std::vector<uint32_t> opcodes;
    auto add = [&](uint32_t low, uint32_t high) {
        for (uint32_t o = low; o <= high; o++) opcodes.push_back(o);
    };
    add(0x40, 0x60), add(0x64, 0x78), add(0x7C, 0x7E), add(0x80, 0x85), add(0x88, 0x8C);
    return opcodes;
}

struct Command {
    uint32_t words[8] = {};
    uint32_t descriptor[16] = {};
};

class Bench {
public:
    Vapus_vector_engine engine;
    BenchMemory<Vapus_vector_engine> memory{kScratchpad, kAccumulators, kPorts};
    apus_core *core;
    SplitMix random{1};
    uint64_t busy_cycles = 0;

    Bench() {
        core = apus_core_make(apus_core_sizes{kScratchpad, kAccumulators, kArguments, 4096, 4});
        engine.rst_ni = 1;
        engine.clk_i = 0;
        engine.command_valid_i = 0;
        engine.mem_req_ready_i = 0;
        engine.mem_rsp_valid_i = 0;
        engine.mem_rsp_error_i = 0;
        engine.eval();
        engine.rst_ni = 0;
        for (int i = 0; i < 3; i++) tick();
        engine.rst_ni = 1;
        tick();
    }

    void tick() {
        engine.clk_i = 0;
        memory.drive(engine, random);
        engine.eval();
        memory.take(engine, random);
        engine.clk_i = 1;
        engine.eval();
    }

    /// The emulator's memory becomes the engine's.
    void start_equal() {
        std::memcpy(core->scratchpad, memory.scratchpad.data(), kScratchpad);
        std::memcpy(core->accumulators, memory.accumulators.data(), kAccumulators);
    }

    uint32_t emulate(const Command &command) {
        std::memcpy(core->arguments + command.words[6], command.descriptor, 64);
        return apus_execute_vector(core, command.words);
    }

    /// The trap's cause, or 15 if the engine does not come to an end.
    uint32_t simulate(const Command &command) {
        std::memcpy(engine.command_i.data(), command.words, 32);
        std::memcpy(engine.descriptor_i.data(), command.descriptor, 64);
        engine.command_valid_i = 1;
        for (uint64_t waited = 0; waited < 20000000; waited++) {
            engine.clk_i = 0;
            memory.drive(engine, random);
            engine.eval();
            bool is_done = engine.command_ready_o;
            uint32_t cause = engine.trap_valid_o ? engine.trap_cause_o : 0;
            memory.take(engine, random);
            engine.clk_i = 1;
            engine.eval();
            busy_cycles++;
            if (is_done) {
                engine.command_valid_i = 0;
                tick();
                return cause;
            }
        }
        return 15;
    }

    /// Whether both memories are equal; prints the first difference.
    bool is_equal() {
        if (memory.outside != 0) std::printf("a request left the memories\n");
        for (int kind = 0; kind < 2; kind++) {
            const uint8_t *wanted = kind ? core->accumulators : core->scratchpad;
            const uint8_t *found =
                kind ? memory.accumulators.data() : memory.scratchpad.data();
            uint32_t bytes = kind ? kAccumulators : kScratchpad;
            if (std::memcmp(wanted, found, bytes) == 0) continue;
            for (uint32_t i = 0; i < bytes; i++) {
                if (wanted[i] == found[i]) continue;
                std::printf("first difference at %s + 0x%x: ",
                            kind ? "accumulators" : "scratchpad", i);
                for (uint32_t j = i & ~7u; j < (i & ~7u) + 8; j++) std::printf("%02x", found[j]);
                std::printf(", not ");
                for (uint32_t j = i & ~7u; j < (i & ~7u) + 8; j++) std::printf("%02x", wanted[j]);
                std::printf("\n");
                return false;
            }
        }
        return memory.outside == 0;
    }

    static void print(const Command &command) {
        std::printf("words");
        for (uint32_t word : command.words) std::printf(" %08x", word);
        std::printf("\ndescriptor");
        for (uint32_t word : command.descriptor) std::printf(" %" PRId32, (int32_t)word);
        std::printf("\n");
    }

    /// Runs a command on both; whether they agree.
    bool agree(const Command &command, uint32_t *cause) {
        start_equal();
        uint32_t wanted = emulate(command), found = simulate(command);
        *cause = wanted;
        if (wanted == found && is_equal()) return true;
        std::printf("trap %s, wanted %s\n", found == 15 ? "never" : kCauses[found],
                    kCauses[wanted]);
        print(command);
        return false;
    }
};

// Values ---------------------------------------------------------------------------------------

const uint32_t kCorners[] = {
    0, 1, 2, 0x7FFFFF, 0x800000, 0x800001, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3F000000,
    0x40000000, 0x40400000, 0x45800000, 0x45800001, 0x48000000, 0x48000001, 0x4B000000, 0x4B800000,
    0x42B17218, 0x43160000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x7FA00001, 0x3F3504F3, 0x40490FDB,
    0x3FC90FDB, 0x7F000000, 31, 32, 7, 0x3F1FFFFF, 0x3F200000, 0x3F700000, 0x41200000, 0x7FFFFFFF,
};

uint32_t interesting(SplitMix &random) {
    uint64_t draw = random.next();
    uint32_t bits = (uint32_t)(draw >> 32);
    switch (draw % 8) {
    case 0: return bits;
    case 1: return kCorners[bits % (sizeof kCorners / 4)] | (draw & 256 ? 0x80000000 : 0);
    case 2: return bits & 0x800000FF;
    case 3: return (bits & 0x807FFFFF) | (uint32_t)(64 + random.below(128)) << 23;
    case 4: return bits & 0xFFFF0000;
    default: return (bits & 0x807FFFFF) | (uint32_t)(118 + random.below(18)) << 23;
    }
}

void fill(Bench &bench) {
    SplitMix &random = bench.random;
    bool is_words = random.happens(2);
    auto pour = [&](std::vector<uint8_t> &bytes) {
        for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
            uint32_t word = is_words ? interesting(random) : (uint32_t)random.next();
            std::memcpy(&bytes[i], &word, 4);
        }
    };
    pour(bench.memory.scratchpad);
    pour(bench.memory.accumulators);
}

uint32_t formats_word(uint32_t d, uint32_t a, uint32_t b, uint32_t c) {
    return d | a << 5 | b << 10 | c << 15;
}

// functions, bf16 --------------------------------------------------------------------------------

/// One contiguous row of `columns`: a, b, c and d 0x4000 apart.
Command row_command(uint32_t opcode, uint32_t columns, uint32_t d_format, uint32_t a_format) {
    Command command;
    Form form = form_of(opcode);
    // The formats that are computed in FP32.
    uint32_t other = 0xC81Fu >> a_format & 1 ? APUS_FP32 : APUS_INT32;
    command.words[0] = opcode;
    command.words[2] = 0xC000;
    command.words[3] = 0;
    command.words[4] = form == UNARY ? 0 : 0x4000;
    command.words[5] = form == TERNARY ? 0x8000 : 0;
    command.words[7] = formats_word(
        d_format, a_format, form == UNARY ? 0 : other, form == TERNARY ? other : 0);
    uint32_t extents[3] = {columns, 1, 1};
    std::memcpy(command.descriptor, extents, 12);
    command.descriptor[3] = (uint32_t)kNibbles[d_format] / 2;
    command.descriptor[6] = (uint32_t)kNibbles[a_format] / 2;
    command.descriptor[9] = 4;
    command.descriptor[12] = 4;
    return command;
}

int run_functions(uint64_t count, uint64_t seed) {
    Bench bench;
    const uint32_t columns = (uint32_t)std::min<uint64_t>(count, 4096);
    uint64_t elements = 0;
    for (uint32_t opcode : all_opcodes()) {
        if (form_of(opcode) > TERNARY) continue;
        for (uint32_t format : {(uint32_t)APUS_FP32, (uint32_t)APUS_INT32}) {
            bench.random.state = seed + opcode;
            Command command = row_command(opcode, columns, format, format);
            bool has_meaning = true;
            uint64_t before = bench.busy_cycles;
            for (uint64_t done = 0; done < count && has_meaning; done += columns) {
                for (size_t i = 0; i < kScratchpad; i += 4) {
                    uint32_t word = interesting(bench.random);
                    std::memcpy(&bench.memory.scratchpad[i], &word, 4);
                }
                uint32_t cause;
                if (!bench.agree(command, &cause)) {
                    std::printf("opcode 0x%02x, seed %" PRIu64 "\n", opcode, seed);
                    return 1;
                }
                has_meaning = cause == 0;
                if (has_meaning) elements += columns;
            }
            if (has_meaning) {
                uint64_t rows = (count + columns - 1) / columns;
                std::printf("opcode 0x%02x %s: %.2f cycles an element\n", opcode,
                            format == APUS_FP32 ? "fp32" : "int32",
                            (double)(bench.busy_cycles - before) / (double)(rows * columns));
            }
        }
    }
    std::printf("functions: %" PRIu64 " elements equal\n", elements);
    return 0;
}

int run_bf16() {
    Bench bench;
    constexpr uint32_t kColumns = 2048;
    uint64_t elements = 0;
    for (uint32_t opcode : all_opcodes()) {
        if (form_of(opcode) != UNARY) continue;
        Command command = row_command(opcode, kColumns, APUS_FP32, APUS_BF16);
        for (uint32_t first = 0; first < 65536; first += kColumns) {
            for (uint32_t i = 0; i < kColumns; i++) {
                uint16_t bits = (uint16_t)(first + i);
                std::memcpy(&bench.memory.scratchpad[2 * i], &bits, 2);
            }
            uint32_t cause;
            if (!bench.agree(command, &cause)) return std::printf("opcode 0x%02x\n", opcode), 1;
            if (cause != 0) break;
            elements += kColumns;
        }
    }
    std::printf("bf16: %" PRIu64 " elements equal\n", elements);
    return 0;
}

// random ---------------------------------------------------------------------------------------

struct Tile {
    uint32_t address = 0;
    int64_t strides[3] = {};
};

/// A tile of `extents` somewhere, distinct unless it may repeat.
Tile random_tile(SplitMix &random, uint32_t format, const int64_t *extents, bool can_repeat) {
    Tile tile;
    int nibbles = kNibbles[format];
    int64_t unit = nibbles == 1 ? 1 : nibbles / 2;
    int order[3] = {0, 1, 2};
    if (random.happens(3)) std::swap(order[0], order[random.below(3)]);
    if (random.happens(4)) std::swap(order[1], order[2]);
    int64_t next = unit;
    bool is_dense = random.happens(2);
    for (int i : order) {
        int64_t stride = next;
        if (!is_dense && random.happens(2)) stride += random.between(0, 3 * unit);
        next = stride * std::max<int64_t>(extents[i], 1);
        if (can_repeat && random.happens(6)) stride = 0;
        if (random.happens(5)) stride = -stride;
        tile.strides[i] = stride;
    }
    int64_t low = 0, high = 0;
    for (int i = 0; i < 3; i++) {
        int64_t reach = (extents[i] - 1) * tile.strides[i];
        (reach < 0 ? low : high) += reach;
    }
    if (nibbles == 1) low >>= 1, high = (high >> 1) + 1;
    else high += unit;
    bool in_accumulators = high - low <= (int64_t)kAccumulators && random.happens(4);
    int64_t room = (in_accumulators ? kAccumulators : kScratchpad) - (high - low);
    int64_t start = room > 0 ? random.between(0, room) : 0;
    if (random.happens(2)) start -= start % 8;
    if (random.happens(20)) start += random.between(-16, 16);
    tile.address = (uint32_t)((in_accumulators ? 0x40000000 : 0) + start - low);
    return tile;
}

/// Makes one tile reach a power of two far, which is zero in fewer bits, and all others nowhere in
/// that dimension.
void reach_far(SplitMix &random, Command &command) {
    uint32_t dimension = (uint32_t)random.below(3), far = (uint32_t)random.below(4);
    uint32_t log_extent = (uint32_t)random.between(1, 29);
    uint32_t log_stride = (uint32_t)random.between(0, 31);
    for (uint32_t i = 0; i < 3; i++) {
        command.descriptor[i] = i == dimension ? (1u << log_extent) + 1 : 1;
    }
    for (uint32_t tile = 0; tile < 4; tile++) {
        uint32_t stride = tile == far ? 1u << log_stride : 0;
        command.descriptor[3 + 3 * tile + dimension] = random.happens(2) ? stride : 0u - stride;
    }
}

Command random_command(SplitMix &random, uint32_t opcode, uint32_t a_format, uint32_t d_format) {
    Command command;
    Form form = form_of(opcode);
    bool is_long = random.happens(12);
    int64_t extents[3] = {
        is_long ? random.between(60, 200) : random.between(1, 40),
        is_long ? 1 : random.between(1, 6), is_long ? 1 : random.between(1, 3)};
    if (form == SCAN && random.happens(4)) extents[1] = random.between(20, 70), extents[0] = 3;
    if (random.happens(40)) extents[random.below(3)] = 0;
    uint64_t k = form == TOPK ? std::min<uint64_t>((uint64_t)extents[0], random.below(8)) : 0;
    int64_t results[3] = {
        form == REDUCTION ? 1 : form == TOPK ? (int64_t)k : extents[0], extents[1], extents[2]};
    bool has_b = form == BINARY || form == TERNARY, has_c = form == TERNARY;
    bool generates = form == IOTA || form == RANDOM;
    bool b_immediate = form == SCAN || form == TOPK || generates || (has_b && random.happens(3));
    bool c_immediate = generates || (has_c && random.happens(3));
    uint32_t b_format = has_b && !b_immediate ? (uint32_t)random.below(16) : 0;
    uint32_t c_format = has_c && !c_immediate ? (uint32_t)random.below(16) : 0;
    if (b_format == APUS_BITS64 && !random.happens(20)) b_format = APUS_FP32;
    if (c_format == APUS_BITS64 && !random.happens(20)) c_format = APUS_FP32;
    if (form == TOPK) c_format = APUS_INT32;

    Tile d = random_tile(random, d_format, results, random.happens(30));
    Tile a = random_tile(random, a_format, extents, true);
    Tile b = random_tile(random, b_format, extents, true);
    Tile c = random_tile(random, c_format, form == TOPK ? results : extents, form != TOPK);
    // In place, or nearly so.
    if (form < IOTA && kNibbles[a_format] == kNibbles[d_format] && random.happens(4)) {
        if (random.happens(2)) a = d;
        else d = a;
        if (random.happens(6)) d.address += (uint32_t)random.between(-8, 8);
    }
    // Interleaved: rows of one between those of the other.
    if (form < IOTA && random.happens(8)) {
        for (int i = 1; i < 3; i++) a.strides[i] = d.strides[i] = 2 * d.strides[i];
        a.address = d.address + (uint32_t)(d.strides[1] / 2);
    }
    uint32_t b_word = interesting(random), c_word = interesting(random);
    if (random.happens(2)) b_word &= 31;
    if (has_b && !b_immediate) b_word = b.address;
    if (form == UNARY || form == REDUCTION) b_word = 0;
    if (form == SCAN) b_word &= 3;
    if (form == TOPK) b_word = (uint32_t)k;
    if ((has_c && !c_immediate) || form == TOPK) c_word = c.address;
    if (!has_c && form != TOPK && !generates) c_word = 0;

    command.words[0] = opcode;
    command.words[2] = d.address;
    command.words[3] = generates ? 0 : a.address;
    command.words[4] = b_word;
    command.words[5] = c_word;
    command.words[7] = formats_word(d_format, a_format, b_format, c_format)
        | (uint32_t)b_immediate << 20 | (uint32_t)c_immediate << 21
        | (uint32_t)random.below(6) << 22;
    const Tile *tiles[4] = {&d, &a, &b, &c};
    for (int i = 0; i < 3; i++) {
        command.descriptor[i] = (uint32_t)extents[i];
        for (int t = 0; t < 4; t++)
            command.descriptor[3 + 3 * t + i] = (uint32_t)tiles[t]->strides[i];
    }
    // Things that must trap.
    if (random.happens(30)) {
        switch (random.below(8)) {
        case 0: command.descriptor[15] = 1u << random.below(32); break;
        case 1: command.descriptor[random.below(3)] |= 0x80000000; break;
        case 2: command.descriptor[random.below(3)] = 0x7FFFFFFF; break;
        case 3: command.descriptor[3 + random.below(12)] = (uint32_t)random.next(); break;
        case 4: command.words[2 + random.below(2)] ^= 1u << random.below(32); break;
        case 5: if (form == TOPK) command.words[4] = (uint32_t)random.next(); break;
        case 6: reach_far(random, command); break;
        default: if (form == TOPK) command.words[7] ^= 1u << 15; break;
        }
        if (generates) command.words[3] = 0;
    }
    return command;
}

/// Combinations of opcode, a's and d's format that may run, by the emulator's word.
std::vector<std::vector<uint32_t>> legal_combinations(Bench &bench) {
    std::vector<std::vector<uint32_t>> legal;
    for (uint32_t opcode : all_opcodes()) {
        Form form = form_of(opcode);
        for (uint32_t a = 0; a < 16; a++) {
            if (form == RANDOM && a != 0) continue;
            for (uint32_t d = 0; d < 16; d++) {
                Command command;
                command.words[0] = opcode;
                command.words[2] = 64;
                command.words[4] = form == TOPK ? 1 : 0;
                command.words[5] = form == TOPK ? 128 : 0;
                command.words[7] = formats_word(d, a, 0, form == TOPK ? APUS_INT32 : 0)
                    | (form == UNARY || form == REDUCTION ? 0 : 1u << 20)
                    | (form == TERNARY || form >= IOTA ? 1u << 21 : 0);
                for (int i = 0; i < 3; i++) command.descriptor[i] = 1;
                if (bench.emulate(command) == 0) legal.push_back({opcode, a, d});
            }
        }
    }
    return legal;
}

/// For each opcode: formats of a and d that were hit, of those that there are, and outcomes.
void print_table(const std::vector<std::vector<uint32_t>> &legal,
                 const std::set<std::vector<uint32_t>> &covered,
                 std::map<uint32_t, std::map<uint32_t, uint64_t>> &outcomes) {
    std::printf("| opcode | a x d | done | unsupportedFormat | badShape | localBounds "
                "| overlap |\n");
    std::printf("|---|---|---|---|---|---|---|\n");
    for (uint32_t opcode : all_opcodes()) {
        size_t hit = 0, all = 0;
        for (auto &combination : legal) {
            if (combination[0] != opcode) continue;
            all++;
            hit += covered.count(combination);
        }
        auto &times = outcomes[opcode];
        std::printf("| 0x%02x | %zu of %zu |", opcode, hit, all);
        for (uint32_t cause : {0, 5, 7, 8, 11}) std::printf(" %" PRIu64 " |", times[cause]);
        std::printf("\n");
    }
}

int run_random(uint64_t count, uint64_t seed) {
    Bench bench;
    bench.random.state = seed;
    auto legal = legal_combinations(bench);
    auto order = legal;
    std::map<uint32_t, uint64_t> causes;
    std::set<std::vector<uint32_t>> covered, roundings, seconds;
    std::map<uint32_t, std::map<uint32_t, uint64_t>> outcomes;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t command_seed = bench.random.state;
        if (i % order.size() == 0) {
            for (size_t j = order.size() - 1; j > 0; j--)
                std::swap(order[j], order[bench.random.below(j + 1)]);
        }
        std::vector<uint32_t> choice = order[i % order.size()];
        // Now and then formats that do not go.
        bool is_wild = bench.random.happens(25);
        Command command = random_command(
            bench.random, choice[0],
            is_wild && form_of(choice[0]) != RANDOM ? (uint32_t)bench.random.below(16) : choice[1],
            is_wild ? (uint32_t)bench.random.below(16) : choice[2]);
        fill(bench);
        bench.memory.is_patient = bench.random.happens(2);
        uint32_t cause;
        if (!bench.agree(command, &cause)) {
            std::printf("command %" PRIu64 " of seed %" PRIu64 " (state %" PRIx64 ")\n", i, seed,
                        command_seed);
            return 1;
        }
        causes[cause]++;
        outcomes[choice[0]][cause]++;
        if (cause == 0) {
            uint32_t word = command.words[7];
            covered.insert({choice[0], word >> 5 & 31, word & 31});
            roundings.insert({word >> 5 & 31, word & 31, word >> 22 & 7});
            seconds.insert({choice[0], word >> 20 & 3, word >> 10 & 31, word >> 15 & 31});
        }
    }
    size_t reached = 0;
    for (auto &combination : legal) reached += covered.count(combination);
    std::printf("random: %" PRIu64 " commands equal, %" PRIu64 " cycles\n", count,
                bench.busy_cycles);
    std::printf("covered: %zu of %zu opcode x a x d, %zu a x d x rounding, %zu opcode x b x c\n",
                reached, legal.size(), roundings.size(), seconds.size());
    for (auto &[cause, times] : causes) std::printf("%s: %" PRIu64 "\n", kCauses[cause], times);
    print_table(legal, covered, outcomes);
    return 0;
}

}  // namespace

int main(int count, char **arguments) {
    auto number = [&](int i, uint64_t other) {
        return count > i ? strtoull(arguments[i], nullptr, 10) : other;
    };
    std::string mode = count > 1 ? arguments[1] : "random";
    if (mode == "functions") return run_functions(number(2, 8192), number(3, 1));
    if (mode == "bf16") return run_bf16();
    return run_random(number(2, 2000), number(3, 1));
}
