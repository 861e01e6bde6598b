// What the files of the cycle simulator share.
#pragma once

#include "ApusRV32.h"
#include "ClockShape.h"
#include "apus_calendar.h"
#include "apus_clock.h"

// Cycles of the control, counted on the gates; apus_dispatch.sv unless another file is named.
enum {
    // A post is seen, and a command leaves its queue, one cycle after STATE_POST.
    CLOCK_POST = 1,
    // STATE_IDLE that sees the command, STATE_CHECK.
    CLOCK_CHECK = 2,
    // apus_argument_memory.sv: a turn, a beat for each four words, the last one's answer.
    CLOCK_FETCH = 2,
    CLOCK_WORDS_A_BEAT = 4,
    // apus_chip_top.sv: launch to reset, reset, the first fetch.
    CLOCK_LAUNCH = 2,
    // apus_barrier.sv.
    CLOCK_BARRIER = 1,
    // apus_matrix_engine.sv, CLEAR after reset.
    CLOCK_CLEAR = 9,
};

enum clock_event_kind {
    EVENT_PROCESSOR,
    EVENT_DISPATCH,
    EVENT_CHUNK,
    EVENT_DONE,
    EVENT_POST,
};

typedef struct {
    uint64_t time, order;
    uint32_t core;
    uint8_t kind, engine, semaphore;
    uint16_t count;
} clock_event;

/// What a control processor that stalls waits for.
enum clock_stall { STALL_NONE, STALL_WAIT, STALL_QUEUE, STALL_READ, STALL_BARRIER };

/// A Load or Store that is moving: ClockTransfer.c.
typedef struct {
    transfer_shape shape;
    uint64_t index[RANK_CLOCK];
    uint64_t run_offset;
    /// Bytes that are still to be asked for, chunks so far, and when the latest of them came.
    uint64_t bytes_left, chunks;
    uint64_t arrivals[8];
    uint64_t walk_begin, walk_cycles, last_end, mesh_wait;
} clock_transfer;

enum { COMMANDS_UNDER_WAY = 4 };

/// A command that has left its queue's front: when, and what it waited for.
typedef struct {
    uint64_t ready, dispatched, began;
    uint8_t waited_semaphore;
} clock_command;

/// One queue with its engine.
typedef struct {
    uint32_t port[8];
    uint32_t head, count;
    uint32_t *entries;
    /// When each entry was stored.
    uint64_t *stored;
    /// Whether a transfer still asks for chunks, and whether a dispatch is among the events.
    bool is_asking, is_scheduled;
    /// Entries from `head` on that were dispatched, and what is known of them, by `index` modulo
    /// COMMANDS_UNDER_WAY.
    uint32_t issued;
    clock_command commands[COMMANDS_UNDER_WAY];
    /// Commands that are done.
    uint32_t index;
    /// What the next command waits for.
    uint8_t waited_semaphore;
    /// When the front is free for the next command, and the engine; when what was begun will end.
    uint64_t front_free, engine_free, end;
    /// When the last command left.
    uint64_t last_end;
    /// Words of local memory it takes a cycle, times 65536, while it runs.
    uint64_t local_rate_q16;
    clock_transfer transfer;
} clock_queue;

typedef struct {
    apus_clock *clock;
    uint32_t index;
    struct apus_rv32 *processor;
    uint8_t *program, *arguments;
    /// Added to the processor's steps and extra cycles it is the cycle.
    uint64_t base;
    bool is_done, may_read;
    uint32_t status, argument_bytes;
    enum clock_stall stall;
    uint32_t stalled_value;
    uint64_t stalled_at;
    uint16_t semaphores[APUS_CLOCK_SEMAPHORES];
    clock_queue queues[APUS_CLOCK_ENGINES];
    uint64_t argument_free;
    apus_clock_core time;
} clock_core;

typedef struct {
    /// Of the simple port, in 256ths of a cycle; a channel has its bus.
    uint64_t free_q8;
    apus_calendar bus;
    uint64_t next_refresh;
    uint64_t row[32];
    uint64_t bank_free[32];
} clock_channel;

