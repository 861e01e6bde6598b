// Every single and every double error of random words: the code corrects the one and tells of the
// other. The check bits are also held against the harness's own.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "Vapus_ecc_bench.h"
#include "../harness/backdoor.h"

static bool check(Vapus_ecc_bench &top, uint64_t data, int first, int second) {
    uint32_t flips[3] = {0, 0, 0};
    if (first >= 0) flips[first / 32] ^= 1u << (first % 32);
    if (second >= 0) flips[second / 32] ^= 1u << (second % 32);
    top.data_i = data;
    for (int i = 0; i < 3; i++) top.flips_i[i] = flips[i];
    top.eval();
    bool isDouble = second >= 0, isSingle = first >= 0 && !isDouble;
    bool good = top.check_o == eccCheckBits(data) && top.corrected_o == isSingle
        && top.failed_o == isDouble && (isDouble || top.data_o == data);
    if (!good) {
        std::printf("data %016llx, bits %d and %d: corrected %d, failed %d, data %016llx\n",
                    static_cast<unsigned long long>(data), first, second, top.corrected_o,
                    top.failed_o, static_cast<unsigned long long>(top.data_o));
    }
    return good;
}

int main(int argc, char **argv) {
    int words = argc > 1 ? std::atoi(argv[1]) : 200;
    uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : std::random_device{}();
    std::printf("ecc seed %llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    Vapus_ecc_bench top;
    long errors = 0;
    for (int word = 0; word < words; word++) {
        uint64_t data = word < 64 ? 1ull << word : random();
        if (!check(top, data, -1, -1)) return 1;
        for (int first = 0; first < 72; first++) {
            if (!check(top, data, first, -1)) return 1;
            errors++;
            for (int second = first + 1; second < 72; second++, errors++) {
                if (!check(top, data, first, second)) return 1;
            }
        }
    }
    std::printf("rtl.ecc_errors: %ld\n", errors);
    return 0;
}
