// Load and Store of the cycle simulator: a walk at the port's rate, and global memory in chunks.
//
//     chunk's end = max(end of the chunk before + its share of the walk, its last byte's arrival)
//
// Where runs are packed, chunks are a quarter of what may be on its way, so that a chunk is asked
// for when the fourth before it has come. The gates know one chunk at a time: a Load fills its
// entries, then asks, and has room for the next when the words come; a Store's burst waits for its
// confirmation. Where several commands may be under way, the next one asks for its first chunk when
// the last chunk of the one before has been asked for, and its words follow those of that one.
#include "Clock.h"
#include "Engines.h"

// apus_transfer_bounds.sv: all states for extents of 1, and what another extent adds; an entry of
// an index table. apus_transfer_front.sv: BEGIN, LEAVE. Then the pipeline from the walk to the last
// word: fetch, converter, combine.
enum {
    TRANSFER_CHECK = 33,
    TRANSFER_CHECK_EXTENT = 2,
    TRANSFER_CHECK_ENTRY = 5,
    TRANSFER_WALK_ENTRY = 8,
    TRANSFER_BEGIN = 2,
    TRANSFER_DRAIN = 8,
    // apus_axi_read.sv, apus_axi_write.sv: closing a burst, its address, the answer's first step.
    TRANSFER_TURN = 3,
    // apus_axi_write.sv, BurstLength, in bytes.
    TRANSFER_BURST = 128,
    CHUNKS_UNDER_WAY = 4,
};

/// Half bytes of the innermost elements that follow one another on both sides, and how many.
static uint64_t common_run(const transfer_shape *shape) {
    int64_t global = format_nibbles(shape->global_format);
    int64_t local = format_nibbles(shape->local_format);
    uint64_t run = 1;
    for (int d = 0; d < RANK_CLOCK; d++) {
        if (shape->count[d] == 1) continue;
        bool follows = shape->global_stride[d] == global * (int64_t)run
            && shape->local_stride[d] == local * (int64_t)run && shape->gather != (uint32_t)d + 1;
        if (!follows) break;
        run *= shape->count[d];
    }
    return run;
}

/// Cycles that the walk names elements.
static uint64_t walk_cycles(const apus_clock_chip *chip, const transfer_shape *shape) {
    uint64_t elements = shape->elements, run = common_run(shape), cycles;
    if (chip->transfer_packs && run > 1 && shape->reduction == 0) {
        uint64_t global = format_nibbles(shape->global_format);
        uint64_t local = format_nibbles(shape->local_format);
        uint64_t nibbles = global > local ? global : local;
        cycles = elements / run * clock_divide(run * nibbles, 16 * (uint64_t)chip->transfer_ports);
    } else {
        cycles = clock_divide(elements, chip->transfer_ports);
    }
    if (shape->gather != 0) {
        uint64_t entries = elements;
        for (uint32_t d = 0; d + 1 < shape->gather; d++) entries /= shape->count[d];
        cycles += TRANSFER_WALK_ENTRY * entries;
    }
    return cycles;
}

void clock_transfer_count(apus_clock *clock, const transfer_shape *shape) {
    apus_clock_activity *activity = &clock->activity;
    uint64_t local = shape->elements * format_nibbles(shape->local_format) / 2;
    uint64_t global = shape->elements_inside * format_nibbles(shape->global_format) / 2;
    bool is_remote = shape->base >> 40 == 1;
    if (shape->is_store) {
        *(is_remote ? &activity->remote_written : &activity->global_written) += global;
        *(shape->is_accumulator ? &activity->accumulator_read : &activity->scratchpad_read) +=
            shape->elements_inside * format_nibbles(shape->local_format) / 2;
        if (shape->reduction != 0) activity->global_read += global;
    } else {
        *(is_remote ? &activity->remote_read : &activity->global_read) += global;
        *(shape->is_accumulator ? &activity->accumulator_written : &activity->scratchpad_written) +=
            local;
    }
    if (shape->global_format != shape->local_format) {
        activity->conversions += shape->elements_inside;
    }
}

