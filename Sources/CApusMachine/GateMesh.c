// The mesh, cycle by cycle: apus_mesh_top.sv and its routers, requesters and responders, and the
// memory port behind it.
#include "GateCore.h"
#include "GateRouter.h"

#include <stdlib.h>
#include <string.h>

enum { CHOICE_NONE, CHOICE_WRITE, CHOICE_POST, CHOICE_READ };
enum { ANSWER_HEADER, ANSWER_WRITTEN, ANSWER_WORDS };
// apus_mesh_responder.sv, apus_mesh_top.sv.
enum { CORE_DEPTH = 8, MEMORY_DEPTH = 16 };

// apus_mesh_requester.sv.
typedef struct {
    uint8_t choice, id, chosen;
    bool is_writing;
} requester;

typedef struct {
    uint8_t source, id;
} asker;

// apus_mesh_responder.sv.
typedef struct {
    bool is_writing, shows_read;
    uint8_t state;
    asker readers[MEMORY_DEPTH], writers[MEMORY_DEPTH];
    uint32_t reader_count, writer_count, depth;
} responder;

struct gate_mesh {
    uint32_t columns, nodes;
    gate_network requests, answers;
    requester *requesters;
    /// The last is memory's.
    responder *responders;
    bool release;
};

gate_mesh *gate_mesh_make(const apus_clock_chip *chip) {
    gate_mesh *mesh = calloc(1, sizeof *mesh);
    if (mesh == NULL) return NULL;
    mesh->columns = chip->mesh_columns;
    mesh->nodes = chip->core_count;
    bool is_whole = gate_network_make(&mesh->requests, mesh->columns, mesh->nodes)
        && gate_network_make(&mesh->answers, mesh->columns, mesh->nodes);
    mesh->requesters = calloc(mesh->nodes, sizeof(requester));
    mesh->responders = calloc(mesh->nodes + 1, sizeof(responder));
    if (is_whole && mesh->requesters != NULL && mesh->responders != NULL) return mesh;
    gate_mesh_free(mesh);
    return NULL;
}

void gate_mesh_free(gate_mesh *mesh) {
    if (mesh == NULL) return;
    gate_network_free(&mesh->requests);
    gate_network_free(&mesh->answers);
    free(mesh->requesters);
    free(mesh->responders);
    free(mesh);
}

void gate_mesh_reset(gate_mesh *mesh) {
    gate_network_reset(&mesh->requests);
    gate_network_reset(&mesh->answers);
    memset(mesh->requesters, 0, mesh->nodes * sizeof(requester));
    memset(mesh->responders, 0, (mesh->nodes + 1) * sizeof(responder));
    for (uint32_t i = 0; i <= mesh->nodes; i++) {
        mesh->responders[i].depth = i == mesh->nodes ? MEMORY_DEPTH : CORE_DEPTH;
    }
    mesh->release = false;
}

bool gate_mesh_busy(const gate_mesh *mesh) {
    if (gate_network_busy(&mesh->requests) || gate_network_busy(&mesh->answers)) return true;
    for (uint32_t i = 0; i <= mesh->nodes; i++) {
        const responder *r = &mesh->responders[i];
        if (r->reader_count != 0 || r->writer_count != 0) return true;
    }
    return false;
}

// A cycle: what everybody sees --------------------------------------------------------------------

static uint8_t choose(const requester *r, const gate_core *core, uint32_t reader) {
    if (r->is_writing) return CHOICE_NONE;
    if (r->choice != CHOICE_NONE) return r->choice;
    if (core->axi[1].aw_valid) return CHOICE_WRITE;
    if (core->posts_remotely && !core->remote_taken) return CHOICE_POST;
    return reader != 2 ? CHOICE_READ : CHOICE_NONE;
}

static void show_core(gate_mesh *mesh, gate_core *core, uint32_t n) {
    requester *r = &mesh->requesters[n];
    uint32_t reader = gate_core_reader(core);
    bool room = gate_network_has_room(&mesh->requests, n, PORT_CORE);
    r->chosen = choose(r, core, reader);
    core->axi[1].aw_ready = r->chosen == CHOICE_WRITE && room;
    core->axi[1].w_ready = r->is_writing && room;
    if (reader != 2) core->axi[reader].ar_ready = r->chosen == CHOICE_READ && room;
    const gate_flit *answer = gate_network_at(&mesh->answers, n, PORT_CORE);
    if (answer != NULL && answer->is_head && answer->kind == KIND_WRITE) {
        core->axi[1].b_valid = true;
    } else if (answer != NULL && !answer->is_head) {
        core->axi[r->id].r_valid = true;
    }
}

