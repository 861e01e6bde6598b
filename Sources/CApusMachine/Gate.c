// A chip cycle by cycle: its cores, the ways between them, and the bench's memory port.
#include "GateCore.h"

#include <stdlib.h>
#include <string.h>

// rtl/bench/harness/apus_rtl.cpp.
enum { QUIET_CYCLES = 64 };
static const uint64_t CYCLE_LIMIT = UINT64_C(1) << 32;

gate_chip *gate_chip_make(apus_clock *clock) {
    gate_chip *chip = calloc(1, sizeof *chip);
    if (chip == NULL) return NULL;
    chip->count = clock->chip.core_count;
    chip->cores = calloc(chip->count, sizeof *chip->cores);
    if (chip->count > 1) chip->mesh = gate_mesh_make(&clock->chip);
    if (chip->cores == NULL || (chip->count > 1 && chip->mesh == NULL)) {
        gate_chip_free(chip);
        return NULL;
    }
    for (uint32_t i = 0; i < chip->count; i++) {
        clock->cores[i].processor->access = gate_access;
    }
    return chip;
}

void gate_chip_free(gate_chip *chip) {
    if (chip == NULL) return;
    gate_mesh_free(chip->mesh);
    free(chip->cores);
    free(chip);
}

// The arbiter of a core's reads -------------------------------------------------------------------

uint32_t gate_core_reader(const gate_core *core) {
    uint32_t asking = (uint32_t)core->axi[0].ar_valid | (uint32_t)core->axi[1].ar_valid << 1;
    if (core->is_shown) return core->shown;
    if (asking == 0) return 2;
    uint32_t ahead = asking & ~core->arbiter_passed;
    return ahead != 0 ? (uint32_t)__builtin_ctz(ahead) : (uint32_t)__builtin_ctz(asking);
}

void gate_core_reader_step(gate_core *core, uint32_t reader, bool is_taken) {
    core->is_shown = reader != 2 && !is_taken;
    core->shown = reader;
    if (reader != 2 && is_taken) core->arbiter_passed = reader == 0 ? 1 : 3;
}

// The memory port ---------------------------------------------------------------------------------

static bool is_due(gate_bursts *bursts, uint64_t cycle) {
    return bursts->count != 0 && gate_bursts_front(bursts)->due <= cycle;
}

// A chip of one core: apus_chip_top.sv, apus_axi_window.sv ----------------------------------------

static bool is_own(uint64_t address) { return address >> 32 == UINT64_C(1) << 8; }

static void show_window(gate_chip *chip, gate_core *core, uint32_t reader) {
    const gate_axi *store = &core->axi[1];
    gate_slave *slave = &core->slave;
    if (reader != 2 && is_own(core->axi[reader].ar_address)) {
        slave->ar_valid = true;
        slave->ar_address = (uint32_t)core->axi[reader].ar_address;
        slave->ar_length = core->axi[reader].ar_length;
        slave->ar_id = (uint8_t)reader;
    }
    slave->aw_valid = store->aw_valid && is_own(store->aw_address) && !chip->is_writing;
    slave->aw_address = (uint32_t)store->aw_address;
    slave->w_valid = store->w_valid && chip->is_writing && !chip->is_outside;
    slave->w_last = store->w_last;
    slave->w_empty = store->w_empty;
    slave->w_partial = store->w_partial;
    slave->b_ready = slave->r_ready = true;
}

