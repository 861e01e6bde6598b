// Times Load, Store and Vector commands of the shapes that a language model has. See run.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CApusNumerics.h"
#include "apus_core.h"
#include "apus_execute.h"

enum { SCRATCHPAD = 4 << 20, GLOBAL_BASE = 1 << 20, DESCRIPTOR = 0 };
static uint8_t global[16 << 20];
static apus_core *core;

/// Of this thread alone: others on the machine do not show.
static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/// The least seconds that the command takes.
static double least(uint32_t queue, const uint32_t *words) {
    double best = 1e9;
    for (int repeat = 0; repeat < 60; repeat++) {
        enum { COUNT = 20 };
        double start = seconds();
        for (int i = 0; i < COUNT; i++) {
            apus_trap_cause cause = apus_execute(NULL, core, queue, words);
            if (cause != APUS_TRAP_NONE) {
                printf("trap %d\n", (int)cause);
                exit(1);
            }
        }
        double time = (seconds() - start) / COUNT;
        if (time < best) best = time;
    }
    return best;
}

// Transfers --------------------------------------------------------------------------------------

/// Rows of columns; strides in bytes, in elements for 4-bit formats.
typedef struct {
    int global_format, local_format;
    uint32_t columns, rows;
    uint32_t global_row, local_row;
    /// Rows are looked up in a table.
    int gathers;
} box;

static double half_bytes(int format) {
    return format >= APUS_INT4 && format <= APUS_E2M1 ? 1 : 2 * (double)apus_packed_stride(format);
}

static void transfer(const char *name, box b, int is_store) {
    uint32_t d[32] = {GLOBAL_BASE, 0,
        (uint32_t)b.global_format | (uint32_t)b.local_format << 5 | (b.gathers ? 2u << 10 : 0), 0};
    uint32_t extents[] = {b.columns, b.gathers ? 4096 : b.rows, 1, 1, 1};
    for (int i = 0; i < 5; i++) d[4 + i] = extents[i], d[9 + i] = i == 1 ? b.rows : extents[i];
    d[14] = (uint32_t)apus_packed_stride(b.global_format), d[15] = b.global_row;
    d[19] = (uint32_t)apus_packed_stride(b.local_format), d[20] = b.local_row;
    d[24] = SCRATCHPAD - 65536;
    for (uint32_t i = 0; i < b.rows && b.gathers; i++) {
        uint32_t row = i * 7 % b.rows;
        memcpy(core->scratchpad + d[24] + 4 * i, &row, 4);
    }
    memcpy(core->arguments + DESCRIPTOR, d, sizeof d);
    uint32_t words[8] = {is_store ? 0x20 : 0x10, 0, DESCRIPTOR, 0};
    double time = least(is_store ? APUS_QUEUE_STORE : APUS_QUEUE_LOAD, words);
    double bytes = (double)b.columns * b.rows * half_bytes(b.local_format) / 2;
    printf("%-46s %9.2f us %8.1f GB/s\n", name, time * 1e6, bytes / time * 1e-9);
}

static void transfers(void) {
    transfer("load uint4, 1536 columns of 576 rows, whole",
        (box){APUS_UINT4, APUS_UINT4, 1536, 576, 1536, 1536, 0}, 0);
    transfer("load uint4, 384 columns of 576 rows",
        (box){APUS_UINT4, APUS_UINT4, 384, 576, 1536, 384, 0}, 0);
    transfer("load int8, 384 columns of 576 rows",
        (box){APUS_INT8, APUS_INT8, 384, 576, 1536, 384, 0}, 0);
    transfer("load fp16 scales, 384 columns of 18 rows",
        (box){APUS_FP16, APUS_FP16, 384, 18, 3072, 768, 0}, 0);
    transfer("load bf16, 576 columns of 1 row",
        (box){APUS_BF16, APUS_BF16, 576, 1, 1152, 1152, 0}, 0);
    transfer("load bf16 to fp32, 576 columns of 16 rows",
        (box){APUS_BF16, APUS_FP32, 576, 16, 1152, 2304, 0}, 0);
    transfer("gather bf16, 64 columns of 128 rows (KV cache)",
        (box){APUS_BF16, APUS_BF16, 64, 128, 384, 128, 1}, 0);
    transfer("gather int8, 576 columns of 128 rows",
        (box){APUS_INT8, APUS_INT8, 576, 128, 576, 576, 1}, 0);
    transfer("gather int8 to fp32, 576 columns of 128 rows",
        (box){APUS_INT8, APUS_FP32, 576, 128, 576, 2304, 1}, 0);
    transfer("gather uint4, 576 columns of 128 rows",
        (box){APUS_UINT4, APUS_UINT4, 576, 128, 576, 576, 1}, 0);
    transfer("store fp32 as bf16, 384 columns of 16 rows",
        (box){APUS_BF16, APUS_FP32, 384, 16, 3072, 1536, 0}, 1);
    transfer("store fp32 as bf16, 64 columns of 16 rows",
        (box){APUS_BF16, APUS_FP32, 64, 16, 3072, 256, 0}, 1);
    transfer("store fp32, 576 columns of 1 row",
        (box){APUS_FP32, APUS_FP32, 576, 1, 2304, 2304, 0}, 1);
}

