// The gates' control without their data: what every block of rtl/ does in each cycle that decides
// when something happens. One structure and one step for each module, named as it is.
//
// Used for small chips behind the bench's memory, where the simulator must agree with the RTL to
// the cycle. In a cycle, first everything asks the banks, from registers alone; then the banks
// choose; then everything steps.
#pragma once

#include "Clock.h"

// Depths of pipelines and buffers; each with the file that it is read in.
enum {
    GATE_CONVERT_STAGES = 4,  // rtl/numeric/apus_convert.sv
    GATE_WALK_QUEUE = 2,      // rtl/transfer/apus_transfer_front.sv, u_elements
    GATE_STORE_QUEUE = 2,     // rtl/transfer/apus_store_engine.sv, u_placed
    GATE_ENTRIES = 16,        // rtl/transfer/apus_transfer_fetch.sv, Depth
    GATE_READ_WORDS = 64,     // rtl/transfer/apus_axi_read.sv, Depth
    GATE_BURST = 16,          // rtl/transfer/apus_axi_read.sv, apus_axi_write.sv
    GATE_LOCAL_WORDS = 16,    // rtl/transfer/apus_transfer_local_read.sv, Depth
    GATE_WRITES = 15,         // rtl/transfer/apus_axi_write.sv, OutstandingMax
    GATE_ADD_STAGES = 3,      // rtl/transfer/apus_transfer_reduce.sv, AddStages
    GATE_SETTLE = 5,          // rtl/matrix/apus_matrix_stream.sv, SETTLE
    GATE_DEQUANTISE_END = 5,  // rtl/matrix/apus_matrix_stream.sv
    GATE_FOLD_DEPTH = 7,      // rtl/matrix/apus_matrix_fold.sv, DEPTH
    GATE_CLEAR_EXTRA = 8,     // rtl/matrix/apus_matrix_engine.sv, ClearCycles
    GATE_PAGE_WORDS = 512,    // 4 KiB
};

// Limits of the chips that are stepped so.
enum { GATE_PORTS_MAX = 32, GATE_BANKS_MAX = 64, GATE_LANES_MAX = 128, GATE_COLUMNS_MAX = 32 };

// Ports of local memory, in the order of apus_core.sv.
enum { GATE_PORT_PROCESSOR, GATE_PORT_WINDOW, GATE_PORT_LOAD, GATE_PORT_STORE, GATE_PORT_MATRIX };

// apus_memory_banks.sv, apus_memory_bank.sv: scratchpad's banks, then the accumulators'.
typedef struct {
    uint32_t banks, scratchpad_bytes;
    /// This cycle's requests and what is granted; bit p for port p.
    uint32_t valid, write, partial, granted;
    uint8_t bank[GATE_PORTS_MAX];
    /// Reads taken in the cycle before, and those that are answered now.
    uint32_t reading, answering;
    uint32_t passed[2 * GATE_BANKS_MAX];
    bool merges[2 * GATE_BANKS_MAX];
} gate_memory;

static inline void gate_ask(
    gate_memory *memory, uint32_t port, uint64_t address, bool is_write, bool is_partial) {
    bool is_accumulator = address >> 30 & 1;
    memory->valid |= 1u << port;
    if (is_write) memory->write |= 1u << port;
    if (is_partial && !is_accumulator) memory->partial |= 1u << port;
    memory->bank[port] = (uint8_t)((address >> 3 & (memory->banks - 1))
                                   + (is_accumulator ? memory->banks : 0));
}
static inline bool gate_granted(const gate_memory *memory, uint32_t port) {
    return memory->granted >> port & 1;
}
static inline bool gate_answered(const gate_memory *memory, uint32_t port) {
    return memory->answering >> port & 1;
}
void gate_memory_choose(gate_memory *memory);
void gate_memory_step(gate_memory *memory);

/// What an engine says to, and hears from, the AXI port in this cycle.
typedef struct {
    bool ar_valid, ar_ready, aw_valid, aw_ready, w_valid, w_ready, w_last, r_valid, b_valid;
    bool w_partial, w_empty;
    uint64_t ar_address, aw_address;
    uint32_t ar_length, aw_length;
} gate_axi;

// Load and Store ----------------------------------------------------------------------------------

typedef struct {
    uint64_t local, global;
    bool is_inside;
} gate_element;

// apus_transfer_walk.sv, and the queue behind it.
typedef struct {
    uint8_t state;
    uint64_t index[RANK_CLOCK];
    int64_t local[RANK_CLOCK], global[RANK_CLOCK];
    int64_t gathered_offset;
    bool is_entry_inside;
    gate_element queue[2];
    uint32_t queued;
} gate_walk;

// apus_transfer_fetch.sv.
typedef struct {
    bool has_word, is_second, took_one;
    uint64_t word;
    struct {
        uint64_t tag;
        uint8_t takes;
        bool is_wanted;
    } entries[GATE_ENTRIES];
    uint32_t head, count;
} gate_fetch;

// apus_convert.sv: what accompanies the elements.
typedef struct {
    bool valid[GATE_CONVERT_STAGES];
    uint64_t tag[GATE_CONVERT_STAGES];
} gate_convert;

// apus_transfer_combine.sv.
typedef struct {
    bool valid, is_second;
    uint64_t word;
    uint32_t marks;
} gate_combine;

