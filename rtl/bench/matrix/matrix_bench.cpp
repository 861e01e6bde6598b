// Random `matmul` commands, legal and not, on the Matrix engine and on the emulator's
// (CApusMachine); afterwards both memories and the trap must be equal.
//
//     matrix_bench <count> <first seed>
//
// A case is made from its seed alone, so a failure names what is needed to see it again.
#include "Vapus_matrix_engine.h"
#include "verilated.h"

extern "C" {
#include "CApusNumerics.h"
#include "apus_core.h"
#include "apus_execute.h"
}

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace {

constexpr uint32_t kScratchpadBytes = 64 << 10, kAccumulatorBytes = 16 << 10;
constexpr uint32_t kAccumulators = 0x40000000;
constexpr int kPorts = 8;
constexpr uint32_t kMatrixFormats = 0xF9F;
constexpr int64_t kCyclesMax = 4'000'000;

struct Random {
    uint64_t state;
    uint64_t next() {  // splitmix64
        uint64_t z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    int64_t range(int64_t low, int64_t high) {
        return low + int64_t(next() % uint64_t(high - low + 1));
    }
    bool chance(int percent) { return range(0, 99) < percent; }
    template <typename T> T pick(const std::vector<T> &values) {
        return values[size_t(range(0, int64_t(values.size()) - 1))];
    }
};

/// Half bytes of an element.
int64_t nibbles(int format) {
    static const int table[16] = {8, 4, 4, 2, 2, 8, 4, 2, 2, 1, 1, 1, 16, 4, 16, 2};
    return table[format];
}

/// What a stride of one element counts.
int64_t unit(int format) { return nibbles(format) == 1 ? 1 : nibbles(format) / 2; }

struct Case {
    uint32_t words[8] = {0}, descriptor[32] = {0};
    std::vector<uint8_t> scratchpad, accumulators;
};

/// One way of the four that a command can scale or slice, with formats that go together.
struct Kind {
    int a, b, passes, scaling;
    bool operator<(const Kind &other) const {
        return std::tie(a, b, passes, scaling)
            < std::tie(other.a, other.b, other.passes, other.scaling);
    }
};

std::vector<Kind> legal_kinds() {
    std::vector<Kind> kinds;
    for (int scaling = 0; scaling < 3; scaling++)
        for (int passes = 0; passes < 3; passes++)
            for (int a = 0; a < 16; a++)
                for (int b = 0; b < 16; b++)
                    if (apus_matmul_accumulator(a, b, passes, scaling) >= 0)
                        kinds.push_back({a, b, passes, scaling});
    return kinds;
}

class Generator {
  public:
    explicit Generator(uint64_t seed) : random{seed * 0x100000001B3 + 1} {}

    Case make(const std::vector<Kind> &kinds) {
        Kind kind = random.pick(kinds);
        shape(kind);
        Case result;
        result.scratchpad.resize(kScratchpadBytes);
        result.accumulators.resize(kAccumulatorBytes);
        fill(result);
        place(kind, result);
        encode(kind, result);
        if (random.chance(20)) damage(result);
        return result;
    }

  private:
    Random random;
    int64_t m0, m1, n0, n1, k0, k1, k2, m, n, k, group, groups;

    int64_t extent(int64_t most) { return random.chance(2) ? 0 : random.range(1, most); }

    void shape(const Kind &kind) {
        static const std::vector<int64_t> small = {1, 1, 1, 2, 3};
        m1 = random.pick(small), n1 = random.pick(small);
        k1 = random.pick(small), k2 = random.pick(small);
        m0 = extent(random.chance(20) ? 24 : 9);
        n0 = extent(random.chance(20) ? 40 : 17);
        k0 = extent(kind.scaling == 2 && random.chance(50) ? 40 : 12);
        m = m0 * m1, n = n0 * n1, k = k0 * k1 * k2;
        group = kind.scaling ? (random.chance(50) ? random.range(1, 9) : random.range(1, 40)) : 0;
        groups = kind.scaling ? (k + group - 1) / group : 0;
    }

    // Everything is random bits; operands are written over it.
    void fill(Case &c) {
        for (size_t i = 0; i < c.scratchpad.size(); i += 8) {
            uint64_t bits = random.next();
            memcpy(&c.scratchpad[i], &bits, 8);
        }
        bool are_sums = random.chance(60);
        for (size_t i = 0; i < c.accumulators.size(); i += 8) {
            uint64_t bits = random.next();
            if (are_sums) bits = (bits & 0x807FFFFF807FFFFF) | 0x3F8000003F800000;
            memcpy(&c.accumulators[i], &bits, 8);
        }
    }

    /// Bits of an element: of moderate size, so that sums stay numbers; or any.
    uint64_t element(int format, int regime) {
        uint64_t bits = random.next();
        if (regime == 0 || (regime == 1 && random.chance(3))) return bits;
        if (random.chance(8)) return bits & (format == APUS_FP32 ? 0x80000000 : 0);
        uint64_t exponent = uint64_t(random.range(-4, 4));
        switch (format) {
        case APUS_FP32: return (bits & 0x807FFFFF) | (127 + exponent) << 23;
        case APUS_BF16: return (bits & 0x807F) | ((127 + exponent) & 255) << 7;
        case APUS_FP16: return (bits & 0x83FF) | ((15 + exponent) & 31) << 10;
        case APUS_E5M2: return (bits & 0x83) | ((15 + exponent) & 31) << 2;
        case APUS_E4M3: return (bits & 0x7F) == 0x7F ? 0 : bits;
        case APUS_E8M0: return 127 + exponent;
        default: return bits;
        }
    }

    void write(Case &c, int64_t nibble, int64_t count, uint64_t bits) {
        for (int64_t i = 0; i < count; i++, bits >>= 4) {
            uint8_t &byte = c.scratchpad[size_t((nibble + i) >> 1)];
            int shift = 4 * ((nibble + i) & 1);
            byte = uint8_t((byte & ~(15 << shift)) | (bits & 15) << shift);
        }
    }

    struct Box {
        uint32_t address;
        std::vector<int64_t> strides;
    };

    /// Puts a box into the scratchpad: dense in some order, with gaps, or with any strides that fit.
    Box box(Case &c, int format, std::vector<int64_t> extents, int regime, int64_t smallest) {
        int64_t size = nibbles(format), step = unit(format);
        int64_t total = int64_t(kScratchpadBytes) * 2;
        std::vector<int64_t> strides(extents.size());
        int64_t low = 0, high = 0;
        for (int attempt = 0;; attempt++) {
            std::vector<size_t> order(extents.size());
            for (size_t i = 0; i < order.size(); i++) order[i] = i;
            for (size_t i = order.size(); i > 1; i--)
                std::swap(order[i - 1], order[size_t(random.range(0, int64_t(i) - 1))]);
            int64_t next = step;
            bool is_wild = random.chance(15);
            for (size_t d : order) {
                strides[d] = is_wild ? random.range(-200, 200) : next;
                if (!is_wild && random.chance(15)) strides[d] = -strides[d];
                if (!is_wild) next *= std::max<int64_t>(extents[d], 1);
                if (!is_wild && random.chance(25)) next += step * random.range(1, 5);
            }
            if (smallest) strides[size_t(smallest - 1)] = step;
            low = high = 0;
            for (size_t d = 0; d < extents.size(); d++) {
                int64_t reach = (extents[d] - 1) * strides[d] * (size == 1 ? 1 : 2);
                (reach < 0 ? low : high) += reach;
            }
            if (high - low + size + 2 < total) break;
            if (attempt > 50) {
                std::fill(strides.begin(), strides.end(), 0);
                if (smallest) strides[size_t(smallest - 1)] = step;
            }
        }
        int64_t first = (-low + 1) / 2, last = (total - high - size) / 2;
        uint32_t address = uint32_t(random.range(first, std::max(first, last - 1)));
        // Sometimes at the very end.
        if (random.chance(10)) address = uint32_t(std::max(first, last - 1));
        if (std::any_of(extents.begin(), extents.end(), [](int64_t e) { return e == 0; }))
            return {address, strides};
        std::vector<int64_t> index(extents.size(), 0);
        for (;;) {
            int64_t nibble = 2 * int64_t(address);
            for (size_t d = 0; d < extents.size(); d++)
                nibble += index[d] * strides[d] * (size == 1 ? 1 : 2);
            write(c, nibble, size, element(format, regime));
            size_t d = 0;
            while (d < extents.size() && ++index[d] == extents[d]) index[d++] = 0;
            if (d == extents.size()) break;
        }
        return {address, strides};
    }

    void place(const Kind &kind, Case &c) {
        uint32_t *d = c.descriptor;
        int regime = int(random.range(0, 3));
        Box a = box(c, kind.a, {m0, m1, k0, k1, k2}, regime, 0);
        Box b = box(c, kind.b, {n0, n1, k0, k1, k2}, regime, 0);
        c.words[3] = a.address, c.words[4] = b.address;
        for (size_t i = 0; i < 5; i++) {
            d[7 + i] = uint32_t(a.strides[i]);
            d[12 + i] = uint32_t(b.strides[i]);
        }
        if (kind.scaling) {
            static const std::vector<int> formats = {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 0, 1, 15};
            int format = random.pick(formats);
            Box scales = box(c, format, {groups, n}, regime, 2);
            d[19] = scales.address, d[23] = uint32_t(scales.strides[0]);
            if (kind.scaling == 2 || random.chance(10)) {
                Box rows = box(c, format, {m, groups}, regime, 2);
                d[18] = rows.address, d[22] = uint32_t(rows.strides[0]);
            }
            if (random.chance(40)) {
                int64_t low = std::max<int64_t>(0, -(groups - 1) * scales.strides[0]);
                d[20] = uint32_t(random.range(low, low + 500)) + 1;
            }
            d[21] = uint32_t(group), d[24] = uint32_t(format);
        }
    }

    void encode(const Kind &kind, Case &c) {
        uint32_t *d = c.descriptor;
        d[0] = uint32_t(m0), d[1] = uint32_t(m1), d[2] = uint32_t(n0), d[3] = uint32_t(n1);
        d[4] = uint32_t(k0), d[5] = uint32_t(k1), d[6] = uint32_t(k2);
        int acc = apus_matmul_accumulator(kind.a, kind.b, kind.passes, kind.scaling);
        int64_t size = acc == APUS_FIXED54 ? 8 : 4;
        int64_t row = (n + random.range(0, 3)) * size;
        if (m > 0 && (m - 1) * row + n * size > kAccumulatorBytes) row = n * size;
        int64_t room = kAccumulatorBytes - ((m - 1) * row + n * size);
        d[17] = uint32_t(row);
        int64_t place = random.range(0, std::max<int64_t>(0, room / size));
        c.words[5] = kAccumulators + uint32_t(size * place);
        c.words[0] = 0x30 | uint32_t(random.chance(50)) << 27 | uint32_t(kind.passes) << 28;
        c.words[6] = uint32_t(kind.a | kind.b << 5 | kind.scaling << 10);
    }

    // One or two fields become what they should not be; some changes are harmless.
    void damage(Case &c) {
        uint32_t *d = c.descriptor;
        for (int i = int(random.range(1, 2)); i > 0; i--) {
            static const std::vector<uint32_t> odd = {0, 1, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                0x10000, 0x40000000, 0x40001000, 0x55555555};
            uint32_t value = random.chance(70) ? random.pick(odd) : uint32_t(random.next());
            switch (random.range(0, 9)) {
            case 0: d[random.range(25, 31)] = value; break;
            case 1: d[random.range(0, 6)] = value; break;
            case 2: d[random.range(7, 16)] = value; break;
            case 3: d[17] = random.chance(50) ? value : d[17] - uint32_t(random.range(1, 8)); break;
            case 4: d[random.range(18, 20)] = value; break;
            case 5: d[random.range(21, 23)] = value; break;
            case 6: d[24] = random.chance(80) ? uint32_t(random.range(0, 20)) : value; break;
            case 7: c.words[random.range(3, 5)] = value; break;
            case 8:
                c.words[5] += uint32_t(random.range(-9, 9));
                break;
            default:
                // Codes without a meaning are found before the engine sees the command.
                c.words[6] = uint32_t(
                    random.range(0, 15) | random.range(0, 15) << 5 | random.range(0, 2) << 10);
                c.words[0] = (c.words[0] & ~(3u << 28)) | uint32_t(random.range(0, 2)) << 28;
            }
        }
        // A legal command of endless depth would be legal here too, and never end.
        int64_t product = 1;
        for (int i = 0; i < 7; i++)
            product = std::min<int64_t>(product * int64_t(d[i] & 0x7FFFFFFF), 1 << 30);
        if (product > 200'000 && product < 1 << 30) d[4] = 0x80000000;
        if (product >= 1 << 30) {
            int64_t count = int64_t(d[4]) * d[5];
            if (int64_t(d[0]) * d[1] <= int64_t(1) << 31 && int64_t(d[2]) * d[3] <= int64_t(1) << 31
                && count <= int64_t(1) << 31 && count * d[6] <= int64_t(1) << 31)
                d[random.range(0, 6)] = 0x80000000;
        }
    }
};

/// Local memory behind the engine's ports: answers in order, after a time drawn anew each time.
class Memory {
  public:
    Memory(const Case &c, uint64_t seed)
        : random{seed}, scratchpad(c.scratchpad), accumulators(c.accumulators),
          ready_percent(int(random.range(30, 100))), latency_max(random.range(1, 4)) {}

    Random random;
    std::vector<uint8_t> scratchpad, accumulators;
    bool is_bad = false;

    /// Before the rising edge: which requests will be taken, which answers are there.
    void drive(Vapus_matrix_engine &model, int64_t cycle) {
        ready = 0;
        uint32_t valid = 0;
        for (int p = 0; p < kPorts; p++) {
            if (random.chance(ready_percent)) ready |= 1u << p;
            uint64_t data = random.next();
            if (!answers[p].empty() && answers[p].front().cycle <= cycle) {
                valid |= 1u << p;
                data = answers[p].front().data;
                answers[p].pop_front();
            }
            model.mem_rsp_rdata_i[2 * p] = uint32_t(data);
            model.mem_rsp_rdata_i[2 * p + 1] = uint32_t(data >> 32);
        }
        model.mem_req_ready_i = uint8_t(ready);
        model.mem_rsp_valid_i = uint8_t(valid);
        model.mem_rsp_error_i = 0;
    }

    /// With settled outputs, still before the edge.
    void take(Vapus_matrix_engine &model, int64_t cycle) {
        for (int p = 0; p < kPorts; p++) {
            uint32_t address = model.mem_req_addr_o[p];
            bool is_valid = model.mem_req_valid_o >> p & 1;
            bool is_held = held[p].is_valid;
            if (is_held && (!is_valid || held[p].address != address)) is_bad = true;
            held[p] = {is_valid && !(ready >> p & 1), address};
            if (!is_valid || !(ready >> p & 1)) continue;
            uint8_t *word = find(address);
            if (word == nullptr) {
                is_bad = true;
                printf("request for %08x\n", address);
                continue;
            }
            if (model.mem_req_write_o >> p & 1) {
                for (int i = 0; i < 8; i++)
                    if (model.mem_req_wstrb_o >> (8 * p + i) & 1)
                        word[i] = uint8_t(model.mem_req_wdata_o[2 * p + i / 4] >> 8 * (i % 4));
                continue;
            }
            uint64_t data;
            memcpy(&data, word, 8);
            int64_t due = cycle + random.range(1, latency_max);
            if (!answers[p].empty()) due = std::max(due, answers[p].back().cycle + 1);
            answers[p].push_back({due, data});
        }
    }

  private:
    struct Answer {
        int64_t cycle;
        uint64_t data;
    };
    struct Held {
        bool is_valid;
        uint32_t address;
    };
    int ready_percent;
    int64_t latency_max;
    uint32_t ready = 0;
    std::deque<Answer> answers[kPorts];
    Held held[kPorts] = {};

    uint8_t *find(uint32_t address) {
        if (address % 8 != 0) return nullptr;
        if (address < kScratchpadBytes) return &scratchpad[address];
        if (address >= kAccumulators && address < kAccumulators + kAccumulatorBytes)
            return &accumulators[address - kAccumulators];
        return nullptr;
    }
};

class Bench {
  public:
    Bench() : model(&context) {
        core = apus_core_make({kScratchpadBytes, kAccumulatorBytes, 16 << 10, 4096, 4});
        core->matrix_formats = kMatrixFormats;
        model.clk_i = 0, model.rst_ni = 0, model.command_valid_i = 0;
        model.mem_req_ready_i = 0, model.mem_rsp_valid_i = 0;
        model.eval();
        for (int i = 0; i < 4; i++) edge();
        model.rst_ni = 1;
    }
    ~Bench() { apus_core_free(core); }

    std::set<Kind> kinds_run;
    std::map<int, int> causes;
    int64_t cycles = 0, multiply_adds = 0;

    bool run(const Case &c, uint64_t seed) {
        memcpy(core->scratchpad, c.scratchpad.data(), kScratchpadBytes);
        memcpy(core->accumulators, c.accumulators.data(), kAccumulatorBytes);
        memcpy(core->arguments, c.descriptor, sizeof c.descriptor);
        int64_t before = int64_t(core->counters.multiply_adds);
        int expected = apus_execute(nullptr, core, APUS_QUEUE_MATRIX, c.words);
        multiply_adds += int64_t(core->counters.multiply_adds) - before;

        Memory memory(c, seed);
        int got = simulate(c, memory);
        causes[expected]++;
        if (expected == 0) {
            kinds_run.insert({int(c.words[6] & 31), int(c.words[6] >> 5 & 31),
                int(c.words[0] >> 28 & 3), int(c.words[6] >> 10 & 7)});
        }
        bool is_same = expected == got && !memory.is_bad
            && memcmp(core->scratchpad, memory.scratchpad.data(), kScratchpadBytes) == 0
            && memcmp(core->accumulators, memory.accumulators.data(), kAccumulatorBytes) == 0;
        if (!is_same) report(c, seed, expected, got, memory);
        return is_same;
    }

  private:
    VerilatedContext context;
    Vapus_matrix_engine model;
    apus_core *core;

    void edge() {
        model.clk_i = 1, model.eval();
        model.clk_i = 0, model.eval();
        cycles++;
    }

    /// The trap's cause, 0, or -1 if the engine does not come to an end.
    int simulate(const Case &c, Memory &memory) {
        for (int i = 0; i < 8; i++) model.command_i[i] = c.words[i];
        for (int i = 0; i < 32; i++) model.descriptor_i[i] = c.descriptor[i];
        model.command_valid_i = 1;
        for (int64_t cycle = 0; cycle < kCyclesMax; cycle++) {
            memory.drive(model, cycle);
            model.eval();
            memory.take(model, cycle);
            bool is_done = model.command_ready_o;
            int cause = model.trap_valid_o ? model.trap_cause_o : 0;
            edge();
            if (!is_done) continue;
            model.command_valid_i = 0;
            return cause;
        }
        return -1;
    }

    void report(const Case &c, uint64_t seed, int expected, int got, const Memory &memory) {
        printf("seed %" PRIu64 ": trap %d, expected %d%s\n", seed, got, expected,
            memory.is_bad ? ", bad request" : "");
        printf("  words");
        for (uint32_t word : c.words) printf(" %08x", word);
        printf("\n  descriptor");
        for (uint32_t word : c.descriptor) printf(" %x", word);
        printf("\n");
        uint32_t first = 0;
        while (first < kAccumulatorBytes && core->accumulators[first] == memory.accumulators[first])
            first++;
        first &= ~3u;
        for (uint32_t at = first, shown = 0; at < kAccumulatorBytes && shown < 8; at += 4) {
            uint32_t ours, theirs;
            memcpy(&ours, &memory.accumulators[at], 4);
            memcpy(&theirs, core->accumulators + at, 4);
            if (ours == theirs) continue;
            printf("  %08x: %08x, expected %08x\n", kAccumulators + at, ours, theirs);
            shown++;
        }
    }
};

}  // namespace

int main(int argc, char **argv) {
    int64_t count = argc > 1 ? atoll(argv[1]) : 2000;
    uint64_t first = argc > 2 ? strtoull(argv[2], nullptr, 0) : 1;
    std::vector<Kind> kinds = legal_kinds();
    auto bench = std::make_unique<Bench>();
    int64_t failures = 0;
    for (int64_t i = 0; i < count && failures < 5; i++) {
        uint64_t seed = first + uint64_t(i);
        // Every kind in turn, so that a run of a few hundred has them all.
        Case c = Generator(seed).make({kinds[seed % kinds.size()]});
        if (!bench->run(c, seed)) failures++;
    }
    printf("kinds %zu of %zu, causes", bench->kinds_run.size(), kinds.size());
    for (auto [cause, times] : bench->causes) printf(" %d:%d", cause, times);
    printf("\ncycles %" PRId64 ", multiply-adds %" PRId64 "\n", bench->cycles,
        bench->multiply_adds);
    if (failures) return 1;
    printf("rtl.matrix_commands: %" PRId64 "\n", count);
    return 0;
}
