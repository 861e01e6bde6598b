// The Verilated chip behind the interface of apus_rtl.h.
#include "apus_rtl.h"

#include <cstring>
#include <memory>
#include <vector>

#include "apus_chip.h"
#if APUS_CORE_COUNT > 1
#include "Vapus_mesh_top.h"
#else
#include "Vapus_chip_top.h"
#endif
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

#if APUS_CORE_COUNT > 1
using Top = Vapus_mesh_top;
std::string coreName(uint32_t core) {
    return "TOP.apus_mesh_top.gen_core[" + std::to_string(core) + "].u_core";
}
#else
using Top = Vapus_chip_top;
std::string coreName(uint32_t) { return "TOP.apus_chip_top.u_core"; }
#endif

constexpr uint32_t kAllCores = static_cast<uint32_t>((UINT64_C(1) << APUS_CORE_COUNT) - 1);

/// Bits of a signal that has a slice for each core: at most 32 from `from` on.
uint32_t bits(uint64_t signal, uint32_t from, uint32_t width) {
    return static_cast<uint32_t>(signal >> from & ((UINT64_C(1) << width) - 1));
}
template <std::size_t Words>
uint32_t bits(const VlWide<Words> &signal, uint32_t from, uint32_t width) {
    uint64_t pair = signal[from / 32];
    if (from / 32 + 1 < Words) pair |= static_cast<uint64_t>(signal[from / 32 + 1]) << 32;
    return bits(pair, from % 32, width);
}

}  // namespace

struct apus_rtl {
    VerilatedContext context;
    std::unique_ptr<Top> top;
    std::vector<Backdoor> backdoors;
    MemoryPort memory;
    std::vector<uint8_t> console;
#if APUS_BEHAVIOURAL
    std::vector<std::unique_ptr<BehaviouralEngines>> engines;
#endif

