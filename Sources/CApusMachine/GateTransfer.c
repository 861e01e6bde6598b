// Load and Store, cycle by cycle: rtl/transfer. What they share; the steps of the two engines are
// in GateTransferStep.c.
#include "GateTransfer.h"

#include <string.h>

// Checks ------------------------------------------------------------------------------------------

int64_t gate_table_entry(const apus_clock *clock, const transfer_shape *shape, uint64_t position) {
    uint32_t d = shape->gather - 1;
    uint64_t address =
        shape->table + 4 * (uint64_t)(shape->coordinate[d] + (int64_t)position);
    if (shape->extent[d] == 0) return 0;
    return (int64_t)(clock_draw(clock->chip.seed, address) % shape->extent[d]);
}

void gate_transfer_begin(gate_transfer *engine, apus_clock *clock) {
    (void)clock;
    const transfer_shape *shape = &engine->shape;
    engine->state = FRONT_CHECK;
    engine->is_idle = false;
    engine->entry = 0;
    engine->table_asked = engine->table_received = 0;
    engine->reads_table = false;
    engine->walk.state = WALK_IDLE;
    if (shape->elements == 0) {
        // apus_transfer_bounds.sv: IDLE, DONE.
        engine->check_left = 2;
        engine->is_idle = true;
        return;
    }
    // IDLE; COUNT; LOCAL_REACH with two cycles for the last products; LOCAL_CHECK.
    engine->check_left = 1 + 7 + 1;
    for (int d = 0; d < RANK_CLOCK; d++) engine->check_left += shape->count[d] == 1 ? 1 : 3;
    // GLOBAL_REACH: three passes and two cycles; GLOBAL_CHECK; DONE.
    if (shape->gather == 0) engine->check_left += 17 + 2;
    engine->is_idle = engine->is_store && shape->elements_inside == 0;
}

/// One cycle of the checks; true in their last.
static bool check_step(gate_transfer *engine, bool table_done) {
    const transfer_shape *shape = &engine->shape;
    if (engine->reads_table) {
        if (table_done && ++engine->entry == shape->count[shape->gather - 1]) {
            engine->reads_table = false;
            engine->check_left = 17 + 2;
        }
        return false;
    }
    if (--engine->check_left != 0) return false;
    if (shape->gather != 0 && engine->entry == 0 && shape->elements != 0) {
        engine->reads_table = true;
        return false;
    }
    return true;
}

// The walk ----------------------------------------------------------------------------------------

static void walk_start(gate_transfer *engine) {
    gate_walk *walk = &engine->walk;
    const transfer_shape *shape = &engine->shape;
    int64_t start = (int64_t)(2 * shape->base);
    for (int d = 0; d < RANK_CLOCK; d++) {
        if (shape->gather != (uint32_t)d + 1) {
            start += shape->coordinate[d] * shape->global_stride[d];
        }
    }
    for (int d = 0; d < RANK_CLOCK; d++) {
        walk->index[d] = 0;
        walk->local[d] = 2 * (int64_t)shape->local;
        walk->global[d] = start;
    }
    walk->gathered_offset = 0;
    walk->queued = 0;
    walk->state = shape->gather != 0 ? WALK_LOOK_UP : WALK_WALK;
}

static gate_element walk_element(const gate_transfer *engine) {
    const gate_walk *walk = &engine->walk;
    const transfer_shape *shape = &engine->shape;
    bool is_inside = true;
    for (uint32_t d = 0; d < RANK_CLOCK; d++) {
        if (shape->gather == d + 1) {
            is_inside = is_inside && walk->is_entry_inside;
        } else {
            int64_t place = shape->coordinate[d] + (int64_t)walk->index[d];
            is_inside = is_inside && place >= 0 && place < (int64_t)shape->extent[d];
        }
    }
    return (gate_element){
        .local = (uint64_t)walk->local[0], .is_inside = is_inside,
        .global = (uint64_t)(walk->global[0] + walk->gathered_offset)};
}

/// On to the next element.
static void walk_advance(gate_transfer *engine) {
    gate_walk *walk = &engine->walk;
    const transfer_shape *shape = &engine->shape;
    int stepping = 0;
    while (stepping < RANK_CLOCK && walk->index[stepping] + 1 == shape->count[stepping]) stepping++;
    if (stepping == RANK_CLOCK) {
        walk->state = WALK_IDLE;
        return;
    }
    int gathered = shape->gather == 0 ? -1 : (int)shape->gather - 1;
    if (gathered == stepping || (gathered >= 0 && gathered < stepping
                                 && shape->count[gathered] != 1)) {
        walk->state = WALK_LOOK_UP;
    }
    int64_t local = walk->local[stepping] + shape->local_stride[stepping];
    int64_t global = walk->global[stepping]
        + (gathered == stepping ? 0 : shape->global_stride[stepping]);
    walk->index[stepping]++;
    for (int d = 0; d <= stepping; d++) {
        if (d < stepping) walk->index[d] = 0;
        walk->local[d] = local;
        walk->global[d] = global;
    }
}

