// The Verilated chip behind the interface of apus_rtl.h.
#include "apus_rtl.h"

#include <cstring>
#include <memory>
#include <vector>

#include "Vapus_chip_top.h"
#include "apus_chip.h"
#include "backdoor.h"
#include "memory_port.h"
#include "verilated.h"
#ifdef APUS_BEHAVIOURAL
#include "behavioural.h"
#endif

#ifndef APUS_BEHAVIOURAL
#define APUS_BEHAVIOURAL 0
#endif

namespace {

/// Cycles without any movement after which nothing can move: no path of the chip is as long.
constexpr uint32_t kQuietCycles = 64;

}  // namespace

struct apus_rtl {
    VerilatedContext context;
    std::unique_ptr<Vapus_chip_top> top;
    std::unique_ptr<Backdoor> backdoor;
    MemoryPort memory;
    std::vector<uint8_t> console;
#if APUS_BEHAVIOURAL
    std::unique_ptr<BehaviouralEngines> engines;
#endif

    apus_rtl() {
        Verilated::threadContextp(&context);
        top = std::make_unique<Vapus_chip_top>(&context, "TOP");
        backdoor = std::make_unique<Backdoor>("TOP.apus_chip_top.u_core", APUS_SCRATCHPAD_BANKS);
        top->rst_ni = 0;
        top->launch_i = 0;
        cycle();
        cycle();
        top->rst_ni = 1;
        cycle();
        // The code word of zero is zero, so zeroed arrays are zeroed memories.
#if APUS_BEHAVIOURAL
        engines = std::make_unique<BehaviouralEngines>(*backdoor);
#endif
    }

    void cycle() {
        memory.before(*top);
        top->clk_i = 0;
        top->eval();
        memory.after(*top);
        top->clk_i = 1;
        top->eval();
    }
};

apus_rtl *apus_rtl_create(void) { return new apus_rtl; }

void apus_rtl_destroy(apus_rtl *chip) {
    if (chip == nullptr) return;
    Verilated::threadContextp(&chip->context);
    chip->top->final();
    delete chip;
}

void apus_rtl_get_sizes(const apus_rtl *, apus_rtl_sizes *sizes) {
    *sizes = {APUS_RTL_VERSION,    APUS_CORE_COUNT,     APUS_SCRATCHPAD_BYTES,
              APUS_SCRATCHPAD_BANKS, APUS_ACCUMULATOR_BYTES, APUS_PROGRAM_BYTES,
              APUS_ARGUMENT_BYTES, APUS_QUEUE_DEPTH,    APUS_MATRIX_ROWS,
              APUS_MATRIX_COLUMNS, APUS_VECTOR_LANES,   APUS_MATRIX_FORMATS,
              APUS_BEHAVIOURAL};
}

void apus_rtl_write_program(
    apus_rtl *chip, uint32_t, uint32_t address, const uint8_t *bytes, uint32_t count) {
    std::memcpy(reinterpret_cast<uint8_t *>(chip->backdoor->program(0)) + address, bytes, count);
}

void apus_rtl_write_arguments(
    apus_rtl *chip, uint32_t, uint32_t address, const uint8_t *bytes, uint32_t count) {
    std::memcpy(reinterpret_cast<uint8_t *>(chip->backdoor->arguments(0)) + address, bytes, count);
}

void apus_rtl_read_local(
    apus_rtl *chip, uint32_t, uint32_t address, uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++, address++) {
        bytes[i] = static_cast<uint8_t>(chip->backdoor->local(address) >> (8 * (address & 7)));
    }
}

void apus_rtl_write_local(
    apus_rtl *chip, uint32_t, uint32_t address, const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count;) {
        uint32_t first = address + i, lane = first & 7;
        uint64_t word = chip->backdoor->local(first);
        for (; lane < 8 && i < count; lane++, i++) {
            word &= ~(0xFFull << (8 * lane));
            word |= static_cast<uint64_t>(bytes[i]) << (8 * lane);
        }
        chip->backdoor->setLocal(first, word);
    }
}