    apus_rtl() {
        Verilated::threadContextp(&context);
        top = std::make_unique<Top>(&context, "TOP");
        for (uint32_t core = 0; core < APUS_CORE_COUNT; core++) {
            backdoors.emplace_back(coreName(core), APUS_SCRATCHPAD_BANKS);
        }
        top->rst_ni = 0;
        top->launch_i = 0;
        cycle();
        cycle();
        top->rst_ni = 1;
        cycle();
        // The code word of zero is zero, so zeroed arrays are zeroed memories.
#if APUS_BEHAVIOURAL
        for (Backdoor &backdoor : backdoors) {
            engines.push_back(std::make_unique<BehaviouralEngines>(backdoor));
        }
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
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count) {
    uint8_t *memory = reinterpret_cast<uint8_t *>(chip->backdoors[core].program(0));
    std::memcpy(memory + address, bytes, count);
}

void apus_rtl_write_arguments(
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count) {
    uint8_t *memory = reinterpret_cast<uint8_t *>(chip->backdoors[core].arguments(0));
    std::memcpy(memory + address, bytes, count);
}

void apus_rtl_read_local(
    apus_rtl *chip, uint32_t core, uint32_t address, uint8_t *bytes, uint32_t count) {
    const Backdoor &backdoor = chip->backdoors[core];
    for (uint32_t i = 0; i < count; i++, address++) {
        bytes[i] = static_cast<uint8_t>(backdoor.local(address) >> (8 * (address & 7)));
    }
}

void apus_rtl_write_local(
    apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count) {
    Backdoor &backdoor = chip->backdoors[core];
    for (uint32_t i = 0; i < count;) {
        uint32_t first = address + i, lane = first & 7;
        uint64_t word = backdoor.local(first);
        for (; lane < 8 && i < count; lane++, i++) {
            word &= ~(0xFFull << (8 * lane));
            word |= static_cast<uint64_t>(bytes[i]) << (8 * lane);
        }
        backdoor.setLocal(first, word);
    }
}

void apus_rtl_attach(
    apus_rtl *chip, uint64_t base, uint8_t *host, uint64_t bytes, uint32_t latency) {
    chip->memory.attach(base, host, bytes, latency);
    chip->top->arena_base_i = base;
    chip->top->arena_bytes_i = bytes;
#if APUS_BEHAVIOURAL
    for (auto &engine : chip->engines) engine->attach(base, host, bytes);
#endif
}

void apus_rtl_inject(
    apus_rtl *chip, uint32_t core, bool is_enabled, uint32_t address, uint64_t data_mask,
    uint8_t check_mask) {
    uint32_t enabled = chip->top->inject_enable_i & ~(1u << core);
    chip->top->inject_enable_i = static_cast<uint8_t>(enabled | (is_enabled ? 1u << core : 0));
    chip->top->inject_addr_i = address;
    chip->top->inject_mask_i[0] = static_cast<uint32_t>(data_mask);
    chip->top->inject_mask_i[1] = static_cast<uint32_t>(data_mask >> 32);
    chip->top->inject_mask_i[2] = check_mask;
}

static void fill(const Top &top, uint32_t core, apus_rtl_result *result) {
    // An error of memory first: what else went wrong may come of it.
    if (bits(top.memory_failed_o, core, 1)) result->outcome = APUS_RTL_MEMORY;
    else if (bits(top.trap_valid_o, core, 1)) result->outcome = APUS_RTL_TRAP;
    else if (bits(top.stopped_o, core, 1)) result->outcome = APUS_RTL_EXCEPTION;
    else if (bits(top.ended_o, core, 1)) result->outcome = APUS_RTL_DONE;
    else result->outcome = APUS_RTL_CYCLE_LIMIT;
    result->status = bits(top.status_o, 32 * core, 32);
    result->trap_engine = bits(top.trap_engine_o, 2 * core, 2);
    result->trap_cause = bits(top.trap_cause_o, 4 * core, 4);
    for (uint32_t i = 0; i < 8; i++) {
        result->trap_command[i] = bits(top.trap_command_o, 256 * core + 32 * i, 32);
    }
    result->exception_cause = bits(top.stop_cause_o, 32 * core, 32);
    result->exception_value = bits(top.stop_value_o, 32 * core, 32);
    result->pc = bits(top.pc_o, 32 * core, 32);
    result->memory_address = bits(top.memory_failed_addr_o, 32 * core, 32);
    result->memory_corrected = bits(top.memory_corrected_o, 32 * core, 32);
    for (uint32_t i = 0; i < APUS_RTL_SEMAPHORES; i++) {
        result->semaphores[i] =
            bits(top.semaphores_o, 16 * (APUS_RTL_SEMAPHORES * core + i), 16);
    }
}

/// Counts what a cycle did on every core.
static void count(apus_rtl *chip, apus_rtl_result *results) {
    const Top &top = *chip->top;
    for (uint32_t core = 0; core < APUS_CORE_COUNT; core++) {
        results[core].cycles++;
        results[core].instructions += bits(top.step_o, core, 1);
        for (uint32_t i = 0; i < APUS_RTL_QUEUES; i++) {
            results[core].commands[i] += bits(top.commands_done_o, 4 * core + i, 1);
        }
        if (!bits(top.console_valid_o, core, 1)) continue;
        chip->console.push_back(static_cast<uint8_t>(bits(top.console_o, 8 * core, 8)));
    }
}

void apus_rtl_launch(
    apus_rtl *chip, uint32_t entry, uint32_t argument_bytes, uint64_t cycle_limit,
    apus_rtl_result *results) {
    Verilated::threadContextp(&chip->context);
    Top &top = *chip->top;
    for (uint32_t core = 0; core < APUS_CORE_COUNT; core++) results[core] = {};
#if APUS_BEHAVIOURAL
    BehaviouralEngines::current = &chip->engines;
#endif
    chip->memory.reset();
    top.entry_i = entry;
    top.argument_bytes_i = argument_bytes;
    top.launch_i = 1;
    chip->cycle();
    top.launch_i = 0;
    uint32_t quiet = 0, ended = 0;
    do {
        chip->cycle();
        count(chip, results);
        ended = bits(top.ended_o, 0, APUS_CORE_COUNT);
        // A core that has ended moves no more.
        bool is_quiet = (bits(top.quiet_o, 0, APUS_CORE_COUNT) | ended) == kAllCores;
        quiet = is_quiet ? quiet + 1 : 0;
    } while (ended != kAllCores && quiet < kQuietCycles && results->cycles < cycle_limit);
    for (uint32_t core = 0; core < APUS_CORE_COUNT; core++) {
        fill(top, core, &results[core]);
        bool has_ended = ended >> core & 1;
        if (!has_ended && quiet >= kQuietCycles) results[core].outcome = APUS_RTL_DEADLOCK;
    }
    // The memory port is everybody's; its bytes are told with core 0.
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
