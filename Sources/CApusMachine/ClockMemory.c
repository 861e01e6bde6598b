// Global memory and the mesh of the cycle simulator.
//
// Channels' buses and links are servers that work as long as a request is there (apus_calendar.h);
// what they do takes bytes by rate. A channel's rows are opened while its bus serves others, in the
// order in which requests are made; a refresh takes the bus.
#include "Clock.h"

/// Links that leave a router; OUT goes to its core or its memory.
enum { LINK_EAST, LINK_WEST, LINK_SOUTH, LINK_NORTH, LINK_OUT, LINKS = 6 };

static uint64_t scatter(uint64_t value) {
    value ^= value >> 33;
    value *= UINT64_C(0xFF51AFD7ED558CCD);
    return value ^ value >> 29;
}

// The mesh ----------------------------------------------------------------------------------------

/// Passes one link; `ready` and the result in 256ths of a cycle.
static uint64_t pass(
    apus_clock *clock, uint32_t router, uint32_t link, uint64_t ready, uint64_t service,
    uint64_t *waited) {
    uint64_t end = apus_calendar_serve(&clock->links[LINKS * router + link], ready, service);
    uint64_t start = end - service;
    *waited += start - ready;
    return start;
}

uint64_t clock_mesh_move(
    apus_clock *clock, uint32_t from, uint32_t to, uint64_t time, uint64_t bytes,
    uint64_t *waited) {
    const uint32_t columns = clock->chip.mesh_columns;
    uint64_t service = clock_divide(bytes << 8, clock->chip.mesh_link_bytes), delay = 0;
    uint64_t at = time << 8;
    uint32_t x = from % columns, y = from / columns;
    const uint32_t end_x = to % columns, end_y = to / columns;
    while (x != end_x) {
        uint32_t router = y * columns + x;
        at = pass(clock, router, x < end_x ? LINK_EAST : LINK_WEST, at, service, &delay) + 256;
        x = x < end_x ? x + 1 : x - 1;
        clock->activity.mesh_byte_hops += bytes;
    }
    while (y != end_y) {
        uint32_t router = y * columns + x;
        at = pass(clock, router, y < end_y ? LINK_SOUTH : LINK_NORTH, at, service, &delay) + 256;
        y = y < end_y ? y + 1 : y - 1;
        clock->activity.mesh_byte_hops += bytes;
    }
    at = pass(clock, to, LINK_OUT, at, service, &delay) + 256;
    *waited += delay >> 8;
    return (at + service + 255) >> 8;
}

/// The router that a channel is attached to: channels are shared out among the rows of the mesh's
/// first and last column.
static uint32_t router_of(const apus_clock_chip *chip, uint32_t channel) {
    uint32_t sides = chip->mesh_columns > 1 ? 2 : 1;
    uint32_t places = sides * chip->mesh_rows;
    uint32_t place = (uint32_t)((uint64_t)channel * places / chip->memory.channels);
    uint32_t row = place % chip->mesh_rows;
    return row * chip->mesh_columns + (place / chip->mesh_rows == 0 ? 0 : chip->mesh_columns - 1);
}

// Channels ----------------------------------------------------------------------------------------

/// When a channel has moved `bytes` of row `row`, asked for at `time`; 256ths of a cycle.
static uint64_t channel_access(
    apus_clock *clock, uint32_t index, uint64_t time, uint64_t row, uint64_t bytes) {
    const apus_clock_memory *memory = &clock->chip.memory;
    clock_channel *channel = &clock->channels[index];
    uint32_t bank = (uint32_t)(row % memory->banks);
    uint64_t ready = time << 8;
    if (channel->row[bank] != row) {
        // Opened as soon as the bank may, while the bus is others'.
        uint64_t open = clock_max(ready, channel->bank_free[bank]);
        ready = open + ((uint64_t)(memory->precharge_cycles + memory->activate_cycles) << 8);
        channel->bank_free[bank] =
            open + ((uint64_t)(memory->precharge_cycles + memory->active_cycles_min) << 8);
        channel->row[bank] = row;
        clock->activity.row_activations++;
    }
    while (ready >= channel->next_refresh << 8) {
        apus_calendar_serve(
            &channel->bus, channel->next_refresh << 8, (uint64_t)memory->refresh_cycles << 8);
        channel->next_refresh += memory->refresh_interval;
        clock->activity.refreshes++;
    }
    uint64_t service = clock_divide(bytes << 24, memory->bytes_per_cycle_q16);
    return apus_calendar_serve(&channel->bus, ready, service);
}

/// Bytes of whole bursts that hold `bytes` from `address` on.
static uint64_t burst_bytes(const apus_clock_memory *memory, uint64_t address, uint64_t bytes) {
    uint64_t burst = memory->burst_bytes;
    return clock_divide(address % burst + bytes, burst) * burst;
}

static uint64_t access_channels(
    clock_core *core, uint64_t time, uint64_t address, uint64_t bytes, bool is_write,
    uint64_t *waited) {
    apus_clock *clock = core->clock;
    const apus_clock_memory *memory = &clock->chip.memory;
    uint64_t last = time, at = time + memory->latency_cycles;
    while (bytes != 0) {
        uint64_t block = address / memory->interleave_bytes;
        uint64_t part = clock_min(
            bytes, memory->interleave_bytes - address % memory->interleave_bytes);
        // Each group of blocks visits all channels, beginning anywhere.
        uint64_t group = block / memory->channels;
        uint32_t channel = (uint32_t)((block + scatter(group)) % memory->channels);
        uint64_t row = group * memory->interleave_bytes / memory->page_bytes;
        uint32_t router = router_of(&clock->chip, channel);
        uint64_t end, bursts = burst_bytes(memory, address, part);
        if (is_write) {
            uint64_t sent = clock_mesh_move(clock, core->index, router, time, part, waited);
            end = (channel_access(clock, channel, sent, row, bursts) >> 8) + memory->latency_cycles;
        } else {
            uint64_t read = channel_access(clock, channel, at, row, bursts) >> 8;
            end = clock_mesh_move(clock, router, core->index, read, part, waited);
        }
        last = clock_max(last, end);
        address += part;
        bytes -= part;
    }
    return last;
}

uint64_t clock_memory_access(
    clock_core *core, uint64_t time, uint64_t address, uint64_t bytes, bool is_write,
    uint64_t *waited) {
    apus_clock *clock = core->clock;
    if (address >> 40 == 1) {
        uint32_t other = address >> 32 & 255;
        if (other >= clock->chip.core_count) other = core->index;
        uint32_t from = is_write ? core->index : other, to = is_write ? other : core->index;
        return clock_mesh_move(clock, from, to, time + 1, bytes, waited);
    }
    if (!clock->chip.memory.is_simple) {
        return access_channels(core, time, address, bytes, is_write, waited);
    }
    clock_channel *port = &clock->channels[0];
    uint64_t latency = clock->chip.memory.latency_cycles;
    uint64_t ready = (is_write ? time : time + latency) << 8;
    uint64_t start = clock_max(ready, port->free_q8);
    port->free_q8 = start + clock_divide(bytes << 24, clock->chip.memory.bytes_per_cycle_q16);
    return ((port->free_q8 + 255) >> 8) + (is_write ? latency : 0);
}