void apus_rtl_attach(
    apus_rtl *chip, uint64_t base, uint8_t *host, uint64_t bytes, uint32_t latency) {
    chip->memory.attach(base, host, bytes, latency);
    chip->top->arena_base_i = base;
    chip->top->arena_bytes_i = bytes;
#if APUS_BEHAVIOURAL
    chip->engines->attach(base, host, bytes);
#endif
}

void apus_rtl_inject(
    apus_rtl *chip, uint32_t, bool is_enabled, uint32_t address, uint64_t data_mask,
    uint8_t check_mask) {
    chip->top->inject_enable_i = is_enabled;
    chip->top->inject_addr_i = address;
    chip->top->inject_mask_i[0] = static_cast<uint32_t>(data_mask);
    chip->top->inject_mask_i[1] = static_cast<uint32_t>(data_mask >> 32);
    chip->top->inject_mask_i[2] = check_mask;
}

static void fill(const Vapus_chip_top &top, apus_rtl_result *result) {
    // An error of memory first: what else went wrong may come of it.
    if (top.memory_failed_o) result->outcome = APUS_RTL_MEMORY;
    else if (top.trap_valid_o) result->outcome = APUS_RTL_TRAP;
    else if (top.stopped_o) result->outcome = APUS_RTL_EXCEPTION;
    else if (top.ended_o) result->outcome = APUS_RTL_DONE;
    else result->outcome = APUS_RTL_CYCLE_LIMIT;
    result->status = top.status_o;
    result->trap_engine = top.trap_engine_o;
    result->trap_cause = top.trap_cause_o;
    for (int i = 0; i < 8; i++) result->trap_command[i] = top.trap_command_o[i];
    result->exception_cause = top.stop_cause_o;
    result->exception_value = top.stop_value_o;
    result->pc = top.pc_o;
    result->memory_address = top.memory_failed_addr_o;
    result->memory_corrected = top.memory_corrected_o;
    for (int i = 0; i < APUS_RTL_SEMAPHORES; i++) {
        result->semaphores[i] = top.semaphores_o[i / 2] >> (16 * (i % 2)) & 0xFFFF;
    }
}

void apus_rtl_launch(
    apus_rtl *chip, uint32_t entry, uint32_t argument_bytes, uint64_t cycle_limit,
    apus_rtl_result *results) {
    Verilated::threadContextp(&chip->context);
    Vapus_chip_top &top = *chip->top;
    *results = {};
#if APUS_BEHAVIOURAL
    BehaviouralEngines::current = chip->engines.get();
#endif
    chip->memory.reset();
    top.entry_i = entry;
    top.argument_bytes_i = argument_bytes;
    top.launch_i = 1;
    chip->cycle();
    top.launch_i = 0;
    uint32_t quiet = 0;
    do {
        chip->cycle();
        results->cycles++;
        results->instructions += top.step_o;
        for (int i = 0; i < APUS_RTL_QUEUES; i++) {
            results->commands[i] += top.commands_done_o >> i & 1;
        }
        if (top.console_valid_o) chip->console.push_back(top.console_o);
        quiet = top.quiet_o ? quiet + 1 : 0;
    } while (!top.ended_o && quiet < kQuietCycles && results->cycles < cycle_limit);
    fill(top, results);
    if (!top.ended_o && quiet >= kQuietCycles) results->outcome = APUS_RTL_DEADLOCK;
    results->bytes_read = chip->memory.bytesRead;
    results->bytes_written = chip->memory.bytesWritten;
}

uint32_t apus_rtl_take_console(apus_rtl *chip, uint8_t *text, uint32_t capacity) {
    uint32_t count = static_cast<uint32_t>(chip->console.size());
    if (count > capacity) count = capacity;
    std::memcpy(text, chip->console.data(), count);
    chip->console.erase(chip->console.begin(), chip->console.begin() + count);
    return count;
}
