// The control processor, fast: RV32IM with Zicsr and Zifencei, machine mode only.
//
// One apus_rv32 is one hart with its address map. Memory that the processor shares with the
// machine is given as regions with host pointers; every other address goes to a callback.
// The oracle is Sources/ApusMachine/Control/ProcessorOracle.swift; a test runs both in lockstep.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { APUS_RV32_REGIONS_MAX = 8 };

/// What a region of memory allows. A region that allows execution caches decoded instructions.
enum apus_rv32_permission {
    APUS_RV32_READ = 1,
    APUS_RV32_WRITE = 2,
    APUS_RV32_EXECUTE = 4,
};

/// What the callback answers to a load or a store.
enum apus_rv32_answer {
    APUS_RV32_DONE = 0,   ///< Performed; the instruction retires.
    APUS_RV32_STALL = 1,  ///< Not now: run returns, and the next run tries the instruction again.
    APUS_RV32_FAULT = 2,  ///< Nothing there: the instruction takes an access fault.
    APUS_RV32_STOP = 3,   ///< Performed; the instruction retires and run returns.
};

/// Why run returned.
enum apus_rv32_exit {
    APUS_RV32_EXIT_BUDGET = 0,     ///< The given number of steps was made.
    APUS_RV32_EXIT_STALLED = 1,    ///< The callback answered APUS_RV32_STALL.
    APUS_RV32_EXIT_STOPPED = 2,    ///< The callback answered APUS_RV32_STOP.
    APUS_RV32_EXIT_EXCEPTION = 3,  ///< An exception, with stop_on_exception; pc is its instruction.
    APUS_RV32_EXIT_LOCKED = 4,     ///< The trap handler's first instruction cannot be fetched.
};

/// Loads into or stores from `*value` (zero-extended) `bytes` bytes, 1, 2 or 4, aligned.
typedef int32_t (*apus_rv32_access)(
    void *context, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value);

struct apus_rv32_decoded;

struct apus_rv32_region {
    uint32_t base;
    uint32_t bytes;
    uint8_t *host;
    uint32_t permissions;
    struct apus_rv32_decoded *decoded;  ///< Owned; null unless executable.
};

/// Registers and control registers. Counters are offsets to `steps`, so the hot loop counts once.
struct apus_rv32_state {
    uint32_t x[33];  ///< x[32] takes the writes to x0.
    uint32_t pc;
    uint32_t mstatus, mie, mtvec, mscratch, mepc, mcause, mtval, mcountinhibit;
    uint32_t software_pending, external_pending;  ///< 0 or 1.
    uint32_t pmpcfg[4], pmpaddr[16];
    uint64_t steps;       ///< Instructions attempted, stalls excepted: a cycle each.
    uint64_t exceptions;  ///< Those of them that did not retire.
    uint64_t extra_cycles;  ///< Of `apus_rv32_run_timed`: what steps took beyond a cycle each.
    uint64_t data_accesses;  ///< Of `apus_rv32_run_timed`: to the first region without code.
    uint64_t cycle_offset, instret_offset, time_offset;
    uint64_t mtimecmp;
};

struct apus_rv32 {
    struct apus_rv32_state state;
    struct apus_rv32_region regions[APUS_RV32_REGIONS_MAX];
    uint32_t region_count;
    uint32_t hart;
    bool has_timer;          ///< msip, mtimecmp and mtime at 0x0200_0000.
    bool trap_misaligned;    ///< Misaligned loads and stores of memory trap instead of working.
    bool stop_on_exception;  ///< Exceptions end run instead of entering the handler.
    apus_rv32_access access;
    void *context;
    uint32_t exit_cause, exit_value;  ///< mcause and mtval of the exception that ended run.
};

/// Makes a processor without memory whose state is that of reset, or null if memory is short.
struct apus_rv32 *apus_rv32_make(void);

/// Frees the processor, but not the memory of its regions.
void apus_rv32_free(struct apus_rv32 *processor);

/// Sets registers, control registers and counters to zero, mtimecmp to its maximum, pc to `pc`.
/// Regions stay; decoded instructions too (call apus_rv32_code_changed if the host wrote code).
void apus_rv32_reset(struct apus_rv32 *processor, uint32_t pc);

/// Adds memory. The first executable region and the first other one are the quickest to reach.
/// False if there are too many, if it wraps around, is not a multiple of four, overlaps another,
/// or if memory is short.
bool apus_rv32_add_region(
    struct apus_rv32 *processor, uint32_t base, uint32_t bytes, uint8_t *host,
    uint32_t permissions);

/// Makes stores to the aligned word at `address` of executable memory go to the callback *after*
/// they are performed; the word is then not executable. False if the address is not in such memory.
bool apus_rv32_watch(struct apus_rv32 *processor, uint32_t address);

/// Forgets decoded instructions in `bytes` bytes from `address`, which the host wrote.
void apus_rv32_code_changed(struct apus_rv32 *processor, uint32_t address, uint32_t bytes);

/// Makes at most `steps` steps: instructions retired or ended by an exception.
/// Interrupts are taken between steps.
enum apus_rv32_exit apus_rv32_run(struct apus_rv32 *processor, uint64_t steps);

/// As `apus_rv32_run`, and counts in `extra_cycles` what instructions take beyond their first cycle
/// on the chip's control processor. What the callback answers takes a cycle; it may add to them.
enum apus_rv32_exit apus_rv32_run_timed(struct apus_rv32 *processor, uint64_t steps);

/// A control register as the next instruction would read it; false if there is none.
bool apus_rv32_read_csr(const struct apus_rv32 *processor, uint32_t csr, uint32_t *value);

#ifdef __cplusplus
}
#endif
