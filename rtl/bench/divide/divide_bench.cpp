// apus_divide against the rows of CApusNumerics: corners with each other, and random operands. All
// but the remainder of FP32 must take the same cycles whatever the operands.
//
//     divide_bench N SEED     N random pairs for each operation
#include "Vapus_divide.h"
#include "verilated.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "CApusNumerics.h"

namespace {

uint64_t state;

uint64_t next() {
    state += 0x9E3779B97F4A7C15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

const uint32_t kCorners[] = {
    0, 1, 2, 3, 7, 0x7FFFFF, 0x800000, 0x800001, 0x3F800000, 0x3F7FFFFF, 0x3F800001, 0x40000000,
    0x40400000, 0x40800000, 0x4B7FFFFF, 0x4B800000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000,
    0x7FFFFFFF, 0x00400000, 0x00FFFFFF, 0x01000000, 0x33800000, 0x7E800000, 100,
};

// From PREPARE to ROUND; 0 where operands decide.
const int kCycles[] = {27, 27, 0, 33, 33};

uint32_t word() {
    uint32_t bits = (uint32_t)next();
    switch (next() % 4) {
    case 0: return bits;
    case 1: return (bits & 0x807FFFFF) | (uint32_t)(120 + next() % 16) << 23;
    case 2: return bits & (0x80000000 | (UINT32_C(1) << next() % 31) - 1);
    default: return bits & 0xFFFF0000;
    }
}

uint32_t expected(int op, uint32_t a, uint32_t b) {
    float x, y, f = 0;
    int32_t i = 0;
    std::memcpy(&x, &a, 4);
    std::memcpy(&y, &b, 4);
    int32_t m = (int32_t)a, n = (int32_t)b;
    switch (op) {
    case 0: apus_binary_f32(APUS_DIV, &x, &y, &f, 1, 0); break;
    case 1: apus_unary_f32(APUS_SQRT, &x, &f, 1); break;
    case 2: apus_binary_f32(APUS_REM, &x, &y, &f, 1, 0); break;
    case 3: apus_binary_i32(APUS_DIV, &m, &n, &i, 1, 0); break;
    default: apus_binary_i32(APUS_REM, &m, &n, &i, 1, 0); break;
    }
    uint32_t bits;
    std::memcpy(&bits, &f, 4);
    // The unit hands a finite remainder's dividend through; a NaN is canonical in both.
    return op < 3 ? bits : (uint32_t)i;
}

}  // namespace

int main(int count, char **arguments) {
    uint64_t pairs = count > 1 ? strtoull(arguments[1], nullptr, 10) : 100000;
    uint64_t seed = count > 2 ? strtoull(arguments[2], nullptr, 10) : 1;
    state = seed;
    std::vector<uint32_t> corners;
    for (uint32_t corner : kCorners) {
        corners.push_back(corner);
        corners.push_back(corner | 0x80000000);
    }
    Vapus_divide unit;
    auto tick = [&] {
        unit.clk_i = 0;
        unit.eval();
        unit.clk_i = 1;
        unit.eval();
    };
    unit.rst_ni = 0;
    unit.start_i = 0;
    tick();
    unit.rst_ni = 1;
    uint64_t checked = 0, cycles = 0;
    int differences = 0;
    for (int op = 0; op < 5; op++) {
        uint64_t corner_pairs = corners.size() * corners.size();
        for (uint64_t pair = 0; pair < corner_pairs + pairs; pair++) {
            bool is_corner = pair < corner_pairs;
            uint32_t a = is_corner ? corners[pair / corners.size()] : word();
            uint32_t b = is_corner ? corners[pair % corners.size()] : word();
            unit.op_i = op;
            unit.a_i = a;
            unit.b_i = b;
            unit.start_i = 1;
            tick();
            unit.start_i = 0;
            int waited = 0;
            while (!unit.done_o && waited++ < 400) tick();
            cycles += waited;
            if (kCycles[op] != 0 && waited != kCycles[op] && differences++ < 20) {
                std::printf("op %d of %08x %08x: %d cycles (seed %" PRIu64 ")\n", op, a, b, waited,
                            seed);
            }
            uint32_t found = unit.result_o, wanted = expected(op, a, b);
            if (found != wanted && differences++ < 20) {
                std::printf("op %d of %08x %08x: %08x, not %08x (seed %" PRIu64 ")\n", op, a, b,
                            found, wanted, seed);
            }
            checked++;
            tick();
        }
    }
    std::printf("divide: %" PRIu64 " results, %d differences, %.1f cycles each\n", checked,
                differences, (double)cycles / checked);
    return differences != 0;
}
