// The two engines' steps: apus_load_engine.sv, apus_store_engine.sv, with their AXI masters,
// apus_axi_read.sv and apus_axi_write.sv.
#include "GateTransfer.h"

#include <string.h>

enum { LAST = GATE_CONVERT_STAGES - 1 };

// AXI reads ---------------------------------------------------------------------------------------

/// Whether the burst at hand takes the word.
static bool read_takes(const gate_axi_read *read, bool valid, uint64_t word, uint32_t burst,
                       uint32_t depth) {
    bool continues = word == read->next && read->next % GATE_PAGE_WORDS != 0
        && read->length != burst - 1;
    return valid && read->claimed != depth && !read->is_closed && (!read->is_open || continues);
}

static void read_step(
    gate_axi_read *read, bool takes, bool word_valid, uint64_t word, bool hurry, bool pops,
    const gate_axi *axi) {
    bool asked = read->is_closed && axi->ar_ready;
    if (takes) {
        if (read->is_open) {
            read->length++;
        } else {
            read->first = word;
            read->length = 0;
        }
        read->is_open = true;
        read->next = word + 1;
    } else if (read->is_open && !read->is_closed && (word_valid || hurry)) {
        read->is_closed = true;
    }
    if (asked) read->is_open = read->is_closed = false;
    read->claimed += (uint32_t)takes - (uint32_t)pops;
    read->buffered += (uint32_t)axi->r_valid - (uint32_t)pops;
}

// AXI writes --------------------------------------------------------------------------------------

static bool write_continues(const gate_axi_write *write, uint64_t word) {
    return word == write->next && write->next % GATE_PAGE_WORDS != 0
        && write->length != GATE_BURST - 1;
}

static bool write_takes(const gate_axi_write *write, bool valid, uint64_t word) {
    return valid && write->buffered != 2 * GATE_BURST
        && (!write->is_open || write_continues(write, word));
}

static bool write_busy(const gate_axi_write *write) {
    return write->is_open || write->address_valid || write->left != 0 || write->outstanding != 0;
}

static void write_step(
    gate_axi_write *write, bool word_valid, uint64_t word, uint32_t strobe, bool flush,
    const gate_axi *axi) {
    bool takes = write_takes(write, word_valid, word);
    bool is_free = !write->address_valid && write->left == 0 && write->outstanding != GATE_WRITES;
    bool closes = write->is_open && is_free && !takes && (word_valid || flush);
    bool leaves = write->left != 0 && axi->w_ready;
    if (write->address_valid && axi->aw_ready) write->address_valid = false;
    if (leaves) {
        write->left--;
        write->buffered--;
        write->oldest = (write->oldest + 1) % (2 * GATE_BURST);
    }
    if (closes) {
        write->is_open = false;
        write->address_valid = true;
        write->address = write->first;
        write->address_length = write->length;
        write->left = write->length + 1;
    }
    if (takes) {
        write->strobes[write->newest] = (uint8_t)strobe;
        write->newest = (write->newest + 1) % (2 * GATE_BURST);
        write->buffered++;
        if (write->is_open) {
            write->length++;
        } else {
            write->first = word;
            write->length = 0;
        }
        write->is_open = true;
        write->next = word + 1;
    }
    write->outstanding += (uint32_t)closes - (uint32_t)axi->b_valid;
}

void gate_transfer_axi(const gate_transfer *engine, gate_axi *axi) {
    axi->ar_valid = engine->read.is_closed;
    axi->ar_address = engine->read.first << 3;
    axi->ar_length = engine->read.length;
    axi->aw_valid = engine->write.address_valid;
    axi->aw_address = engine->write.address << 3;
    axi->aw_length = engine->write.address_length;
    axi->w_valid = engine->write.left != 0;
    axi->w_last = engine->write.left == 1;
    uint8_t strobe = engine->write.strobes[engine->write.oldest];
    axi->w_empty = strobe == 0;
    axi->w_partial = strobe != 0xFF;
}

// What both know of themselves --------------------------------------------------------------------

typedef struct {
    uint32_t global, local;
    bool is_walked, is_drained, converted_valid;
    uint64_t converted;
} transfer_view;

static transfer_view view_of(const gate_transfer *engine) {
    transfer_view view;
    view.global = format_nibbles(engine->shape.global_format);
    view.local = format_nibbles(engine->shape.local_format);
    view.is_walked = gate_transfer_is_walked(engine);
    view.is_drained = view.is_walked && engine->fetch.count == 0
        && !gate_convert_busy(&engine->convert);
    view.converted_valid = engine->convert.valid[LAST];
    view.converted = engine->convert.tag[LAST];
    return view;
}

uint32_t gate_byte_marks(uint32_t nibbles) {
    uint32_t pairs = (nibbles | nibbles >> 1) & 0x5555, bytes = 0;
    for (int b = 0; b < 8; b++) bytes |= (pairs >> (2 * b) & 1) << b;
    return bytes;
}