// Vector -----------------------------------------------------------------------------------------

enum { AREA = 1 << 20, IMMEDIATE_B = 1 << 20, IMMEDIATE_C = 1 << 21 };
enum { BROADCAST_B = 1, COLUMN_B = 2 };

/// Rows of columns of d, a, b and c, each in its megabyte. `how`: b is one row for all rows, or one
/// column for all columns.
typedef struct {
    int opcode, d, a, b, c;
    uint32_t columns, rows;
    uint32_t flags, immediate_b, immediate_c;
    int how, result_columns;
} tile;

static void vector(const char *name, tile t) {
    uint32_t sizes[4] = {(uint32_t)apus_packed_stride(t.d), (uint32_t)apus_packed_stride(t.a),
        (uint32_t)apus_packed_stride(t.b), (uint32_t)apus_packed_stride(t.c)};
    uint32_t d[16] = {t.columns, t.rows, 1};
    for (int i = 0; i < 4; i++) {
        d[3 + 3 * i] = sizes[i];
        d[4 + 3 * i] = sizes[i] * (i == 0 && t.result_columns ? (uint32_t)t.result_columns
                                                             : t.columns);
    }
    if (t.how == BROADCAST_B) d[10] = 0;
    if (t.how == COLUMN_B) d[9] = 0, d[10] = sizes[2];
    memcpy(core->arguments + DESCRIPTOR, d, sizeof d);
    uint32_t words[8] = {(uint32_t)t.opcode, 0, 3 * AREA, 0, AREA, 2 * AREA, DESCRIPTOR,
        (uint32_t)t.d | (uint32_t)t.a << 5 | (uint32_t)t.b << 10 | (uint32_t)t.c << 15 | t.flags};
    int form = t.opcode;
    if (form < 0x64 || (form >= 0x80 && form <= 0x85))
        words[4] = words[5] = 0, words[7] &= 0x1C003FF;
    if (form >= 0x64 && form < 0x7C) words[5] = 0, words[7] &= 0x1D07FFF;
    if (form == 0x88) words[5] = 0, words[7] = (words[7] & 0x3FF) | IMMEDIATE_B;
    if (form == 0x8C) words[3] = 0, words[7] &= 0x1F | IMMEDIATE_B | IMMEDIATE_C;
    if (t.flags & IMMEDIATE_B) words[4] = t.immediate_b;
    if (t.flags & IMMEDIATE_C) words[5] = t.immediate_c;
    if (form == 0x88) words[4] = 0;
    if (form == 0x8A) words[5] = 2 * AREA, words[7] &= ~(31u << 10);
    double time = least(APUS_QUEUE_VECTOR, words);
    double elements = (double)t.columns * t.rows;
    printf("%-46s %9.2f us %8.2f G elements/s\n", name, time * 1e6, elements / time * 1e-9);
}

