// The Verilated chip as a library: what `RTLDevice` and the benches drive it by.
//
// One model holds one chip of the sizes it was built for. A model belongs to one thread at a time.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { APUS_RTL_VERSION = 1, APUS_RTL_QUEUES = 4, APUS_RTL_SEMAPHORES = 32 };

typedef struct apus_rtl apus_rtl;

/// Sizes for which the model was built.
typedef struct {
    uint32_t version;
    uint32_t core_count;
    uint32_t scratchpad_bytes;
    uint32_t scratchpad_banks;
    uint32_t accumulator_bytes;
    uint32_t program_bytes;
    uint32_t argument_bytes;
    uint32_t queue_depth;
    uint32_t matrix_rows;
    uint32_t matrix_columns;
    uint32_t vector_lanes;
    uint32_t matrix_formats;
    /// Engines that the emulator stands in for: bit q for queue q. A chip proper has none.
    uint32_t behavioural_engines;
} apus_rtl_sizes;

/// How a launch ended.
typedef enum {
    APUS_RTL_DONE = 0,
    APUS_RTL_TRAP = 1,
    APUS_RTL_EXCEPTION = 2,
    /// Nothing could move any more.
    APUS_RTL_DEADLOCK = 3,
    /// An uncorrectable error of the scratchpad.
    APUS_RTL_MEMORY = 4,
    APUS_RTL_CYCLE_LIMIT = 5,
} apus_rtl_outcome;

typedef struct {
    uint32_t outcome;
    /// Of `DONE`.
    uint32_t status;
    uint32_t trap_engine;
    uint32_t trap_cause;
    uint32_t trap_command[8];
    uint32_t exception_cause;
    uint32_t exception_value;
    /// Where the control processor stands.
    uint32_t pc;
    uint32_t memory_address;
    uint32_t memory_corrected;
    uint32_t semaphores[APUS_RTL_SEMAPHORES];
    uint64_t cycles;
    uint64_t instructions;
    uint64_t commands[APUS_RTL_QUEUES];
    /// Bytes that passed the memory port.
    uint64_t bytes_read;
    uint64_t bytes_written;
} apus_rtl_result;

/// A chip after reset with zeroed memories.
apus_rtl *apus_rtl_create(void);
void apus_rtl_destroy(apus_rtl *chip);
void apus_rtl_get_sizes(const apus_rtl *chip, apus_rtl_sizes *sizes);

/// Writes a core's program or argument memory; the bytes must lie in it.
void apus_rtl_write_program(
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);
void apus_rtl_write_arguments(
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);

/// Reads or writes a core's scratchpad or accumulators by local address.
void apus_rtl_read_local(
    apus_rtl *chip, uint32_t core, uint32_t address, uint8_t *bytes, uint32_t count);
void apus_rtl_write_local(
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);

/// Puts the program's arena behind the memory port. `latency` is from a request to its first beat.
void apus_rtl_attach(
    apus_rtl *chip, uint64_t base, uint8_t *host, uint64_t bytes, uint32_t latency);

/// Flips bits of the scratchpad word at `address` in every read, until it is called again with
/// `is_enabled` false. Bits 0–63 are data, 64–71 check bits.
void apus_rtl_inject(
    apus_rtl *chip, uint32_t core, bool is_enabled, uint32_t address, uint64_t data_mask,
    uint8_t check_mask);

/// Runs a launch to its end, or for `cycle_limit` cycles; `results` has one for each core.
void apus_rtl_launch(
    apus_rtl *chip, uint32_t entry, uint32_t argument_bytes, uint64_t cycle_limit,
    apus_rtl_result *results);

/// Moves at most `capacity` characters that kernels printed to `text`; how many.
uint32_t apus_rtl_take_console(apus_rtl *chip, uint8_t *text, uint32_t capacity);

#ifdef __cplusplus
}
#endif
