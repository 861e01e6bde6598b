// The mix of work by which the control processor's speed is measured: sorting, a checksum, integer
// matrix products, a sieve and pointer chasing. main returns a number that depends on all of it.
#include <stdint.h>

enum { COUNT = 512, SIDE = 16, LIMIT = 4096 };

static uint32_t values[COUNT];
static int32_t left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
static uint8_t composite[LIMIT];
static uint16_t next[COUNT];

static uint32_t random_state = 12345;

static uint32_t draw(void) {
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static void sort(void) {
    for (int gap = COUNT / 2; gap > 0; gap /= 2) {
        for (int i = gap; i < COUNT; i++) {
            uint32_t value = values[i];
            int j = i;
            for (; j >= gap && values[j - gap] > value; j -= gap) values[j] = values[j - gap];
            values[j] = value;
        }
    }
}

static uint32_t checksum(const uint8_t *bytes, int count) {
    uint32_t sum = ~0u;
    for (int i = 0; i < count; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
    }
    return ~sum;
}

static void multiply(void) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIDE; k++) sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
    }
}

static uint32_t sieve(void) {
    uint32_t primes = 0;
    for (int i = 2; i < LIMIT; i++) composite[i] = 0;
    for (int i = 2; i < LIMIT; i++) {
        if (composite[i]) continue;
        primes++;
        for (int j = 2 * i; j < LIMIT; j += i) composite[j] = 1;
    }
    return primes;
}

static uint32_t chase(void) {
    uint32_t at = 0, sum = 0;
    for (int i = 0; i < 8 * COUNT; i++) {
        at = next[at];
        sum += at / 3 + at % 7;
    }
    return sum;
}

uint32_t main(uint32_t rounds) {
    uint32_t result = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < COUNT; i++) values[i] = draw();
        for (int i = 0; i < COUNT; i++) next[i] = draw() % COUNT;
        for (int i = 0; i < SIDE * SIDE; i++) {
            left[i / SIDE][i % SIDE] = (int32_t)draw();
            right[i / SIDE][i % SIDE] = (int32_t)draw();
        }
        sort();
        multiply();
        result = result * 31 + checksum((const uint8_t *)values, sizeof values);
        result = result * 31 + checksum((const uint8_t *)product, sizeof product);
        result = result * 31 + sieve() + chase();
    }
    return result;
}
