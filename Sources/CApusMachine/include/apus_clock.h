// The chip with time and without values: control processors run the kernel, commands take as long
// as their words and descriptors say.
//
// Events are handled in the order of their cycles, those of one cycle in the order in which they
// were made, so a chip and a list of launches have one answer. One thread at a time uses a chip.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    APUS_CLOCK_ENGINES = 4,
    APUS_CLOCK_SEMAPHORES = 32,
    APUS_CLOCK_FORMATS = 16,
    /// Native, three and six passes.
    APUS_CLOCK_PASSES = 3,
};

/// Global memory behind the chip.
typedef struct {
    /// One port with a fixed latency, as the RTL's bench has it; else channels.
    bool is_simple;
    uint32_t channels;
    /// Cycles from a request to the first byte.
    uint32_t latency_cycles;
    /// Of the simple port, and of one channel: bytes a cycle, times 65536.
    uint64_t bytes_per_cycle_q16;
    /// Of a channel: where the next one begins, what a row holds, what is moved at least.
    uint32_t interleave_bytes, page_bytes, burst_bytes, banks;
    /// Cycles.
    uint32_t activate_cycles, precharge_cycles, active_cycles_min, refresh_cycles,
        refresh_interval;
} apus_clock_memory;

/// What the clock knows of a chip. `docs/time.md` says where each number comes from.
typedef struct {
    /// Whether every cycle of every block is stepped, as the RTL's (a small chip, `is_simple`).
    bool is_stepped;
    uint32_t core_count, mesh_columns, mesh_rows;
    uint32_t matrix_rows, matrix_columns, vector_lanes;
    uint32_t scratchpad_bytes, scratchpad_banks, accumulator_bytes, program_bytes, argument_bytes;
    uint32_t queue_depth;
    /// Commands of an engine that are begun before the first of them ends.
    uint32_t commands_under_way;
    /// Ports of 64 bits of Load and Store each; whether neighbours in a run share a cycle;
    /// elements, or packed words of all ports, that may be on their way.
    uint32_t transfer_ports, transfer_packs, transfer_entries;
    /// Ports of 64 bits; whether reads follow each other without waiting; whether a tile's
    /// accumulators move while the next tile is multiplied.
    uint32_t matrix_ports, matrix_fetch_pipelined, matrix_rows_overlap;
    /// Ports of 64 bits; whether strips are fetched, computed and stored at the same time.
    uint32_t vector_ports, vector_overlaps;
    uint32_t mesh_link_bytes;
    apus_clock_memory memory;
    /// Of what stands in for values: the entries of index tables.
    uint64_t seed;
} apus_clock_chip;

/// What one engine of a core did in a launch, in cycles. Busy includes what it was stalled.
typedef struct {
    uint64_t commands, busy, fetching;
    uint64_t stalled_local, stalled_memory, stalled_mesh;
    uint64_t waiting[APUS_CLOCK_SEMAPHORES];
} apus_clock_engine;

/// What one core did in a launch.
typedef struct {
    uint64_t instructions, processor_busy, waiting_barrier;
    uint64_t waiting[APUS_CLOCK_SEMAPHORES];
    uint64_t waiting_queue[APUS_CLOCK_ENGINES];
    apus_clock_engine engines[APUS_CLOCK_ENGINES];
} apus_clock_core;

/// What a launch did, all cores together: what energy is counted by.
typedef struct {
    /// Bytes.
    uint64_t global_read, global_written, remote_read, remote_written;
    uint64_t scratchpad_read, scratchpad_written, accumulator_read, accumulator_written;
    uint64_t mesh_byte_hops;
    /// Multiply-adds of the Matrix engines by passes and the formats of A and B; a pass of FP32
    /// operands counts by itself.
    uint64_t multiply_adds[APUS_CLOCK_PASSES][APUS_CLOCK_FORMATS][APUS_CLOCK_FORMATS];
    /// Elements of B that were dequantised, and sums that were scaled.
    uint64_t dequantised, folded;
    /// Steps of Vector lanes: multiply-adds, bits and integers, shared, divisions.
    uint64_t lane_steps[4];
    /// Elements that changed their format, in transfers and in the Vector engines.
    uint64_t conversions;
    uint64_t instructions, commands, descriptor_words;
    /// Of global memory.
    uint64_t row_activations, refreshes;
} apus_clock_activity;

/// One command, when it was done. Cycles count from the machine's beginning.
typedef struct {
    uint32_t core, engine, index;
    uint8_t opcode;
    /// The semaphore whose post let it begin, 0 for none.
    uint8_t waited_semaphore;
    uint8_t posted_semaphore;
    /// It stood at the head, its waits passed, its engine began, it was done.
    uint64_t ready, dispatched, began, ended;
} apus_clock_event;

typedef void (*apus_clock_recorder)(void *context, const apus_clock_event *event);

/// How a launch ended: `apus_clock_launch`.
typedef enum {
    APUS_CLOCK_DONE,
    /// `cause` is that of the trap (`apus_trap_cause`).
    APUS_CLOCK_TRAP,
    APUS_CLOCK_EXCEPTION,
    APUS_CLOCK_DEADLOCK,
    APUS_CLOCK_STATUS,
    APUS_CLOCK_LIMIT,
} apus_clock_outcome;

typedef struct {
    apus_clock_outcome outcome;
    uint32_t core, engine, cause, value, pc, status;
    uint32_t words[8];
    uint64_t begin, end;
} apus_clock_result;

typedef struct apus_clock apus_clock;

/// A chip at cycle 0, or NULL if memory is short.
apus_clock *apus_clock_make(const apus_clock_chip *chip);
void apus_clock_free(apus_clock *clock);

/// Program memory of all cores; `bytes` is what the chip has.
void apus_clock_load(apus_clock *clock, const uint8_t *program);

/// Hears of every command from now on; NULL for nobody.
void apus_clock_record(apus_clock *clock, apus_clock_recorder recorder, void *context);

/// Runs a kernel on all cores, from where the last launch ended. `count` is at most what argument
/// memory has.
apus_clock_result apus_clock_launch(
    apus_clock *clock, uint32_t entry, const uint8_t *arguments, uint32_t count);

/// What the last launch did; valid until the next.
const apus_clock_core *apus_clock_core_at(const apus_clock *clock, uint32_t core);
const apus_clock_activity *apus_clock_activity_of(const apus_clock *clock);

/// What stands in for a value at a local address.
uint64_t apus_clock_draw(uint64_t seed, uint64_t address);

#ifdef __cplusplus
}
#endif
