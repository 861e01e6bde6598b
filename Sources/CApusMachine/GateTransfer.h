// What the parts of Load and Store share, cycle by cycle: rtl/transfer.
#pragma once

#include "Engines.h"
#include "Gate.h"

enum { FRONT_CHECK, FRONT_BEGIN, FRONT_MOVE, FRONT_LEAVE };
enum { WALK_IDLE, WALK_LOOK_UP, WALK_MULTIPLY, WALK_PRODUCT, WALK_PLACE, WALK_WALK };
enum { WRITE_WHOLE, WRITE_READING, WRITE_MERGED };

/// What a fetch asks for in this cycle.
typedef struct {
    bool asks, is_last, entry_ready;
    uint8_t takes;
    uint64_t word, last;
} fetch_ask;

/// What a combiner makes of the element at its door.
typedef struct {
    bool is_split, is_other, word_valid;
    uint64_t part_word;
    uint32_t part_marks;
} combine_view;

/// The element at the front's door; false if there is none.
bool gate_transfer_element(const gate_transfer *engine, gate_element *element);
bool gate_transfer_is_walked(const gate_transfer *engine);
/// A cycle of apus_transfer_front.sv; true in the one in which the command leaves.
bool gate_transfer_front(
    gate_transfer *engine, const apus_clock *clock, bool takes, bool finishes, bool table_done);

/// apus_transfer_port.sv: asks for a move, or for an index table's word, which goes first.
void gate_transfer_port(
    gate_transfer *engine, apus_clock *clock, gate_memory *memory, bool move, bool is_write,
    bool is_partial, uint64_t address);
/// Whether an entry of an index table has come.
bool gate_transfer_port_step(gate_transfer *engine, const gate_memory *memory, bool is_write);

bool gate_convert_busy(const gate_convert *convert);
/// All stages move.
void gate_convert_step(gate_convert *convert, bool valid, uint64_t tag);

fetch_ask gate_fetch_ask(
    const gate_fetch *fetch, bool valid, uint64_t place, bool is_wanted, uint32_t nibbles);
bool gate_fetch_complete(const gate_fetch *fetch, bool data_valid);
bool gate_fetch_takes(const gate_fetch *fetch, bool data_valid, bool is_complete, bool ready);
void gate_fetch_step(
    gate_fetch *fetch, const fetch_ask *ask, bool pushes, bool word_ready, uint64_t tag,
    bool is_wanted, bool pops, bool takes_word, bool is_complete);

combine_view gate_combine_view(
    const gate_combine *combine, bool valid, uint64_t place, uint32_t nibbles, bool flush);
/// Whether the element was taken; `ready` is that of the word that leaves.
bool gate_combine_step(gate_combine *combine, const combine_view *view, bool valid, bool ready);

/// Bytes of which a word's half bytes are marked.
uint32_t gate_byte_marks(uint32_t nibbles);

/// apus_transfer_reduce.sv: what it shows in this cycle.
typedef struct {
    bool is_taken, write_valid, flush, read_valid, read_takes_data;
    uint64_t write_word, read_word;
    uint32_t strobe;
} gate_reduce_view;

enum { GATE_REDUCE_REST };
gate_reduce_view gate_reduce_show(
    const gate_reduce *reduce, const transfer_shape *shape, bool valid, uint64_t place);
uint8_t gate_reduce_next(
    const gate_reduce *reduce, const transfer_shape *shape, bool valid, uint64_t place,
    bool flush, bool write_ready, bool write_busy, bool read_ready, bool data_valid);
void gate_reduce_step(
    gate_reduce *reduce, const transfer_shape *shape, const gate_reduce_view *view, bool valid,
    uint64_t place, bool flush, uint8_t next, bool data_valid);
