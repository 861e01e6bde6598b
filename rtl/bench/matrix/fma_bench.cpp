// Drives the fused multiply-add units with corner and random operands and compares every result
// with two oracles: `fmaf` of the C library, and a function of the same shape that the caller gives
// (Berkeley SoftFloat's f32_mulAdd). Built as a shared library; fma_bench.py calls it.
#include "Vapus_fma_bench.h"
#include "verilated.h"

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

using Oracle = uint32_t (*)(uint32_t, uint32_t, uint32_t);

namespace {

struct Random {
    uint64_t state;
    uint64_t next() {  // splitmix64
        uint64_t z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    uint32_t bits() { return uint32_t(next() >> 32); }
    int range(int low, int high) { return low + int(next() % uint64_t(high - low + 1)); }
};

float number(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

uint32_t canonical(uint32_t bits) { return (bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC00000 : bits; }

uint32_t fused(uint32_t a, uint32_t b, uint32_t c) {
    return canonical(bits_of(fmaf(number(a), number(b), number(c))));
}

struct Operands {
    uint32_t a, b, c;
};

uint32_t with_exponent(Random &random, int exponent) {
    if (exponent < 0) exponent = 0;
    if (exponent > 254) exponent = 254;
    return (random.bits() & 0x807FFFFF) | uint32_t(exponent) << 23;
}

int exponent_of(uint32_t bits) { return int(bits >> 23 & 255); }

// The classes that have their own difficulties; each draws operands for one unit.
Operands draw(Random &random, bool is_bf16) {
    uint32_t mask = is_bf16 ? 0xFFFF0000 : 0xFFFFFFFF;
    Operands x = {random.bits() & mask, random.bits() & mask, random.bits()};
    switch (random.range(0, 7)) {
    case 0: return x;
    case 1:  // Addend near the product.
        x.c = with_exponent(
            random, exponent_of(x.a) + exponent_of(x.b) - 127 + random.range(-60, 60));
        return x;
    case 2:  // Cancellation, to within some last places.
        x.a = with_exponent(random, random.range(64, 190)) & mask;
        x.b = with_exponent(random, random.range(64, 190)) & mask;
        x.c = (fused(x.a, x.b, 0x80000000) ^ 0x80000000) + uint32_t(random.range(-3, 3));
        return x;
    case 3: {  // Subnormal and tiny products.
        int exponent = random.range(0, 130);
        x.a = with_exponent(random, exponent) & mask;
        x.b = with_exponent(random, random.range(-30, 30) + 1 - exponent + 126) & mask;
        x.c = with_exponent(random, random.range(0, 3));
        if (random.range(0, 3) == 0) x.c &= 0x80000000;
        return x;
    }
    case 4: {  // Half of the addend's last place: ties.
        int exponent = random.range(60, 200);
        x.c = with_exponent(random, exponent);
        int scale = exponent - 24 + random.range(-2, 2);
        x.a = uint32_t(scale / 2 + 64) << 23 | (random.bits() & 0x80000000);
        x.b = (uint32_t(scale - scale / 2 + 63) << 23) | (random.bits() & 0x00C00000 & mask);
        return x;
    }
    case 5:  // Overflow.
        x.a = with_exponent(random, random.range(180, 254)) & mask;
        x.b = with_exponent(random, 254 + 127 - exponent_of(x.a) + random.range(-2, 2)) & mask;
        x.c = with_exponent(random, random.range(228, 254));
        return x;
    case 6:  // Few bits set: exact results and ties.
        x.a = with_exponent(random, random.range(100, 150)) & 0xFFE00000 & mask;
        x.b = with_exponent(random, random.range(100, 150)) & 0xFFE00000 & mask;
        x.c = with_exponent(
                  random, exponent_of(x.a) + exponent_of(x.b) - 127 + random.range(-26, 26))
            & (random.bits() | 0xFFC00000);
        return x;
    default:  // Subnormal operands.
        x.a &= 0x807FFFFF & mask;
        x.c = with_exponent(random, random.range(0, 140));
        if (random.range(0, 1)) std::swap(x.a, x.b);
        return x;
    }
}

class Bench {
  public:
    Bench(Oracle oracle, uint64_t seed) : oracle(oracle), seed(seed) {}

    void check(Operands x) {
        model.a_i = x.a, model.b_i = x.b, model.c_i = x.c;
        model.clk_i = 0, model.eval();
        uint32_t expected = expect(x);
        compare("fp32, no stage", x, expected, model.fp32_at_once_o);
        uint32_t upper = 0xFFFF0000;
        waiting32.push_back({x, expected});
        Operands narrow = {x.a & upper, x.b & upper, x.c};
        waiting16.push_back({narrow, expect(narrow)});
        model.clk_i = 1, model.eval();
        take("fp32", waiting32, 3, model.fp32_o);
        take("bf16", waiting16, 2, model.bf16_o);
        checked++;
    }

    int64_t checked = 0, failures = 0;

  private:
    struct Waiting {
        Operands x;
        uint32_t expected;
    };

    uint32_t expect(Operands x) {
        uint32_t first = fused(x.a, x.b, x.c), second = canonical(oracle(x.a, x.b, x.c));
        if (first != second) compare("fmaf and SoftFloat differ", x, first, second);
        return second;
    }

    void take(const char *unit, std::deque<Waiting> &waiting, size_t stages, uint32_t got) {
        if (waiting.size() < stages) return;
        compare(unit, waiting.front().x, waiting.front().expected, got);
        waiting.pop_front();
    }

    void compare(const char *unit, Operands x, uint32_t expected, uint32_t got) {
        if (expected == got || failures++ > 20) return;
        printf("seed %" PRIu64 ", %s: fma(%08x, %08x, %08x) = %08x, expected %08x\n", seed, unit,
            x.a, x.b, x.c, got, expected);
    }

    VerilatedContext context;
    Vapus_fma_bench model{&context};
    Oracle oracle;
    uint64_t seed;
    std::deque<Waiting> waiting32, waiting16;
};

// Every kind of number, and those beside the borders of the kinds; with both signs.
std::vector<uint32_t> corners() {
    std::vector<uint32_t> magnitudes = {0, 1, 2, 0xFFFF, 0x10000, 0x10001, 0x3FFFFF, 0x400000,
        0x7FFFFF, 0x800000, 0x800001, 0xFFFFFF, 0x1000000, 0x0C800000, 0x1F800000, 0x33800000,
        0x3F000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3FC00000, 0x3FFFFFFF, 0x40000000,
        0x40490FDB, 0x4B000000, 0x4B7FFFFF, 0x4B800000, 0x5F000000, 0x7E800000, 0x7EFFFFFF,
        0x7F000000, 0x7F7F0000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FFFFFFF};
    std::vector<uint32_t> all;
    for (uint32_t magnitude : magnitudes) {
        all.push_back(magnitude);
        all.push_back(magnitude | 0x80000000);
    }
    return all;
}

}  // namespace

/// Runs all corner combinations and `count` random cases; returns the number of operand triples
/// that were checked, or minus the number of differences.
extern "C" int64_t fma_bench(Oracle oracle, uint64_t seed, int64_t count) {
    auto bench = std::make_unique<Bench>(oracle, seed);
    std::vector<uint32_t> values = corners();
    for (uint32_t a : values)
        for (uint32_t b : values)
            for (uint32_t c : values) bench->check({a, b, c});
    Random random{seed};
    for (int64_t i = 0; i < count; i++) bench->check(draw(random, i & 1));
    return bench->failures ? -bench->failures : bench->checked;
}