static void answer_alone(gate_chip *chip, gate_core *core, uint32_t reader) {
    gate_port *port = &chip->port;
    gate_slave *slave = &core->slave;
    gate_axi *store = &core->axi[1];
    bool is_taken = false;
    if (reader != 2) {
        gate_axi *axi = &core->axi[reader];
        bool is_inside = is_own(axi->ar_address);
        axi->ar_ready = is_taken = is_inside ? slave->ar_ready : true;
    }
    if (slave->r_valid) {
        core->axi[core->window.id].r_valid = true;
    } else if (is_due(&port->reads, port->cycle)) {
        gate_burst *burst = gate_bursts_front(&port->reads);
        core->axi[burst->id].r_valid = true;
        if (burst->beats-- == 0) gate_bursts_pop(&port->reads);
    }
    bool is_inside = is_own(store->aw_address);
    store->aw_ready = !chip->is_writing && (is_inside ? slave->aw_ready : true);
    bool takes_word = chip->is_outside ? port->writes.count != 0 : slave->w_ready;
    store->w_ready = chip->is_writing && takes_word;
    bool written = is_due(&port->answers, port->cycle);
    store->b_valid = written || slave->b_valid;
    if (written) gate_bursts_pop(&port->answers);
    // What the memory takes in this cycle it answers later.
    if (store->w_valid && store->w_ready && chip->is_outside && store->w_last) {
        gate_bursts_push(&port->answers, (gate_burst){.due = port->cycle + port->latency});
        gate_bursts_pop(&port->writes);
    }
    if (is_taken && !is_own(core->axi[reader].ar_address)) {
        gate_bursts_push(&port->reads, (gate_burst){
            .id = (uint8_t)reader, .beats = core->axi[reader].ar_length,
            .due = port->cycle + port->latency});
    }
    if (store->aw_valid && store->aw_ready) {
        if (!is_inside) gate_bursts_push(&port->writes, (gate_burst){0});
        chip->is_writing = true;
        chip->is_outside = !is_inside;
    } else if (store->b_valid) {
        chip->is_writing = false;
    }
    gate_core_reader_step(core, reader, is_taken);
    port->cycle++;
}

/// What a core of its own does to itself: REMOTE_POST, and the barrier of one, which opens at once.
static void meet_alone(gate_core *core) {
    core->posted = core->posts_remotely;
    core->posted_value = core->remote_value;
}

static void step_alone(gate_chip *chip, apus_clock *clock) {
    gate_core *core = &chip->cores[0];
    gate_core_show(core);
    uint32_t reader = gate_core_reader(core);
    show_window(chip, core, reader);
    gate_core_ask(core, clock);
    answer_alone(chip, core, reader);
    meet_alone(core);
    gate_core_step(core, clock);
    if (core->posted_taken) {
        core->remote_taken = true;
        core->posts_remotely = false;
    }
}

static void step_together(gate_chip *chip, apus_clock *clock) {
    for (uint32_t i = 0; i < chip->count; i++) gate_core_show(&chip->cores[i]);
    gate_mesh_show(chip->mesh, chip);
    for (uint32_t i = 0; i < chip->count; i++) gate_core_ask(&chip->cores[i], clock);
    for (uint32_t i = 0; i < chip->count; i++) gate_core_step(&chip->cores[i], clock);
    gate_mesh_step(chip->mesh, chip);
}

// A launch ----------------------------------------------------------------------------------------

static void reset(gate_chip *chip, apus_clock *clock) {
    for (uint32_t i = 0; i < chip->count; i++) gate_core_reset(&chip->cores[i], clock, i);
    memset(&chip->port, 0, sizeof chip->port);
    chip->port.latency = clock->chip.memory.latency_cycles;
    chip->is_writing = chip->is_outside = false;
    if (chip->mesh != NULL) gate_mesh_reset(chip->mesh);
}

void gate_chip_launch(gate_chip *chip, apus_clock *clock) {
    uint64_t begin = clock->result.begin;
    uint32_t quiet = 0;
    reset(chip, clock);
    // The first cycle is that of the reset.
    clock->now = begin;
    while (!clock->has_failed) {
        clock->now++;
        if (chip->count == 1) step_alone(chip, clock);
        else step_together(chip, clock);
        bool has_ended = true, is_quiet = true;
        for (uint32_t i = 0; i < chip->count; i++) {
            bool ended = gate_core_ended(&chip->cores[i]);
            has_ended = has_ended && ended;
            is_quiet = is_quiet && (ended || gate_core_quiet(&chip->cores[i]));
        }
        bool is_busy = chip->mesh != NULL && gate_mesh_busy(chip->mesh);
        if (has_ended && !is_busy) break;
        quiet = is_quiet && !is_busy ? quiet + 1 : 0;
        if (quiet >= QUIET_CYCLES) break;
        if (clock->now - begin >= CYCLE_LIMIT) clock_fail(&clock->cores[0], APUS_CLOCK_LIMIT);
    }
    clock->last_time = clock->now + 1;
}