/// One cycle of the walk; `takes` says that its element leaves, into the queue if there is one.
static void walk_step(gate_transfer *engine, const apus_clock *clock, bool takes, bool table_done) {
    gate_walk *walk = &engine->walk;
    const transfer_shape *shape = &engine->shape;
    switch (walk->state) {
    case WALK_LOOK_UP:
        if (!table_done) break;
        {
            uint32_t d = shape->gather - 1;
            int64_t entry = gate_table_entry(clock, shape, walk->index[d]);
            walk->is_entry_inside = entry < (int64_t)shape->extent[d];
            walk->gathered_offset = entry * shape->global_stride[d];
            walk->state = WALK_MULTIPLY;
        }
        break;
    case WALK_MULTIPLY: walk->state = WALK_PRODUCT; break;
    case WALK_PRODUCT: walk->state = WALK_PLACE; break;
    case WALK_PLACE: walk->state = WALK_WALK; break;
    case WALK_WALK:
        if (takes) walk_advance(engine);
        break;
    default: break;
    }
}

bool gate_transfer_element(const gate_transfer *engine, gate_element *element) {
    const gate_walk *walk = &engine->walk;
    if (engine->state != FRONT_MOVE) return false;
    if (GATE_WALK_QUEUE == 0) {
        if (walk->state != WALK_WALK) return false;
        *element = walk_element(engine);
        return true;
    }
    if (walk->queued == 0) return false;
    *element = walk->queue[0];
    return true;
}

bool gate_transfer_is_walked(const gate_transfer *engine) {
    return engine->state == FRONT_MOVE && engine->walk.state == WALK_IDLE
        && engine->walk.queued == 0;
}

bool gate_transfer_front(
    gate_transfer *engine, const apus_clock *clock, bool takes, bool finishes, bool table_done) {
    gate_walk *walk = &engine->walk;
    bool is_walked = gate_transfer_is_walked(engine);
    switch (engine->state) {
    case FRONT_CHECK:
        if (check_step(engine, table_done)) {
            engine->state = engine->is_idle ? FRONT_LEAVE : FRONT_BEGIN;
        }
        return false;
    case FRONT_BEGIN:
        engine->state = FRONT_MOVE;
        engine->fetch.has_word = false;
        walk_start(engine);
        return false;
    case FRONT_MOVE: break;
    default: engine->state = FRONT_CHECK; return true;
    }
    if (GATE_WALK_QUEUE == 0) {
        walk_step(engine, clock, takes, table_done);
    } else {
        bool enters = walk->state == WALK_WALK && walk->queued != GATE_WALK_QUEUE;
        gate_element element = {0};
        if (enters) element = walk_element(engine);
        if (takes) {
            walk->queue[0] = walk->queue[1];
            walk->queued--;
        }
        if (enters) walk->queue[walk->queued++] = element;
        walk_step(engine, clock, enters, table_done);
    }
    if (is_walked && finishes) engine->state = FRONT_LEAVE;
    return false;
}

// Its port ----------------------------------------------------------------------------------------

/// Whether the reader of index tables wants a word, and which.
static bool wants_table(const gate_transfer *engine, const apus_clock *clock, uint64_t *address) {
    (void)clock;
    const transfer_shape *shape = &engine->shape;
    bool is_checking = engine->state == FRONT_CHECK && engine->reads_table;
    bool is_walking = engine->state == FRONT_MOVE && engine->walk.state == WALK_LOOK_UP;
    if (!is_checking && !is_walking) return false;
    uint32_t d = shape->gather - 1;
    uint64_t position = is_checking ? engine->entry : engine->walk.index[d];
    *address = shape->table + 4 * (uint64_t)(shape->coordinate[d] + (int64_t)position);
    uint32_t words = (*address & 7) > 4 ? 2 : 1;
    uint32_t asked = engine->table_asked;
    *address = (*address & ~UINT64_C(7)) + 8 * asked;
    return asked < words;
}

void gate_transfer_port(
    gate_transfer *engine, apus_clock *clock, gate_memory *memory, bool move, bool is_write,
    bool is_partial, uint64_t address) {
    uint64_t table = 0;
    bool is_quiet = engine->reads == 0, wants = wants_table(engine, clock, &table);
    engine->asks_table = wants && !engine->is_held && (is_quiet || engine->is_tables);
    engine->asks_move = move && !engine->asks_table
        && (is_write || is_quiet || !engine->is_tables);
    if (engine->asks_table) gate_ask(memory, engine->port, table, false, false);
    else if (engine->asks_move) gate_ask(memory, engine->port, address, is_write, is_partial);
}