// apus_axi_read.sv.
typedef struct {
    bool is_open, is_closed;
    uint64_t first, next;
    uint32_t length, claimed, buffered;
} gate_axi_read;

// apus_axi_write.sv.
typedef struct {
    bool is_open, address_valid;
    uint64_t first, next, address;
    uint32_t length, address_length, left, outstanding, buffered, oldest, newest;
    uint8_t strobes[2 * GATE_BURST];
} gate_axi_write;

// apus_transfer_reduce.sv.
typedef struct {
    uint8_t state;
    bool holds_first, holds_second;
    uint64_t held_word;
    uint32_t dirty, operate;
    /// The converter, whose results are taken as they come.
    bool convert[GATE_CONVERT_STAGES];
} gate_reduce;

typedef struct {
    transfer_shape shape;
    bool is_store;
    uint32_t port;
    /// apus_transfer_front.sv, apus_transfer_bounds.sv: the check is a count of cycles, but for an
    /// index table's entries.
    uint8_t state;
    uint64_t check_left, entry;
    uint8_t table_asked, table_received;
    bool reads_table, is_idle;
    gate_walk walk;
    gate_fetch fetch;
    gate_convert convert;
    /// Of Store: places that wait for the combiner or the reducer.
    uint64_t placed[2];
    uint32_t placed_count;
    gate_combine combine;
    gate_axi_read read;
    gate_axi_write write;
    gate_reduce reduce;
    /// apus_transfer_local_write.sv, apus_transfer_local_read.sv.
    uint8_t write_state;
    uint32_t local_claimed, local_buffered;
    /// apus_transfer_port.sv, and what was asked of it in this cycle.
    bool is_tables, is_held, asks_table, asks_move;
    uint32_t reads;
} gate_transfer;

// Matrix ------------------------------------------------------------------------------------------

typedef struct {
    bool exists, tag_valid, is_second, done;
    uint32_t place, scale_place, tag;
} gate_lane;

typedef struct {
    bool busy, held;
    uint32_t index, held_index;
} gate_matrix_port;

typedef struct {
    matrix_shape shape;
    uint32_t rows, columns, ports, lanes;
    uint8_t state;
    uint64_t count, check_left;
    bool phase, new_row;
    int64_t rows_left, columns_left;
    uint32_t row_address, tile_address;
    uint32_t m_index, n_index, m_inner, m_outer, n_inner, n_outer, a_scale_place, b_scale_place;
    // apus_matrix_stream.sv.
    uint8_t stream_state, element, settle, dequantise;
    uint64_t k_left, group_left;
    bool next_full, current_valid;
    // apus_matrix_depth_walk.sv.
    uint64_t k_index_0, k_index_1;
    uint32_t a_along[3], b_along[3], a_group, b_group;
    gate_lane lane[GATE_LANES_MAX];
    gate_matrix_port port[GATE_PORTS_MAX];
    /// Of this cycle.
    bool fetched, missing[GATE_LANES_MAX];
    uint32_t request[GATE_PORTS_MAX];
    // apus_matrix_steps.sv.
    bool steps_busy;
    uint8_t pass;
    // apus_matrix_fold.sv.
    bool fold_active, fold_slot;
    uint32_t fold_count, fold_stages;
    // apus_matrix_rows.sv.
    uint8_t rows_state;
    bool rows_slot;
    uint32_t rows_row, rows_address;
    uint64_t rows_waiting, rows_asked;
} gate_matrix;

// Vector ------------------------------------------------------------------------------------------

typedef struct {
    uint8_t state, lane, beat;
    bool all_taken, held_valid, pending_valid, is_second;
    int64_t place;
    uint64_t held_word, pending_word;
    uint32_t pending_mask;
    gate_convert convert;
} gate_vector_port;

typedef struct {
    vector_shape shape;
    uint32_t lanes, ports, first_port;
    uint8_t state, operand, phase;
    uint64_t check_left, program_left;
    uint64_t plane, row, column, pass, count;
    int64_t plane_base[4], row_base[4], base[4];
    gate_vector_port port[GATE_PORTS_MAX];
} gate_vector;

// A core ------------------------------------------------------------------------------------------

/// What an engine is asked for and answers: `begin` once, then a step in each cycle.
void gate_transfer_begin(gate_transfer *engine, apus_clock *clock);
void gate_transfer_ask(gate_transfer *engine, apus_clock *clock, gate_memory *memory);
void gate_transfer_axi(const gate_transfer *engine, gate_axi *axi);
/// True in the cycle in which the command is finished.
bool gate_transfer_step(
    gate_transfer *engine, apus_clock *clock, const gate_memory *memory, const gate_axi *axi);
/// A drawn entry of an index table; the same for the same place.
int64_t gate_table_entry(const apus_clock *clock, const transfer_shape *shape, uint64_t position);

void gate_matrix_reset(gate_matrix *engine, const apus_clock_chip *chip);
void gate_matrix_begin(gate_matrix *engine);
void gate_matrix_ask(gate_matrix *engine, gate_memory *memory);
bool gate_matrix_step(gate_matrix *engine, bool has_command, const gate_memory *memory);

void gate_vector_begin(gate_vector *engine);
void gate_vector_ask(gate_vector *engine, gate_memory *memory);
bool gate_vector_step(gate_vector *engine, const gate_memory *memory);