static void end_transfer(clock_core *core, uint32_t engine, uint64_t end) {
    clock_transfer *transfer = &core->queues[engine].transfer;
    apus_clock_engine *time = &core->time.engines[engine];
    uint64_t walked = transfer->walk_begin + transfer->walk_cycles;
    uint64_t stalled = end > walked ? end - walked : 0;
    uint64_t mesh = clock_min(transfer->mesh_wait, stalled);
    time->stalled_mesh += mesh;
    time->stalled_memory += stalled - mesh;
    clock_finish(core, engine, end + TRANSFER_DRAIN);
}

/// Bytes of a chunk: a quarter of what may be on its way.
static uint64_t chunk_bytes(const apus_clock_chip *chip, const transfer_shape *shape) {
    uint64_t entries = chip->transfer_entries;
    if (chip->transfer_packs) {
        // An entry holds what all ports take at a time, or a whole run if that is less.
        uint64_t run = (common_run(shape) * format_nibbles(shape->global_format) + 1) / 2;
        uint64_t entry = clock_min(8 * (uint64_t)chip->transfer_ports, run);
        return clock_max(entries / CHUNKS_UNDER_WAY, 1) * entry;
    }
    if (shape->is_store) return TRANSFER_BURST;
    return clock_max(entries * format_nibbles(shape->global_format) / 2, 1);
}

static void next_chunk(clock_core *core, uint32_t engine, uint64_t time) {
    clock_push(core->clock, (clock_event){
        .time = clock_max(time, core->clock->now), .core = core->index, .kind = EVENT_CHUNK,
        .engine = (uint8_t)engine});
}

void clock_transfer_begin(clock_core *core, uint32_t engine, uint64_t time) {
    clock_transfer *transfer = &core->queues[engine].transfer;
    const transfer_shape *shape = &transfer->shape;
    if (shape->elements == 0) {
        clock_finish(core, engine, time + TRANSFER_BEGIN);
        return;
    }
    uint64_t check = TRANSFER_CHECK;
    for (int d = 0; d < RANK_CLOCK; d++) {
        if (shape->count[d] != 1) check += TRANSFER_CHECK_EXTENT;
        transfer->index[d] = shape->low[d];
    }
    if (shape->gather != 0) check += TRANSFER_CHECK_ENTRY * shape->count[shape->gather - 1];
    uint64_t asked = time + check + TRANSFER_BEGIN;
    transfer->walk_begin = clock_max(asked, core->queues[engine].engine_free);
    transfer->walk_cycles = walk_cycles(&core->clock->chip, shape);
    transfer->run_offset = transfer->chunks = transfer->mesh_wait = 0;
    transfer->last_end = transfer->walk_begin;
    transfer->bytes_left =
        (shape->elements_inside * format_nibbles(shape->global_format) + 1) / 2;
    clock_transfer_count(core->clock, shape);
    if (shape->elements_inside == 0) {
        end_transfer(core, engine, transfer->walk_begin + transfer->walk_cycles);
        return;
    }
    // The gates' first chunk is walked before it is asked for.
    const apus_clock_chip *chip = &core->clock->chip;
    uint64_t first = chip->transfer_packs ? 0 : chunk_bytes(chip, shape) * 2
        / format_nibbles(shape->global_format);
    core->queues[engine].is_asking = true;
    next_chunk(core, engine, asked + clock_min(first, transfer->walk_cycles));
}

/// An entry of an index table that nobody computed: drawn evenly, from the chip's seed.
static int64_t drawn_entry(const apus_clock *clock, const transfer_shape *shape, uint64_t place) {
    uint32_t d = shape->gather - 1;
    if (shape->extent[d] == 0) return 0;
    uint64_t address = shape->table + 4 * (uint64_t)(shape->coordinate[d] + (int64_t)place);
    return (int64_t)(clock_draw(clock->chip.seed, address) % shape->extent[d]);
}