bool gate_transfer_port_step(gate_transfer *engine, const gate_memory *memory, bool is_write) {
    bool granted = gate_granted(memory, engine->port);
    bool answered = gate_answered(memory, engine->port);
    bool starts_read = granted && (engine->asks_table || !is_write);
    bool table_answered = answered && engine->is_tables, done = false;
    if (engine->reads_table || engine->walk.state == WALK_LOOK_UP) {
        const transfer_shape *shape = &engine->shape;
        uint32_t d = shape->gather - 1;
        uint64_t position = engine->reads_table ? engine->entry : engine->walk.index[d];
        uint64_t address = shape->table
            + 4 * (uint64_t)(shape->coordinate[d] + (int64_t)position);
        uint32_t words = (address & 7) > 4 ? 2 : 1;
        done = table_answered && engine->table_received + 1u == words;
    }
    if (done) {
        engine->table_asked = engine->table_received = 0;
    } else {
        engine->table_asked += granted && engine->asks_table;
        engine->table_received += table_answered;
    }
    engine->is_held = engine->asks_move && !granted;
    if (starts_read) engine->is_tables = engine->asks_table;
    engine->reads += (uint32_t)starts_read - (uint32_t)answered;
    return done;
}

// The converter -----------------------------------------------------------------------------------

bool gate_convert_busy(const gate_convert *convert) {
    for (int i = 0; i < GATE_CONVERT_STAGES; i++) {
        if (convert->valid[i]) return true;
    }
    return false;
}

void gate_convert_step(gate_convert *convert, bool valid, uint64_t tag) {
    for (int i = GATE_CONVERT_STAGES - 1; i > 0; i--) {
        convert->valid[i] = convert->valid[i - 1];
        convert->tag[i] = convert->tag[i - 1];
    }
    convert->valid[0] = valid;
    convert->tag[0] = tag;
}

// Fetching ----------------------------------------------------------------------------------------

fetch_ask gate_fetch_ask(
    const gate_fetch *fetch, bool valid, uint64_t place, bool is_wanted, uint32_t nibbles) {
    fetch_ask ask = {0};
    uint64_t first = place >> 4;
    bool is_split = (place & 15) + nibbles > 16;
    bool is_same = fetch->has_word && fetch->word == first;
    ask.entry_ready = fetch->count != GATE_ENTRIES;
    ask.last = first + is_split;
    ask.takes = is_wanted ? (uint8_t)(is_split + !is_same) : 0;
    if (fetch->is_second) ask.takes = 2;
    ask.asks = valid && ask.entry_ready && ask.takes != 0;
    ask.is_last = ask.takes != 2 || fetch->is_second;
    ask.word = ask.takes == 2 && !fetch->is_second ? first : ask.last;
    return ask;
}

bool gate_fetch_complete(const gate_fetch *fetch, bool data_valid) {
    if (fetch->count == 0) return false;
    uint8_t takes = fetch->entries[fetch->head].takes;
    return takes == 0 || (data_valid && (takes == 1 || fetch->took_one));
}

bool gate_fetch_takes(const gate_fetch *fetch, bool data_valid, bool is_complete, bool ready) {
    return fetch->count != 0 && fetch->entries[fetch->head].takes != 0 && data_valid
        && (!is_complete || ready);
}

void gate_fetch_step(
    gate_fetch *fetch, const fetch_ask *ask, bool pushes, bool word_ready, uint64_t tag,
    bool is_wanted, bool pops, bool takes_word, bool is_complete) {
    if (ask->asks && word_ready) {
        fetch->has_word = true;
        fetch->is_second = !ask->is_last;
        if (ask->is_last) fetch->word = ask->last;
    }
    if (takes_word) fetch->took_one = !is_complete;
    if (pops) fetch->head = (fetch->head + 1) % GATE_ENTRIES;
    if (pushes) {
        uint32_t place = (fetch->head + fetch->count - (pops ? 1 : 0)) % GATE_ENTRIES;
        fetch->entries[place].tag = tag;
        fetch->entries[place].takes = ask->takes;
        fetch->entries[place].is_wanted = is_wanted;
    }
    fetch->count += (uint32_t)pushes - (uint32_t)pops;
}

// Combining ---------------------------------------------------------------------------------------

combine_view gate_combine_view(
    const gate_combine *combine, bool valid, uint64_t place, uint32_t nibbles, bool flush) {
    combine_view view = {0};
    uint32_t marks = ((1u << nibbles) - 1) << (place & 15);
    view.is_split = marks >> 16 != 0;
    view.part_word = (place >> 4) + combine->is_second;
    view.part_marks = combine->is_second ? marks >> 16 : marks & 0xFFFF;
    view.is_other = combine->valid && view.part_word != combine->word;
    view.word_valid = combine->valid && (flush || (valid && view.is_other));
    return view;
}

bool gate_combine_step(gate_combine *combine, const combine_view *view, bool valid, bool ready) {
    bool takes = valid && (!view->is_other || ready);
    bool is_taken = takes && (!view->is_split || combine->is_second);
    if (view->word_valid && ready) {
        combine->valid = false;
        combine->marks = 0;
    }
    if (takes) {
        combine->valid = true;
        combine->word = view->part_word;
        combine->marks |= view->part_marks;
        combine->is_second = view->is_split && !combine->is_second;
    }
    return is_taken;
}
