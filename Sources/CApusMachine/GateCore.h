// A core and a chip, cycle by cycle: rtl/control, rtl/core, rtl/mesh, and the bench's memory.
#pragma once

#include "Gate.h"

// apus_dispatch.sv.
enum { DISPATCH_IDLE, DISPATCH_CHECK, DISPATCH_FETCH, DISPATCH_RUN, DISPATCH_POST };
// apus_axi_scratchpad.sv.
enum { WINDOW_IDLE, WINDOW_WRITE, WINDOW_ANSWER, WINDOW_READ, WINDOW_WAIT, WINDOW_SHOW };

/// Requests to a scratchpad's AXI slave in this cycle, and its answers.
typedef struct {
    bool aw_valid, aw_ready, w_valid, w_ready, w_last, w_empty, w_partial;
    bool b_valid, b_ready, ar_valid, ar_ready, r_valid, r_ready, r_last;
    uint8_t ar_id;
    uint32_t aw_address, ar_address, ar_length;
} gate_slave;

// apus_axi_scratchpad.sv.
typedef struct {
    uint8_t state, id;
    uint32_t address, left;
} gate_window;

typedef struct {
    clock_core *core;
    gate_memory memory;
    gate_transfer transfer[2];
    gate_matrix matrix;
    gate_vector vector;
    gate_window window;
    gate_slave slave;
    gate_axi axi[2];
    uint8_t state[APUS_CLOCK_ENGINES];
    /// Commands in the queues when the cycle began.
    uint32_t visible[APUS_CLOCK_ENGINES];
    // apus_argument_memory.sv.
    bool argument_busy, beat_last;
    uint32_t argument_reader, argument_beat, argument_passed, beat_valid;
    // apus_rv32.sv: cycles that the instruction at hand still takes.
    uint64_t processor_left;
    bool uses_arguments;
    /// Of this cycle: the processor's post, its REMOTE_POST, its arrival at the barrier.
    bool posts, posts_remotely, arrives, has_passed, remote_taken;
    uint32_t post_value, remote_value;
    /// A post from another core, that waits for its turn.
    bool posted;
    uint32_t posted_value;
    bool posted_taken;
    uint32_t arbiter_passed, shown;
    bool is_shown;
} gate_core;

struct gate_chip;

/// GateCore.c.
void gate_core_reset(gate_core *core, apus_clock *clock, uint32_t index);
/// The processor's cycle, and what the masters show in it; the slave hears of nobody yet.
void gate_core_show(gate_core *core);
/// Everything asks the banks, and they choose.
void gate_core_ask(gate_core *core, apus_clock *clock);
void gate_core_step(gate_core *core, apus_clock *clock);
bool gate_core_ended(const gate_core *core);
/// Whether nothing can move on it but by others.
bool gate_core_quiet(const gate_core *core);
/// GateProcessor.c. Whether a wait passes now; a cycle of the processor, and whether it used the
/// array of argument memory; its accesses beyond program and argument memory.
bool gate_passes(const clock_core *core, uint32_t semaphore, uint32_t value);
bool gate_processor_step(gate_core *core);
int32_t gate_access(
    void *context, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value);

/// GateWindow.c.
void gate_window_ask(gate_window *window, const gate_slave *slave, gate_memory *memory);
void gate_window_show(const gate_window *window, gate_slave *slave, const gate_memory *memory);
void gate_window_step(gate_window *window, const gate_slave *slave, const gate_memory *memory);

/// apus_axi_arbiter.sv: whose read address is shown; 2 if nobody's.
uint32_t gate_core_reader(const gate_core *core);
void gate_core_reader_step(gate_core *core, uint32_t reader, bool is_taken);

/// GateMesh.c: ways of the cores' AXI traffic in this cycle, and what has come.
typedef struct gate_mesh gate_mesh;

typedef struct {
    uint8_t id, core;
    uint32_t beats;
    uint64_t due;
} gate_burst;

enum { GATE_BURSTS_MAX = 256 };

typedef struct {
    gate_burst entries[GATE_BURSTS_MAX];
    uint32_t head, count;
} gate_bursts;

// rtl/bench/harness/memory_port.h.
typedef struct {
    gate_bursts reads, writes, answers;
    uint64_t cycle;
    uint32_t latency;
} gate_port;

typedef struct gate_chip {
    gate_core *cores;
    uint32_t count;
    gate_port port;
    /// apus_axi_window.sv, of a chip of one core.
    bool is_writing, is_outside;
    gate_mesh *mesh;
} gate_chip;

static inline void gate_bursts_push(gate_bursts *bursts, gate_burst burst) {
    if (bursts->count == GATE_BURSTS_MAX) return;
    bursts->entries[(bursts->head + bursts->count++) % GATE_BURSTS_MAX] = burst;
}
static inline gate_burst *gate_bursts_front(gate_bursts *bursts) {
    return &bursts->entries[bursts->head];
}
static inline void gate_bursts_pop(gate_bursts *bursts) {
    bursts->head = (bursts->head + 1) % GATE_BURSTS_MAX;
    bursts->count--;
}

/// Gate.c.
gate_chip *gate_chip_make(apus_clock *clock);
void gate_chip_free(gate_chip *chip);
/// Steps all cores from the launch to its end.
void gate_chip_launch(gate_chip *chip, apus_clock *clock);

gate_mesh *gate_mesh_make(const apus_clock_chip *chip);
void gate_mesh_free(gate_mesh *mesh);
void gate_mesh_reset(gate_mesh *mesh);
/// The ways of this cycle: readiness and answers for every core.
void gate_mesh_show(gate_mesh *mesh, gate_chip *chip);
void gate_mesh_step(gate_mesh *mesh, gate_chip *chip);
bool gate_mesh_busy(const gate_mesh *mesh);
