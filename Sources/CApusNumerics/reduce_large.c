// The reduction of large angles modulo pi/2, in integers, one at a time: rows rarely have one.
#include "reduce_large.h"

#include "function_constants.h"
#include "lanes.h"

/// 32 bits of 2/pi from bit `first`, where bit 32 has weight 1/2 and the bits before are zero.
static uint32_t window(int first) {
    int word = first / 32, shift = first % 32;
    uint64_t high = word == 0 ? 0 : k_two_over_pi_words[word - 1];
    uint64_t low = k_two_over_pi_words[word];
    return (uint32_t)((high << 32 | low) >> (32 - shift));
}

int32_t apus_reduce_large(float x, float *high, float *low) {
    uint32_t bits = (uint32_t)lane_bits(x) & 0x7FFFFFFF;
    uint64_t mantissa = (bits & 0x7FFFFF) | 0x800000;
    int exponent = (int)(bits >> 23) - 150;
    // Bits of weight 4 and more give whole turns; the window's first bit times the mantissa's unit
    // is 2.
    int first = exponent + 30;
    uint64_t w0 = window(first), w1 = window(first + 32), w2 = window(first + 64);
    // The upper 64 of the low 96 bits of mantissa · window; their two top bits count quarter turns.
    uint64_t carry = (mantissa * w2) >> 32;
    uint64_t turns = (mantissa * w0 << 32) + mantissa * w1 + carry;
    int32_t n = (int32_t)((turns + (UINT64_C(1) << 61)) >> 62);
    int64_t fraction = (int64_t)(turns << 2);

    uint64_t magnitude = fraction < 0 ? -(uint64_t)fraction : (uint64_t)fraction;
    int zeros = magnitude == 0 ? 63 : __builtin_clzll(magnitude);
    magnitude <<= zeros;
    float unit = lane_float((127 - 24 - zeros) << 23);
    float upper = (float)(int32_t)(magnitude >> 40) * unit;
    float lower = (float)(int32_t)(magnitude >> 16 & 0xFFFFFF) * (unit * 0x1p-24f);
    float product = upper * k_halfPi[0];
    float rest = fmaf(upper, k_halfPi[0], -product);
    rest = rest + fmaf(upper, k_halfPi[1], lower * k_halfPi[0]);
    float sum = product + rest;
    float sum_rest = (product - sum) + rest;
    int negative = (fraction < 0) != (lane_bits(x) < 0);
    *high = negative ? -sum : sum;
    *low = negative ? -sum_rest : sum_rest;
    return lane_bits(x) < 0 ? -n : n;
}