/// Requests for a core's scratchpad, and its posts.
static void show_slave(gate_mesh *mesh, gate_core *core, uint32_t n) {
    const responder *r = &mesh->responders[n];
    const gate_flit *request = gate_network_at(&mesh->requests, n, PORT_CORE);
    gate_slave *slave = &core->slave;
    bool room = gate_network_has_room(&mesh->answers, n, PORT_CORE);
    core->posted = false;
    slave->b_ready = r->state == ANSWER_WRITTEN && room;
    slave->r_ready = r->state == ANSWER_WORDS && room;
    if (request == NULL) return;
    if (r->is_writing) {
        slave->w_valid = true;
        slave->w_last = request->is_tail;
        slave->w_empty = request->is_empty;
        slave->w_partial = request->is_partial;
        return;
    }
    if (!request->is_head) return;
    if (request->kind == KIND_POST) {
        core->posted = true;
        core->posted_value = (uint32_t)request->address;
    } else if (request->kind == KIND_WRITE) {
        slave->aw_valid = r->writer_count != r->depth;
        slave->aw_address = (uint32_t)request->address;
    } else {
        slave->ar_valid = r->reader_count != r->depth;
        slave->ar_address = (uint32_t)request->address;
        slave->ar_length = request->length;
    }
}

void gate_mesh_show(gate_mesh *mesh, gate_chip *chip) {
    gate_network_show(&mesh->requests);
    gate_network_show(&mesh->answers);
    for (uint32_t n = 0; n < mesh->nodes; n++) {
        show_core(mesh, &chip->cores[n], n);
        show_slave(mesh, &chip->cores[n], n);
    }
}

// A cycle: what changes ---------------------------------------------------------------------------

static uint8_t target_of(uint64_t address, bool *is_memory) {
    *is_memory = address >> 40 != 1;
    return *is_memory ? 0 : (uint8_t)(address >> 32);
}

/// What a core sends into the mesh in this cycle; false if nothing.
static bool send(gate_mesh *mesh, gate_core *core, uint32_t n, gate_flit *sent) {
    requester *r = &mesh->requesters[n];
    const gate_axi *store = &core->axi[1];
    uint32_t reader = gate_core_reader(core);
    bool room = gate_network_has_room(&mesh->requests, n, PORT_CORE);
    *sent = (gate_flit){.is_head = true, .is_tail = true, .source = (uint8_t)n};
    bool is_sent = r->chosen != CHOICE_NONE;
    if (r->is_writing) {
        is_sent = store->w_valid;
        sent->is_head = false;
        sent->is_tail = store->w_last;
        sent->is_empty = store->w_empty;
        sent->is_partial = store->w_partial;
    } else if (r->chosen == CHOICE_WRITE) {
        sent->kind = KIND_WRITE;
        sent->is_tail = false;
        sent->id = 1;
        sent->length = store->aw_length;
        sent->address = store->aw_address;
        sent->target = target_of(sent->address, &sent->is_memory);
    } else if (r->chosen == CHOICE_POST) {
        sent->kind = KIND_POST;
        sent->address = core->remote_value & 0x1FFFFF;
        sent->target = (uint8_t)(core->remote_value >> 24);
    } else if (r->chosen == CHOICE_READ) {
        sent->kind = KIND_READ;
        sent->id = (uint8_t)reader;
        sent->length = core->axi[reader].ar_length;
        sent->address = core->axi[reader].ar_address;
        sent->target = target_of(sent->address, &sent->is_memory);
    }
    bool enters = is_sent && room;
    if (enters && r->chosen == CHOICE_POST) {
        core->remote_taken = true;
        core->posts_remotely = false;
    }
    gate_core_reader_step(core, reader, reader != 2 && core->axi[reader].ar_ready);
    r->choice = room ? CHOICE_NONE : r->chosen;
    if (store->aw_ready && store->aw_valid) r->is_writing = true;
    else if (r->is_writing && store->w_valid && store->w_ready && store->w_last) {
        r->is_writing = false;
    }
    return enters;
}

/// AXI of a responder in this cycle: what it heard.
typedef struct {
    bool ar_ready, aw_ready, w_ready, r_valid, r_last, b_valid, post_ready;
} heard;