struct apus_clock {
    apus_clock_chip chip;
    /// The chip cycle by cycle, if it is small and its memory the bench's.
    struct gate_chip *gates;
    uint64_t now, order;
    clock_event *heap;
    uint32_t heap_count, heap_capacity;
    clock_core *cores;
    uint32_t waiting_at_barrier, cores_done;
    uint64_t barrier_time, last_time;
    bool has_failed;
    apus_clock_result result;
    apus_clock_activity activity;
    apus_clock_recorder recorder;
    void *recorder_context;
    clock_channel *channels;
    /// Four links out of each router, and one into and out of each core.
    apus_calendar *links;
};

/// When the core's processor is.
static inline uint64_t clock_processor_time(const clock_core *core) {
    return core->base + core->processor->state.steps + core->processor->state.extra_cycles;
}

/// A number drawn from the seed for an address: what stands in for a value that nobody computed.
static inline uint64_t clock_draw(uint64_t seed, uint64_t address) {
    uint64_t z = seed + (address + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline uint64_t clock_max(uint64_t a, uint64_t b) { return a > b ? a : b; }
static inline uint64_t clock_min(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t clock_divide(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

void clock_push(apus_clock *clock, clock_event event);
void clock_fail(clock_core *core, apus_clock_outcome outcome);

/// ClockControl.c
void clock_processor_run(clock_core *core);
void clock_processor_resume(clock_core *core, uint64_t time);
void clock_semaphores_changed(clock_core *core);
int32_t clock_access(
    void *context, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value);

/// ClockDispatch.c
void clock_dispatch(clock_core *core, uint32_t engine);
void clock_dispatch_soon(clock_core *core, uint32_t engine, uint64_t time);
/// The front may take the next command from `time` on, if several may be under way.
void clock_front_free(clock_core *core, uint32_t engine, uint64_t time);
/// Whether the next command may be looked at.
bool clock_dispatches(const clock_core *core, uint32_t engine);
void clock_done(clock_core *core, uint32_t engine);
/// The engine is done at `time`, which is the cycle of STATE_POST, or when the command before is.
void clock_finish(clock_core *core, uint32_t engine, uint64_t time);

/// ClockTransfer.c: begins a transfer; later chunks come by events.
void clock_transfer_count(apus_clock *clock, const transfer_shape *shape);
void clock_transfer_begin(clock_core *core, uint32_t engine, uint64_t time);
void clock_transfer_chunk(clock_core *core, uint32_t engine);

/// ClockMatrix.c, ClockVector.c: cycles of the engine when nobody is in its way.
uint64_t clock_matrix_cycles(
    const apus_clock_chip *chip, const matrix_shape *shape, apus_clock_activity *activity,
    uint64_t *local_words);
uint64_t clock_vector_cycles(
    const apus_clock_chip *chip, const vector_shape *shape, apus_clock_activity *activity,
    uint64_t *local_words);
/// Those of them in which the command is checked.
uint64_t clock_matrix_check(const matrix_shape *shape);
uint64_t clock_vector_check(void);
/// The last of a matmul's cycles in which the next one may multiply: the sums of its last tile
/// leave. None if the command is one tile, whose sums the next command may want.
uint64_t clock_matrix_tail(const apus_clock_chip *chip, const matrix_shape *shape);

/// ClockMemory.c: when `bytes` from `address` on have been read or written, asked for at `time`
/// by the core; `waited` grows by what the mesh delayed them.
uint64_t clock_memory_access(
    clock_core *core, uint64_t time, uint64_t address, uint64_t bytes, bool is_write,
    uint64_t *waited);
/// Bytes between two cores, or the memory's router and a core: when the last has come.
uint64_t clock_mesh_move(
    apus_clock *clock, uint32_t from, uint32_t to, uint64_t time, uint64_t bytes,
    uint64_t *waited);
