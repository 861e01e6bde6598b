// The mesh's routers, cycle by cycle: apus_mesh_network.sv, apus_mesh_router.sv.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PORTS = 6, PORT_CORE = 0, PORT_MEMORY, PORT_NORTH, PORT_EAST, PORT_SOUTH, PORT_WEST };
enum { KIND_READ, KIND_WRITE, KIND_POST };
enum { GATE_NODES_MAX = 64 };
enum { FLITS = 2 };  // apus_mesh_router.sv

typedef struct {
    bool is_head, is_tail, is_memory, is_empty, is_partial;
    uint8_t kind, id;
    /// Where to, and where from; the memory is beside node 0.
    uint8_t target, source;
    uint32_t length;
    uint64_t address;
} gate_flit;

// apus_mesh_router.sv.
typedef struct {
    gate_flit flits[PORTS][FLITS];
    uint32_t count[PORTS];
    uint8_t way[PORTS];
    bool is_held[PORTS];
    uint8_t owner[PORTS];
    uint32_t passed[PORTS];
} gate_router;

/// What a router shows at an output: the input it comes from, PORTS for none.
typedef struct {
    uint8_t from[PORTS];
} gate_shown;

typedef struct {
    uint32_t columns, nodes;
    gate_router *routers;
    gate_shown *outputs;
} gate_network;

/// The memory is beside node 0.
bool gate_network_make(gate_network *network, uint32_t columns, uint32_t nodes);
void gate_network_free(gate_network *network);
void gate_network_reset(gate_network *network);
bool gate_network_busy(const gate_network *network);
/// What the routers show in this cycle.
void gate_network_show(gate_network *network);
/// The flit at an output; NULL if there is none.
const gate_flit *gate_network_at(const gate_network *network, uint32_t node, uint32_t output);
bool gate_network_has_room(const gate_network *network, uint32_t node, uint32_t input);
/// All registers; `ready` is that of the ends, each core's, then memory's, and so is what enters.
void gate_network_step(
    gate_network *network, const bool *ready, const gate_flit *entering, const bool *enters);