static bool has_half_byte(uint32_t nibbles) { return ((nibbles ^ nibbles >> 1) & 0x5555) != 0; }

// Load --------------------------------------------------------------------------------------------

static void load_ask(gate_transfer *engine, apus_clock *clock, gate_memory *memory) {
    transfer_view view = view_of(engine);
    combine_view combine = gate_combine_view(
        &engine->combine, view.converted_valid, view.converted, view.local, view.is_drained);
    bool is_half = has_half_byte(engine->combine.marks);
    bool is_write = !is_half || engine->write_state == WRITE_MERGED;
    gate_transfer_port(
        engine, clock, memory, combine.word_valid && engine->write_state != WRITE_READING,
        is_write, gate_byte_marks(engine->combine.marks) != 0xFF, engine->combine.word << 3);
}

/// apus_transfer_local_write.sv; whether the word has been written.
static bool local_write_step(
    gate_transfer *engine, bool word_valid, bool ready, bool answered) {
    bool is_half = has_half_byte(engine->combine.marks);
    bool is_write = !is_half || engine->write_state == WRITE_MERGED;
    bool done = word_valid && engine->write_state != WRITE_READING && is_write && ready;
    switch (engine->write_state) {
    case WRITE_WHOLE:
        if (word_valid && is_half && ready) engine->write_state = WRITE_READING;
        break;
    case WRITE_READING:
        if (answered) engine->write_state = WRITE_MERGED;
        break;
    default:
        if (ready) engine->write_state = WRITE_WHOLE;
        break;
    }
    return done;
}

static bool load_step(
    gate_transfer *engine, const apus_clock *clock, const gate_memory *memory,
    const gate_axi *axi) {
    transfer_view view = view_of(engine);
    combine_view combine = gate_combine_view(
        &engine->combine, view.converted_valid, view.converted, view.local, view.is_drained);
    bool finishes = view.is_drained && !engine->combine.valid;
    bool is_write = !has_half_byte(engine->combine.marks) || engine->write_state == WRITE_MERGED;
    bool move_ready = engine->asks_move && gate_granted(memory, engine->port);
    bool move_answered = gate_answered(memory, engine->port) && !engine->is_tables;

    gate_fetch *fetch = &engine->fetch;
    bool data_valid = engine->read.buffered != 0;
    bool is_complete = gate_fetch_complete(fetch, data_valid);
    gate_element element = {0};
    bool has_element = gate_transfer_element(engine, &element);
    fetch_ask ask = gate_fetch_ask(
        fetch, has_element, element.global, element.is_inside, view.global);
    bool word_takes = read_takes(&engine->read, ask.asks, ask.word, GATE_BURST, GATE_READ_WORDS);
    bool pushes = has_element && ask.entry_ready
        && (ask.takes == 0 || (word_takes && ask.is_last));

    bool written = local_write_step(engine, combine.word_valid, move_ready, move_answered);
    bool taken = gate_combine_step(&engine->combine, &combine, view.converted_valid, written);
    bool advances = taken || !view.converted_valid;
    bool pops = is_complete && advances;
    bool takes_word = gate_fetch_takes(fetch, data_valid, is_complete, advances);
    uint64_t tag = fetch->entries[fetch->head].tag;
    if (advances) gate_convert_step(&engine->convert, is_complete, tag);
    read_step(
        &engine->read, word_takes, ask.asks, ask.word, !ask.entry_ready || view.is_walked,
        takes_word, axi);
    gate_fetch_step(
        fetch, &ask, pushes, word_takes, element.local, element.is_inside, pops, takes_word,
        is_complete);
    bool table_done = gate_transfer_port_step(engine, memory, is_write);
    return gate_transfer_front(engine, clock, pushes, finishes, table_done);
}

// Store -------------------------------------------------------------------------------------------

static bool needs_memory(const gate_transfer *engine) {
    return engine->shape.reduction != 0 || format_nibbles(engine->shape.global_format) == 1;
}

static void store_ask(gate_transfer *engine, apus_clock *clock, gate_memory *memory) {
    gate_element element = {0};
    bool has_element = gate_transfer_element(engine, &element) && element.is_inside;
    fetch_ask ask = gate_fetch_ask(
        &engine->fetch, has_element, element.local, true,
        format_nibbles(engine->shape.local_format));
    bool asks = ask.asks && engine->local_claimed != GATE_LOCAL_WORDS;
    gate_transfer_port(engine, clock, memory, asks, false, false, ask.word << 3);
}

/// The queue between the converter and what follows it.
static void placed_step(gate_transfer *engine, bool enters, uint64_t place, bool leaves) {
    if (leaves) {
        engine->placed[0] = engine->placed[1];
        engine->placed_count--;
    }
    if (enters) engine->placed[engine->placed_count++] = place;
}