/// Innermost dimensions that follow one another in global memory: how many, and their bytes.
static int global_run(const transfer_shape *shape, uint64_t *bytes) {
    uint64_t nibbles = format_nibbles(shape->global_format);
    int d = 0;
    while (d < RANK_CLOCK && shape->gather != (uint32_t)d + 1) {
        uint64_t inside = shape->high[d] - shape->low[d];
        if (inside != 1 && shape->global_stride[d] != (int64_t)nibbles) break;
        if (inside != 1) nibbles *= inside;
        d++;
    }
    *bytes = (nibbles + 1) / 2;
    return d;
}

/// The address of the run at hand.
static uint64_t run_address(clock_core *core, clock_transfer *transfer) {
    const transfer_shape *shape = &transfer->shape;
    int64_t nibbles = 0;
    for (int d = 0; d < RANK_CLOCK; d++) {
        int64_t position = shape->coordinate[d] + (int64_t)transfer->index[d];
        if (shape->gather == (uint32_t)d + 1) {
            position = drawn_entry(core->clock, shape, transfer->index[d]);
        }
        nibbles += position * shape->global_stride[d];
    }
    return shape->base + (uint64_t)(nibbles >> 1);
}

/// On to the next run; false behind the last.
static bool next_run(clock_transfer *transfer, int from) {
    const transfer_shape *shape = &transfer->shape;
    for (int d = from; d < RANK_CLOCK; d++) {
        if (++transfer->index[d] < shape->high[d]) return true;
        transfer->index[d] = shape->low[d];
    }
    return false;
}

/// When the next chunk's last byte has come; takes it from what is left.
static uint64_t access_chunk(clock_core *core, clock_transfer *transfer, uint64_t time) {
    const transfer_shape *shape = &transfer->shape;
    const uint64_t chunk = chunk_bytes(&core->clock->chip, shape);
    uint64_t run, taken = 0, last = time;
    int outer = global_run(shape, &run);
    while (taken < chunk && transfer->bytes_left != 0) {
        uint64_t bytes = clock_min(run - transfer->run_offset, chunk - taken);
        bytes = clock_min(bytes, transfer->bytes_left);
        uint64_t address = run_address(core, transfer) + transfer->run_offset;
        uint64_t waited = 0;
        last = clock_max(last, clock_memory_access(
            core, time, address, bytes, shape->is_store, &waited));
        transfer->mesh_wait = clock_max(transfer->mesh_wait, waited);
        taken += bytes;
        transfer->bytes_left -= bytes;
        transfer->run_offset += bytes;
        if (transfer->run_offset == run) {
            transfer->run_offset = 0;
            next_run(transfer, outer);
        }
    }
    return last;
}

void clock_transfer_chunk(clock_core *core, uint32_t engine) {
    clock_transfer *transfer = &core->queues[engine].transfer;
    const transfer_shape *shape = &transfer->shape;
    uint64_t all = (shape->elements_inside * format_nibbles(shape->global_format) + 1) / 2;
    uint64_t now = core->clock->now;
    uint64_t arrival = access_chunk(core, transfer, now);
    uint64_t moved = all - transfer->bytes_left;
    // The walk's share, up to here and up to the end of the next chunk.
    uint64_t walked = transfer->walk_begin
        + (uint64_t)((__uint128_t)transfer->walk_cycles * moved / all);
    transfer->last_end = clock_max(clock_max(walked, arrival), transfer->last_end);
    transfer->arrivals[transfer->chunks++ % CHUNKS_UNDER_WAY] = transfer->last_end;
    if (transfer->bytes_left == 0) {
        core->queues[engine].is_asking = false;
        end_transfer(core, engine, transfer->last_end);
        clock_front_free(core, engine, now);
        return;
    }
    uint64_t next = walked;
    if (!core->clock->chip.transfer_packs) {
        next = arrival + TRANSFER_TURN;
        if (!shape->is_store) {
            next += core->clock->chip.transfer_entries;
            next -= clock_min(chunk_bytes(&core->clock->chip, shape) / 8, next);
        }
    } else if (transfer->chunks >= CHUNKS_UNDER_WAY) {
        next = clock_max(next, transfer->arrivals[transfer->chunks % CHUNKS_UNDER_WAY]);
    }
    next_chunk(core, engine, next);
}
