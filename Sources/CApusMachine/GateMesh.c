#include "GateCore.h"
#include <stdlib.h>
struct gate_mesh { int x; };
gate_mesh *gate_mesh_make(const apus_clock_chip *chip) { (void)chip; return calloc(1, sizeof(gate_mesh)); }
void gate_mesh_free(gate_mesh *mesh) { free(mesh); }
void gate_mesh_reset(gate_mesh *mesh) { (void)mesh; }
void gate_mesh_show(gate_mesh *mesh, gate_chip *chip) { (void)mesh; (void)chip; }
void gate_mesh_step(gate_mesh *mesh, gate_chip *chip) { (void)mesh; (void)chip; }
bool gate_mesh_busy(const gate_mesh *mesh) { (void)mesh; return false; }
