// One core of the emulated chip: memories, four command queues, semaphores, registers.
//
// The control processor reaches the core through `apus_core_store_register` and
// `apus_core_load_register`; the engines' work is done by `core->execute`, which is the fast path
// (apus_execute.h) or an oracle given by the caller.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    APUS_QUEUE_COUNT = 4,
    APUS_SEMAPHORE_COUNT = 32,
    APUS_COMMAND_WORDS = 8,
    APUS_CONSOLE_BYTES_MAX = 4096,
};

enum { APUS_QUEUE_LOAD, APUS_QUEUE_STORE, APUS_QUEUE_MATRIX, APUS_QUEUE_VECTOR };

/// What became of a control processor's access to the register window.
typedef enum {
    APUS_BUS_OK = 0,
    /// The access did not happen; the instruction must be repeated later.
    APUS_BUS_STALL = 1,
    /// No such register: an access fault.
    APUS_BUS_FAULT = 2,
    /// The access happened and the core stops: DONE, or a command trapped.
    APUS_BUS_HALT = 3,
} apus_bus_result;

/// Why a command was refused: the codes of `TrapCause` (ApusISA).
typedef enum {
    APUS_TRAP_NONE = 0,
    APUS_TRAP_UNKNOWN_OPCODE = 1,
    APUS_TRAP_RESERVED_BITS = 2,
    APUS_TRAP_WRONG_QUEUE = 3,
    APUS_TRAP_UNKNOWN_CODE = 4,
    APUS_TRAP_UNSUPPORTED_FORMAT = 5,
    APUS_TRAP_BAD_DESCRIPTOR = 6,
    APUS_TRAP_BAD_SHAPE = 7,
    APUS_TRAP_LOCAL_BOUNDS = 8,
    APUS_TRAP_GLOBAL_BOUNDS = 9,
    APUS_TRAP_MISALIGNED_ADDRESS = 10,
    APUS_TRAP_OVERLAP = 11,
    APUS_TRAP_CONTROL_PROCESSOR = 12,
} apus_trap_cause;

/// What a core did since its counters were cleared.
typedef struct {
    uint64_t commands[APUS_QUEUE_COUNT];
    uint64_t opcodes[256];
    uint64_t bytes_loaded;
    uint64_t bytes_stored;
    uint64_t multiply_adds;
    uint64_t vector_elements;
    uint64_t instructions;
} apus_counters;

/// A queue: a ring of commands behind a port of eight registers.
typedef struct {
    uint32_t port[APUS_COMMAND_WORDS];
    uint32_t head;
    uint32_t count;
    /// `queue_depth` commands of eight words.
    uint32_t *entries;
} apus_queue;

/// A command that trapped.
typedef struct {
    uint32_t cause;
    uint32_t queue;
    uint32_t words[APUS_COMMAND_WORDS];
} apus_trap;

typedef struct apus_core apus_core;

/// Carries out one command whose waits are satisfied (posting is the caller's part).
typedef apus_trap_cause (*apus_execute_function)(
    void *context, apus_core *core, uint32_t queue, const uint32_t *words);

struct apus_core {
    uint32_t index;
    uint32_t core_count;
    uint32_t queue_depth;
    uint32_t scratchpad_bytes;
    uint32_t accumulator_bytes;
    uint32_t argument_capacity;
    uint32_t program_bytes;
    /// The operand formats of the matrix array: bit i for format code i.
    uint32_t matrix_formats;
    /// The bytes of the present launch's argument block.
    uint32_t argument_bytes;
    uint8_t *scratchpad;
    uint8_t *accumulators;
    uint8_t *arguments;
    uint8_t *program;

    /// The program's arena: global addresses `global_base ..< global_base + global_bytes`.
    uint64_t global_base;
    uint64_t global_bytes;
    uint8_t *global;
    /// All cores of the chip, for scratchpads reached by global addresses.
    apus_core *const *peers;

    /// Whether commands execute inside the store that enqueues them.
    bool is_eager;
    bool is_done;
    uint32_t status;
    uint32_t pending_queues;
    /// The WAIT that the control processor stalls on; zero when it does not.
    uint32_t stalled_wait;
    /// The control processor stalls on BARRIER; whoever runs the cores sets `passes_barrier` when
    /// all of them do.
    bool is_at_barrier;
    bool passes_barrier;
    /// Posts of other cores, which have not arrived; other threads add to them.
    bool has_remote_posts;
    uint32_t remote_posts[APUS_SEMAPHORE_COUNT];
    uint16_t semaphores[APUS_SEMAPHORE_COUNT];

    apus_execute_function execute;
    void *execute_context;
    apus_trap trap;
    apus_counters counters;

    uint32_t console_bytes;
    uint8_t *console;
    /// Working memory of the fast engines, grown as needed.
    void *workspace;
    uint64_t workspace_bytes;
    apus_queue queues[APUS_QUEUE_COUNT];
};

/// Sizes of a core's memories, in bytes, and of its queues, in commands.
typedef struct {
    uint32_t scratchpad_bytes;
    uint32_t accumulator_bytes;
    uint32_t argument_bytes;
    uint32_t program_bytes;
    uint32_t queue_depth;
} apus_core_sizes;

/// A core whose memories are all zero, or NULL if memory is short.
apus_core *apus_core_make(apus_core_sizes sizes);
void apus_core_free(apus_core *core);

/// Semaphores, queues, ports, status and trap as they are when a launch begins.
void apus_core_reset(apus_core *core);

/// A control processor's store to `offset` of the register window.
apus_bus_result apus_core_store_register(void *core, uint32_t offset, uint32_t value);

/// A control processor's load from `offset` of the register window.
apus_bus_result apus_core_load_register(void *core, uint32_t offset, uint32_t *value);

/// Whether `wait(semaphore, value)` passes now.
bool apus_core_wait_passes(const apus_core *core, uint32_t semaphore, uint32_t value);

/// Whether the head of the queue exists and both of its waits pass.
bool apus_core_queue_is_ready(const apus_core *core, uint32_t queue);

/// The head of the queue, or NULL.
const uint32_t *apus_core_queue_head(const apus_core *core, uint32_t queue);

/// Executes the head of a ready queue, posts and removes it. A trap is recorded in `core->trap`.
apus_trap_cause apus_core_step_queue(apus_core *core, uint32_t queue);

/// Lets the posts of other cores arrive; whether there were any.
bool apus_core_receive(apus_core *core);

/// Executes ready queue heads until none is ready or one traps.
apus_trap_cause apus_core_progress(apus_core *core);

/// Workspace of at least `bytes` bytes, 64-byte aligned; its contents do not survive a larger
/// request.
void *apus_core_workspace(apus_core *core, uint64_t bytes);

/// An `apus_rv32_access` whose context is the core: everything beyond the core's memories.
int32_t apus_core_access(
    void *core, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value);
