// apus_convert against the project's own numerics, and against vectors of another making.
//
//     convert_bench exhaustive     every pattern of up to 16 bits × every destination × every rule
//     convert_bench random N SEED  N sources of 32 and 64 bits, corners among them, × the same
//     convert_bench vectors FILE   lines `source destination rule bits result`, hexadecimal
//
// The oracle is apus_element_value and apus_element_bits (Sources/CApusNumerics/elements.c), the
// plain twin of ElementFormat.convert. Ends with 1 at the first 20 differences.
#include "Vapus_convert.h"
#include "verilated.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

extern "C" {
#include "CApusNumerics.h"
double apus_element_value(int format, uint64_t bits);
uint64_t apus_element_bits(int format, double value, int rounding);
}

namespace {

constexpr int kWidths[16] = {32, 16, 16, 8, 8, 32, 16, 8, 8, 4, 4, 4, 64, 16, 64, 8};
constexpr int kRules = 6;

uint64_t mask(int format) {
    return kWidths[format] == 64 ? UINT64_MAX : (UINT64_C(1) << kWidths[format]) - 1;
}

uint64_t expected(int source, int destination, int rule, uint64_t bits) {
    bits &= mask(source);
    if (source == destination || source == APUS_BITS64 || destination == APUS_BITS64)
        return bits & mask(destination);
    return apus_element_bits(destination, apus_element_value(source, bits), rule);
}

struct Question {
    int source, destination, rule;
    uint64_t bits, answer;
};

/// The unit under test with the questions that are under way in its pipeline.
class Bench {
public:
    Bench() {
        unit_.rst_ni = 0;
        step();
        unit_.rst_ni = 1;
    }

    void ask(const Question &question) {
        unit_.valid_i = 1;
        unit_.bits_i = question.bits;
        unit_.source_i = static_cast<uint8_t>(question.source);
        unit_.destination_i = static_cast<uint8_t>(question.destination);
        unit_.rounding_i = static_cast<uint8_t>(question.rule);
        bool taken = false;
        while (!taken) {
            // The receiver stalls now and then, so that the pipeline is seen to wait.
            unit_.ready_i = (++cycles_ % 61) != 0;
            unit_.clk_i = 0;
            unit_.eval();
            taken = unit_.ready_o;
            if (taken) waiting_.push_back(question);
            receive();
            unit_.clk_i = 1;
            unit_.eval();
        }
    }

    int finish() {
        unit_.valid_i = 0;
        unit_.ready_i = 1;
        while (!waiting_.empty()) {
            unit_.clk_i = 0;
            unit_.eval();
            receive();
            unit_.clk_i = 1;
            unit_.eval();
        }
        printf("convert: %" PRIu64 " conversions, %" PRIu64 " differences\n", count_, wrong_);
        return wrong_ != 0;
    }

private:
    void step() {
        for (int level : {0, 1}) {
            unit_.clk_i = static_cast<uint8_t>(level);
            unit_.eval();
        }
    }

    void receive() {
        if (!unit_.valid_o || !unit_.ready_i) return;
        const Question &q = waiting_.front();
        count_++;
        if (unit_.bits_o != q.answer && wrong_++ < 20) {
            printf("%d to %d, rule %d: %016" PRIx64 " gives %016" PRIx64 ", not %016" PRIx64 "\n",
                q.source, q.destination, q.rule, q.bits, static_cast<uint64_t>(unit_.bits_o),
                q.answer);
        }
        waiting_.pop_front();
    }

    Vapus_convert unit_;
    std::deque<Question> waiting_;
    uint64_t cycles_ = 0, count_ = 0, wrong_ = 0;
};

/// One source pattern to every destination under every rule.
void ask_all(Bench &bench, int source, uint64_t bits) {
    for (int destination = 0; destination < 16; destination++) {
        if (destination == APUS_FIXED54 && source != APUS_FIXED54) continue;
        for (int rule = 0; rule < kRules; rule++)
            bench.ask({source, destination, rule, bits, expected(source, destination, rule, bits)});
    }
}

void exhaustive(Bench &bench) {
    for (int source = 0; source < 16; source++) {
        if (kWidths[source] > 16) continue;
        for (uint64_t bits = 0; bits <= mask(source); bits++) ask_all(bench, source, bits);
    }
}

uint64_t next(uint64_t &state) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);  // splitmix64
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/// A pattern whose ones and zeros come in runs, where roundings and carries have their corners.
uint64_t runs(uint64_t &state) {
    uint64_t bits = 0;
    for (int i = 0; i < 3; i++) {
        uint64_t random = next(state);
        int from = static_cast<int>(random & 63), length = static_cast<int>(random >> 6 & 63) + 1;
        uint64_t ones = length == 64 ? UINT64_MAX : (UINT64_C(1) << length) - 1;
        bits ^= ones << from;
    }
    return bits;
}