/// A responder's answer in this cycle, and its registers; whether the request was taken.
static bool respond(
    responder *r, const gate_flit *request, const heard *axi, bool room, gate_flit *answer,
    bool *enters) {
    bool is_taken = false, reads = false, writes = false;
    if (request != NULL) {
        bool is_head = request->is_head && !r->is_writing;
        reads = is_head && request->kind == KIND_READ && r->reader_count != r->depth
            && axi->ar_ready;
        writes = is_head && request->kind == KIND_WRITE && r->writer_count != r->depth
            && axi->aw_ready;
        is_taken = reads || writes || (is_head && request->kind == KIND_POST && axi->post_ready)
            || (r->is_writing && axi->w_ready);
    }
    bool chooses_write = axi->b_valid && r->writer_count != 0 && !r->shows_read;
    bool read_answered = false, write_answered = false, valid = false;
    uint8_t state = r->state;
    *answer = (gate_flit){.is_head = state != ANSWER_WORDS};
    if (state == ANSWER_HEADER) {
        valid = axi->r_valid && r->reader_count != 0 && !chooses_write;
        answer->kind = KIND_READ;
        answer->target = r->readers[0].source;
        answer->id = r->readers[0].id;
        if (chooses_write) r->state = ANSWER_WRITTEN;
        else if (valid && room) r->state = ANSWER_WORDS;
    } else if (state == ANSWER_WRITTEN) {
        valid = true;
        answer->kind = KIND_WRITE;
        answer->is_tail = true;
        answer->target = r->writers[0].source;
        answer->id = r->writers[0].id;
        write_answered = room;
        if (room) r->state = ANSWER_HEADER;
    } else {
        valid = axi->r_valid;
        answer->is_tail = axi->r_last;
        answer->target = r->readers[0].source;
        read_answered = valid && room && axi->r_last;
        if (read_answered) r->state = ANSWER_HEADER;
    }
    *enters = valid && room;
    r->shows_read = state == ANSWER_HEADER && valid && !room;
    if (read_answered) memmove(r->readers, r->readers + 1, --r->reader_count * sizeof *r->readers);
    if (write_answered) memmove(r->writers, r->writers + 1, --r->writer_count * sizeof *r->writers);
    if (reads) r->readers[r->reader_count++] = (asker){request->source, request->id};
    if (writes) r->writers[r->writer_count++] = (asker){request->source, request->id};
    if (writes) r->is_writing = true;
    else if (r->is_writing && is_taken && request->is_tail) r->is_writing = false;
    return is_taken;
}

/// The memory port: what it says, then what it takes.
static bool step_memory(
    gate_mesh *mesh, gate_port *port, const gate_flit *request, bool room, gate_flit *answer,
    bool *enters) {
    responder *r = &mesh->responders[mesh->nodes];
    bool is_writing = r->is_writing;
    uint8_t state = r->state;
    heard axi = {.ar_ready = true, .aw_ready = true, .w_ready = port->writes.count != 0};
    axi.r_valid = port->reads.count != 0 && gate_bursts_front(&port->reads)->due <= port->cycle;
    axi.r_last = axi.r_valid && gate_bursts_front(&port->reads)->beats == 0;
    axi.b_valid =
        port->answers.count != 0 && gate_bursts_front(&port->answers)->due <= port->cycle;
    bool is_taken = respond(r, request, &axi, room, answer, enters);
    if (axi.r_valid && state == ANSWER_WORDS && room) {
        if (gate_bursts_front(&port->reads)->beats-- == 0) gate_bursts_pop(&port->reads);
    }
    if (axi.b_valid && state == ANSWER_WRITTEN && room) gate_bursts_pop(&port->answers);
    uint64_t due = port->cycle + port->latency;
    if (is_taken && is_writing && request->is_tail) {
        gate_bursts_push(&port->answers, (gate_burst){.due = due});
        gate_bursts_pop(&port->writes);
    }
    if (is_taken && !is_writing && request->kind == KIND_READ) {
        gate_bursts_push(&port->reads, (gate_burst){.beats = request->length, .due = due});
    }
    if (is_taken && !is_writing && request->kind == KIND_WRITE) {
        gate_bursts_push(&port->writes, (gate_burst){0});
    }
    port->cycle++;
    return is_taken;
}

void gate_mesh_step(gate_mesh *mesh, gate_chip *chip) {
    enum { ENDS_MAX = GATE_NODES_MAX + 1 };
    bool request_ready[ENDS_MAX] = {false}, answer_ready[ENDS_MAX] = {false};
    bool asks[ENDS_MAX] = {false}, answers[ENDS_MAX] = {false};
    gate_flit asked[ENDS_MAX], answered[ENDS_MAX];
    bool all_arrived = true;
    for (uint32_t n = 0; n < mesh->nodes; n++) {
        gate_core *core = &chip->cores[n];
        const gate_slave *slave = &core->slave;
        all_arrived = all_arrived && core->arrives;
        const gate_flit *answer = gate_network_at(&mesh->answers, n, PORT_CORE);
        if (answer != NULL && answer->is_head) mesh->requesters[n].id = answer->id;
        answer_ready[n] = true;
        asks[n] = send(mesh, core, n, &asked[n]);
        heard axi = {slave->ar_ready, slave->aw_ready, slave->w_ready, slave->r_valid,
                     slave->r_last, slave->b_valid, core->posted_taken};
        request_ready[n] = respond(
            &mesh->responders[n], gate_network_at(&mesh->requests, n, PORT_CORE), &axi,
            gate_network_has_room(&mesh->answers, n, PORT_CORE), &answered[n], &answers[n]);
    }
    request_ready[mesh->nodes] = step_memory(
        mesh, &chip->port, gate_network_at(&mesh->requests, 0, PORT_MEMORY),
        gate_network_has_room(&mesh->answers, 0, PORT_MEMORY), &answered[mesh->nodes],
        &answers[mesh->nodes]);
    answer_ready[mesh->nodes] = true;
    mesh->release = all_arrived && !mesh->release;
    for (uint32_t n = 0; n < mesh->nodes; n++) chip->cores[n].has_passed = mesh->release;
    gate_network_step(&mesh->requests, request_ready, asked, asks);
    gate_network_step(&mesh->answers, answer_ready, answered, answers);
}