static void vectors(void) {
    enum { F = APUS_FP32, H = APUS_BF16, FP16 = APUS_FP16 };
    enum { COPY = 0x40, EXP = 0x4B, ADD = 0x64, MUL = 0x66, GT = 0x77, FMA = 0x7C, SELECT = 0x7D };
    enum { RSUM = 0x80, RMAX = 0x82, RARGMAX = 0x84, CUMSUM = 0x88, TOPK = 0x8A, RANDOM = 0x8C };
    vector("add fp32, 576 columns", (tile){ADD, F, F, F, F, 576, 1, 0, 0, 0, 0, 0});
    vector("add fp32, 576 columns of 64 rows", (tile){ADD, F, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("mul fp32 to bf16, 576 of 64", (tile){MUL, H, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("mul bf16 by a row, to fp32, 576 of 64",
        (tile){MUL, F, H, F, F, 576, 64, 0, 0, 0, BROADCAST_B, 0});
    vector("mul fp32 by a column, 576 of 64",
        (tile){MUL, F, F, F, F, 576, 64, 0, 0, 0, COLUMN_B, 0});
    vector("mul fp32 by a column, 64 of 128",
        (tile){MUL, F, F, F, F, 64, 128, 0, 0, 0, COLUMN_B, 0});
    vector("fma fp32, 576 of 64", (tile){FMA, F, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("fma fp32 by immediates, 576 of 64",
        (tile){FMA, F, F, F, F, 576, 64, IMMEDIATE_B | IMMEDIATE_C, 0x3F000000, 0x3F000000, 0, 0});
    vector("exp fp32, 576 of 64", (tile){EXP, F, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("exp fp32 to bf16, 128 of 64", (tile){EXP, H, F, F, F, 128, 64, 0, 0, 0, 0, 0});
    vector("select fp32, 576 of 64", (tile){SELECT, F, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("gt fp32 to int8, 576 of 64", (tile){GT, APUS_INT8, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("copy bf16 to fp32, 576 of 64", (tile){COPY, F, H, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("copy fp32 to bf16, 576 of 64", (tile){COPY, H, F, F, F, 576, 64, 0, 0, 0, 0, 0});
    vector("rsum fp32, 576 of 64", (tile){RSUM, F, F, F, F, 576, 64, 0, 0, 0, 0, 1});
    vector("rmax fp32, 128 of 64", (tile){RMAX, F, F, F, F, 128, 64, 0, 0, 0, 0, 1});
    vector("rargmax fp32, 49152 columns",
        (tile){RARGMAX, APUS_INT32, F, F, F, 49152, 1, 0, 0, 0, 0, 1});
    vector("cumsum fp32, 49152 columns", (tile){CUMSUM, F, F, F, F, 49152, 1, 0, 0, 0, 0, 0});
    vector("random fp32, 49152 columns",
        (tile){RANDOM, F, F, F, F, 49152, 1, IMMEDIATE_B | IMMEDIATE_C, 1, 2, 0, 0});
    static const uint32_t ks[] = {1, 40, 256, 1024};
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "topk fp32, %u of 49152 columns", ks[i]);
        vector(name,
            (tile){TOPK, F, F, F, APUS_INT32, 49152, 1, IMMEDIATE_B, ks[i], 0, 0, 0});
    }
}

int main(void) {
    apus_core_sizes sizes = {.scratchpad_bytes = SCRATCHPAD, .accumulator_bytes = 1 << 20,
        .argument_bytes = 1 << 16, .program_bytes = 4096, .queue_depth = 8};
    core = apus_core_make(sizes);
    core->core_count = 1, core->matrix_formats = 0xFFFF;
    core->global_base = GLOBAL_BASE, core->global_bytes = sizeof global, core->global = global;
    // Numbers of everyday size, in FP32 and BF16.
    uint32_t state = 1;
    for (size_t i = 0; i < SCRATCHPAD; i += 4) {
        state = state * 1664525 + 1013904223;
        uint32_t bits = (state & 0x807FFFFF) | 0x3F000000 | (state >> 3 & 0x800000);
        memcpy(core->scratchpad + i, &bits, 4);
    }
    memset(global, 1, sizeof global);
    double best = 1e9;
    for (int i = 0; i < 50; i++) {
        double start = seconds();
        memcpy(core->scratchpad, global + (i & 1), 442368);
        if (seconds() - start < best) best = seconds() - start;
    }
    printf("memcpy of 442 KB: %.1f GB/s\n\n", 442368 / best * 1e-9);
    transfers();
    printf("\n");
    vectors();
    apus_core_free(core);
    return 0;
}