static bool store_step(
    gate_transfer *engine, const apus_clock *clock, const gate_memory *memory,
    const gate_axi *axi) {
    transfer_view view = view_of(engine);
    bool has_queue = GATE_STORE_QUEUE != 0, converted = view.converted_valid;
    uint64_t converted_place = view.converted;
    bool fits = engine->placed_count != GATE_STORE_QUEUE;
    if (has_queue) {
        // What follows looks at the queue's head.
        view.is_drained = view.is_drained && engine->placed_count == 0;
        view.converted_valid = engine->placed_count != 0;
        view.converted = engine->placed[0];
    }
    bool with_memory = needs_memory(engine);
    bool is_reducing = engine->reduce.state != GATE_REDUCE_REST || engine->reduce.dirty != 0;
    bool is_writing = write_busy(&engine->write);
    bool finishes = view.is_drained && !engine->combine.valid && !is_reducing && !is_writing;

    // Words of local memory.
    gate_fetch *fetch = &engine->fetch;
    bool data_valid = engine->local_buffered != 0;
    bool is_complete = gate_fetch_complete(fetch, data_valid);
    gate_element element = {0};
    bool has_element = gate_transfer_element(engine, &element);
    fetch_ask ask = gate_fetch_ask(
        fetch, has_element && element.is_inside, element.local, true, view.local);
    bool move_ready = engine->asks_move && gate_granted(memory, engine->port);
    bool move_answered = gate_answered(memory, engine->port) && !engine->is_tables;
    bool pushes = has_element && element.is_inside && ask.entry_ready
        && (ask.takes == 0 || (move_ready && ask.is_last));
    bool takes_element = pushes || (has_element && !element.is_inside);

    // Words of global memory.
    combine_view combine = gate_combine_view(
        &engine->combine, view.converted_valid && !with_memory, view.converted, view.global,
        view.is_drained);
    gate_reduce_view reduce = gate_reduce_show(
        &engine->reduce, &engine->shape, view.converted_valid && with_memory, view.converted);
    bool write_valid = with_memory ? reduce.write_valid : combine.word_valid;
    uint64_t write_word = with_memory ? reduce.write_word : engine->combine.word;
    uint32_t strobe = with_memory ? reduce.strobe : gate_byte_marks(engine->combine.marks);
    bool flush = with_memory ? reduce.flush : view.is_drained && !engine->combine.valid;
    bool write_ready = write_takes(&engine->write, write_valid, write_word);
    bool word_read = read_takes(&engine->read, reduce.read_valid, reduce.read_word, 2, 2);
    bool memory_data = engine->read.buffered != 0;
    uint8_t next = gate_reduce_next(
        &engine->reduce, &engine->shape, view.converted_valid && with_memory, view.converted,
        view.is_drained, write_ready, is_writing, word_read, memory_data);

    write_step(&engine->write, write_valid, write_word, strobe, flush, axi);
    read_step(
        &engine->read, word_read, reduce.read_valid, reduce.read_word, true,
        reduce.read_takes_data && memory_data, axi);
    bool combined = gate_combine_step(
        &engine->combine, &combine, view.converted_valid && !with_memory,
        write_ready && !with_memory);
    bool taken = with_memory ? reduce.is_taken : combined;
    gate_reduce_step(
        &engine->reduce, &engine->shape, &reduce, view.converted_valid && with_memory,
        view.converted, view.is_drained, next, memory_data);

    bool advances = (has_queue ? fits : taken) || !converted;
    if (has_queue) placed_step(engine, converted && fits, converted_place, taken);
    bool pops = is_complete && advances;
    bool takes_word = gate_fetch_takes(fetch, data_valid, is_complete, advances);
    uint64_t tag = fetch->entries[fetch->head].tag;
    if (advances) gate_convert_step(&engine->convert, is_complete, tag);
    engine->local_claimed += (uint32_t)move_ready - (uint32_t)takes_word;
    engine->local_buffered += (uint32_t)move_answered - (uint32_t)takes_word;
    gate_fetch_step(
        fetch, &ask, pushes, move_ready, element.global, true, pops, takes_word, is_complete);
    bool table_done = gate_transfer_port_step(engine, memory, false);
    return gate_transfer_front(engine, clock, takes_element, finishes, table_done);
}

void gate_transfer_ask(gate_transfer *engine, apus_clock *clock, gate_memory *memory) {
    if (engine->is_store) store_ask(engine, clock, memory);
    else load_ask(engine, clock, memory);
}

bool gate_transfer_step(
    gate_transfer *engine, apus_clock *clock, const gate_memory *memory, const gate_axi *axi) {
    return engine->is_store ? store_step(engine, clock, memory, axi)
                            : load_step(engine, clock, memory, axi);
}
