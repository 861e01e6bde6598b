// The mesh's routers, cycle by cycle: apus_mesh_network.sv, apus_mesh_router.sv.
#include "GateRouter.h"

#include <stdlib.h>
#include <string.h>

bool gate_network_make(gate_network *net, uint32_t columns, uint32_t nodes) {
    net->columns = columns;
    net->nodes = nodes;
    net->routers = calloc(nodes, sizeof *net->routers);
    net->outputs = calloc(nodes, sizeof *net->outputs);
    return net->routers != NULL && net->outputs != NULL;
}

void gate_network_free(gate_network *net) {
    free(net->routers);
    free(net->outputs);
}

void gate_network_reset(gate_network *net) {
    memset(net->routers, 0, net->nodes * sizeof *net->routers);
}

bool gate_network_busy(const gate_network *net) {
    for (uint32_t n = 0; n < net->nodes; n++) {
        for (int p = 0; p < PORTS; p++) {
            if (net->routers[n].count[p] != 0) return true;
        }
    }
    return false;
}

static uint8_t way_of(const gate_network *net, uint32_t node, const gate_flit *head) {
    uint32_t x = node % net->columns, y = node / net->columns;
    uint32_t to_x = head->target % net->columns, to_y = head->target / net->columns;
    if (to_x > x) return PORT_EAST;
    if (to_x < x) return PORT_WEST;
    if (to_y > y) return PORT_SOUTH;
    if (to_y < y) return PORT_NORTH;
    return head->is_memory ? PORT_MEMORY : PORT_CORE;
}

void gate_network_show(gate_network *net) {
    for (uint32_t n = 0; n < net->nodes; n++) {
        gate_router *r = &net->routers[n];
        uint32_t asking[PORTS] = {0};
        for (uint32_t i = 0; i < PORTS; i++) {
            if (r->count[i] == 0) continue;
            const gate_flit *head = &r->flits[i][0];
            uint8_t way = head->is_head ? way_of(net, n, head) : r->way[i];
            asking[way] |= 1u << i;
        }
        for (uint32_t o = 0; o < PORTS; o++) {
            uint32_t ahead = asking[o] & ~r->passed[o];
            uint8_t owner = PORTS;
            if (r->is_held[o]) owner = asking[o] >> r->owner[o] & 1 ? r->owner[o] : PORTS;
            else if (asking[o] != 0) {
                owner = (uint8_t)__builtin_ctz(ahead != 0 ? ahead : asking[o]);
            }
            net->outputs[n].from[o] = owner;
        }
    }
}

/// The gate_flit that a network shows at an output; NULL if none.
const gate_flit *gate_network_at(const gate_network *net, uint32_t node, uint32_t output) {
    uint8_t from = net->outputs[node].from[output];
    return from == PORTS ? NULL : &net->routers[node].flits[from][0];
}

bool gate_network_has_room(const gate_network *net, uint32_t node, uint32_t input) {
    return net->routers[node].count[input] != FLITS;
}

/// The router and port on the other side of an output that is a link; false if it is none.
static bool other_side(
    const gate_network *net, uint32_t node, uint32_t output, uint32_t *other, uint32_t *input) {
    uint32_t x = node % net->columns, rows = net->nodes / net->columns;
    switch (output) {
    case PORT_NORTH:
        *other = node - net->columns;
        *input = PORT_SOUTH;
        return node >= net->columns;
    case PORT_SOUTH:
        *other = node + net->columns;
        *input = PORT_NORTH;
        return node / net->columns + 1 < rows;
    case PORT_WEST: *other = node - 1; *input = PORT_EAST; return x > 0;
    case PORT_EAST: *other = node + 1; *input = PORT_WEST; return x + 1 < net->columns;
    default: return false;
    }
}

/// A flit that passes an output in this cycle.
typedef struct {
    bool passes;
    gate_flit flit;
} move;

/// Which flits pass their outputs.
static void find_moves(const gate_network *net, const bool *ready, move (*moves)[PORTS]) {
    for (uint32_t n = 0; n < net->nodes; n++) {
        for (uint32_t o = 0; o < PORTS; o++) {
            uint32_t other = 0, input = 0;
            bool is_ready = false;
            if (o == PORT_CORE) is_ready = ready[n];
            else if (o == PORT_MEMORY) is_ready = n == 0 && ready[net->nodes];
            else if (other_side(net, n, o, &other, &input)) {
                is_ready = gate_network_has_room(net, other, input);
            }
            const gate_flit *shown = gate_network_at(net, n, o);
            moves[n][o].passes = shown != NULL && is_ready;
            if (moves[n][o].passes) moves[n][o].flit = *shown;
        }
    }
}

/// The owners of a router's outputs, and the flits that leave its inputs.
static void leave(gate_router *r, const gate_shown *shown, const move *moves) {
    for (uint32_t o = 0; o < PORTS; o++) {
        uint8_t from = shown->from[o];
        if (from == PORTS) continue;
        bool was_held = r->is_held[o];
        r->is_held[o] = !(moves[o].passes && moves[o].flit.is_tail);
        r->owner[o] = from;
        if (moves[o].passes && !was_held) r->passed[o] = (2u << from) - 1;
    }
    for (uint32_t o = 0; o < PORTS; o++) {
        if (!moves[o].passes) continue;
        uint8_t from = shown->from[o];
        r->way[from] = (uint8_t)o;
        r->flits[from][0] = r->flits[from][1];
        r->count[from]--;
    }
}

static void enter(gate_router *r, uint32_t input, const gate_flit *entering) {
    r->flits[input][r->count[input]++] = *entering;
}

void gate_network_step(
    gate_network *net, const bool *ready, const gate_flit *entering, const bool *enters) {
    move moves[GATE_NODES_MAX][PORTS];
    find_moves(net, ready, moves);
    for (uint32_t n = 0; n < net->nodes; n++) leave(&net->routers[n], &net->outputs[n], moves[n]);
    for (uint32_t n = 0; n < net->nodes; n++) {
        for (uint32_t o = 0; o < PORTS; o++) {
            uint32_t other, input;
            if (!moves[n][o].passes || !other_side(net, n, o, &other, &input)) continue;
            enter(&net->routers[other], input, &moves[n][o].flit);
        }
    }
    for (uint32_t end = 0; end <= net->nodes; end++) {
        if (!enters[end]) continue;
        bool is_memory = end == net->nodes;
        enter(&net->routers[is_memory ? 0 : end], is_memory ? PORT_MEMORY : PORT_CORE,
              &entering[end]);
    }
}
