// A port of the Vector engine, cycle by cycle: apus_vector_port.sv.
#include "GateVector.h"

#include "ClockVector.h"
#include "GateTransfer.h"

enum { LAST = GATE_CONVERT_STAGES - 1 };

/// What the port sees of the element at hand and of the one that was converted.
typedef struct {
    bool has_element, is_lane_last, is_held, is_split, is_busy;
    bool converted_valid, joins, is_last_part;
    int64_t next_place;
    uint64_t word, part_word;
    uint32_t part_marks;
} port_view;

static port_view view_of(
    const gate_vector *engine, uint32_t index, const gate_vector_job *job) {
    const gate_vector_port *port = &engine->port[index];
    uint32_t each = engine->lanes / engine->ports;
    port_view view;
    uint64_t element = (uint64_t)engine->lanes * port->beat + index * each + port->lane;
    view.has_element = !port->all_taken && element < job->count;
    view.is_lane_last = port->lane == each - 1;
    view.next_place = port->place
        + (view.is_lane_last ? (int64_t)(engine->lanes - each + 1) * job->stride : job->stride);
    view.word = (uint64_t)port->place >> 4;
    view.is_split = (port->place & 15) + job->nibbles > 16;
    view.is_held = port->held_valid && port->held_word == view.word;
    view.is_busy = gate_convert_busy(&port->convert);
    view.converted_valid = port->convert.valid[LAST];
    uint64_t place = port->convert.tag[LAST];
    uint32_t marks = ((1u << job->nibbles) - 1) << (place & 15);
    view.part_marks = port->is_second ? marks >> 16 : marks & 0xFFFF;
    view.part_word = (place >> 4) + port->is_second;
    view.is_last_part = port->is_second || marks >> 16 == 0;
    view.joins = !port->pending_valid || port->pending_word == view.part_word;
    return view;
}

void gate_vector_port_ask(
    const gate_vector *engine, uint32_t index, const gate_vector_job *job, gate_memory *memory) {
    const gate_vector_port *port = &engine->port[index];
    uint32_t place = engine->first_port + index;
    if (port->state == PORT_IDLE) return;
    port_view view = view_of(engine, index, job);
    uint32_t pairs = (port->pending_mask | port->pending_mask >> 1) & 0x5555;
    switch (port->state) {
    case PORT_LOW:
        if (view.has_element && !view.is_held) {
            gate_ask(memory, place, view.word << 3, false, false);
        }
        break;
    case PORT_HIGH: gate_ask(memory, place, (view.word + 1) << 3, false, false); break;
    case PORT_READ: gate_ask(memory, place, port->pending_word << 3, false, false); break;
    case PORT_WRITE: gate_ask(memory, place, port->pending_word << 3, true, pairs != 0x5555); break;
    default: break;
    }
}

static uint8_t fill_next(
    const gate_vector_port *port, const gate_vector_job *job, const port_view *view, bool granted,
    bool answered) {
    switch (port->state) {
    case PORT_LOW:
        if (!view->has_element) return PORT_SETTLE;
        if (view->is_held) return view->is_split ? PORT_HIGH : PORT_EMIT;
        return granted ? PORT_LOW_WAIT : PORT_LOW;
    case PORT_LOW_WAIT:
        if (!answered) return PORT_LOW_WAIT;
        return view->is_split ? PORT_HIGH : PORT_EMIT;
    case PORT_HIGH: return granted ? PORT_HIGH_WAIT : PORT_HIGH;
    case PORT_HIGH_WAIT: return answered ? PORT_EMIT : PORT_HIGH_WAIT;
    case PORT_EMIT: {
        if (!view->has_element) return PORT_SETTLE;
        bool stays = (uint64_t)view->next_place >> 4 == view->word && !view->is_split
            && (view->next_place & 15) + job->nibbles <= 16;
        return job->is_constant || stays ? PORT_EMIT : PORT_LOW;
    }
    default: return view->is_busy ? PORT_SETTLE : PORT_IDLE;
    }
}

static uint8_t drain_next(
    const gate_vector_port *port, const port_view *view, bool granted, bool answered) {
    bool has_halves = ((port->pending_mask ^ port->pending_mask >> 1) & 0x5555) != 0;
    bool is_empty = !view->has_element && !view->is_busy;
    switch (port->state) {
    case PORT_GATHER:
        if ((view->converted_valid && !view->joins) || (is_empty && port->pending_valid)) {
            return has_halves ? PORT_READ : PORT_WRITE;
        }
        return is_empty ? PORT_IDLE : PORT_GATHER;
    case PORT_READ: return granted ? PORT_READ_WAIT : PORT_READ;
    case PORT_READ_WAIT: return answered ? PORT_WRITE : PORT_READ_WAIT;
    default: return granted ? PORT_GATHER : PORT_WRITE;
    }
}

static void element_step(gate_vector_port *port, const port_view *view) {
    if (view->is_lane_last) {
        if (port->beat == CLOCK_BEATS - 1) port->all_taken = true;
        port->beat = (port->beat + 1) % CLOCK_BEATS;
        port->lane = 0;
    } else {
        port->lane++;
    }
    port->place = view->next_place;
}

static void begin(
    gate_vector *engine, uint32_t index, const gate_vector_job *job) {
    gate_vector_port *port = &engine->port[index];
    port->held_valid = false;
    if (!job->starts) return;
    port->lane = port->beat = 0;
    port->all_taken = false;
    port->place = job->base + (int64_t)(index * (engine->lanes / engine->ports)) * job->stride;
    port->state = job->is_drain ? PORT_GATHER : job->is_constant ? PORT_EMIT : PORT_LOW;
}

void gate_vector_port_step(
    gate_vector *engine, uint32_t index, const gate_vector_job *job, bool goes,
    const gate_memory *memory) {
    gate_vector_port *port = &engine->port[index];
    if (port->state == PORT_IDLE) {
        begin(engine, index, job);
        return;
    }
    port_view view = view_of(engine, index, job);
    bool granted = gate_granted(memory, engine->first_port + index);
    bool answered = gate_answered(memory, engine->first_port + index);
    bool is_draining = port->state >= PORT_GATHER, gathers = port->state == PORT_GATHER;
    uint8_t next = is_draining ? drain_next(port, &view, granted, answered)
                               : fill_next(port, job, &view, granted, answered);
    bool merges = gathers && view.converted_valid && view.joins;
    bool ready = is_draining ? merges && view.is_last_part : true;
    bool advances = ready || !view.converted_valid;
    bool valid = view.has_element && (gathers ? goes : port->state == PORT_EMIT);
    bool steps = valid && advances;
    uint64_t place = (uint64_t)port->place;
    switch (port->state) {
    case PORT_LOW_WAIT:
        if (answered) {
            port->held_valid = true;
            port->held_word = view.word;
        }
        break;
    case PORT_HIGH_WAIT:
        if (answered) {
            port->held_valid = true;
            port->held_word = view.word + 1;
        }
        break;
    case PORT_GATHER:
        if (!merges) break;
        port->pending_mask = (port->pending_valid ? port->pending_mask : 0) | view.part_marks;
        port->pending_word = view.part_word;
        port->pending_valid = true;
        port->is_second = !view.is_last_part;
        break;
    case PORT_WRITE:
        if (granted) port->pending_valid = false;
        break;
    default: break;
    }
    if (advances) gate_convert_step(&port->convert, valid, place);
    if (steps) element_step(port, &view);
    port->state = next;
}