/// Numbers of binary32 near the limits of every format, by exponent.
uint64_t near_limits(uint64_t &state) {
    static const int exponents[] = {-149, -133, -127, -126, -25, -24, -17, -16, -15, -14, -10, -9,
        -7, -6, -2, -1, 0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 30, 31, 32, 53, 54, 55, 126, 127};
    uint64_t random = next(state);
    uint64_t exponent =
        static_cast<uint64_t>(exponents[random % (sizeof exponents / sizeof *exponents)] + 127);
    if (exponent > 255) exponent = 0;
    return (runs(state) & 0x7FFFFF) | (exponent & 0xFF) << 23 | (random >> 40 & 1) << 31;
}

void random(Bench &bench, uint64_t count, uint64_t seed) {
    printf("convert: seed %" PRIu64 "\n", seed);
    uint64_t state = seed;
    static const int sources[] = {APUS_FP32, APUS_INT32, APUS_FIXED54, APUS_BITS64};
    for (uint64_t i = 0; i < count; i++) {
        int source = sources[i & 3];
        uint64_t bits = i & 4 ? next(state) : runs(state);
        if (source == APUS_FP32 && i & 8) bits = near_limits(state);
        if (source == APUS_FIXED54)
            bits = static_cast<uint64_t>(static_cast<int64_t>(bits << 10) >> 10);
        if (source == APUS_FIXED54 && i % 64 == 6) bits = UINT64_C(0xFFE0000000000000);
        ask_all(bench, source, bits);
    }
    static const uint64_t corners[] = {0, 1, 2, 0x7F, 0x80, 0x81, 0xFF, 0x7FFF, 0x8000, 0xFFFF,
        0x007FFFFF, 0x00800000, 0x3F800000, 0x43800000, 0x43E00000, 0x43E80000, 0x43E7FFFF,
        0x477FE000, 0x477FEFFF, 0x477FF000, 0x7F7F7FFF, 0x7F7F8000, 0x7F7FFFFF, 0x7F800000,
        0x7F800001, 0x7FC00000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFF800000, 0xFFC00000,
        0xFFFFFFFF, UINT64_C(0x001FFFFFFFFFFFFF), UINT64_C(0xFFE0000000000000),
        UINT64_C(0xFFE0000000000001), UINT64_C(0xFFFFFFFFFFFFFFFF)};
    for (int source : sources)
        for (uint64_t bits : corners) ask_all(bench, source, bits);
}

int vectors(Bench &bench, const char *path) {
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (file == nullptr) {
        fprintf(stderr, "no file %s\n", path);
        return 2;
    }
    Question q;
    while (fscanf(file, "%d %d %d %" SCNx64 " %" SCNx64, &q.source, &q.destination, &q.rule,
               &q.bits, &q.answer) == 5)
        bench.ask(q);
    if (file != stdin) fclose(file);
    return bench.finish();
}

}  // namespace

int main(int argc, char **argv) {
    Bench bench;
    if (argc == 2 && strcmp(argv[1], "exhaustive") == 0) {
        exhaustive(bench);
        return bench.finish();
    }
    if (argc == 4 && strcmp(argv[1], "random") == 0) {
        random(bench, strtoull(argv[2], nullptr, 10), strtoull(argv[3], nullptr, 10));
        return bench.finish();
    }
    if (argc == 3 && strcmp(argv[1], "vectors") == 0) return vectors(bench, argv[2]);
    fprintf(stderr, "convert_bench exhaustive | random N SEED | vectors FILE\n");
    return 2;
}
