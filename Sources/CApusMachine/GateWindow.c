// A scratchpad's AXI slave, cycle by cycle: apus_axi_scratchpad.sv.
#include "GateCore.h"

void gate_window_ask(gate_window *window, const gate_slave *slave, gate_memory *memory) {
    bool writes = window->state == WINDOW_WRITE && slave->w_valid && !slave->w_empty;
    if (!writes && window->state != WINDOW_READ) return;
    gate_ask(memory, GATE_PORT_WINDOW, window->address, writes, slave->w_partial);
}

void gate_window_show(const gate_window *window, gate_slave *slave, const gate_memory *memory) {
    bool granted = gate_granted(memory, GATE_PORT_WINDOW);
    slave->aw_ready = window->state == WINDOW_IDLE;
    slave->ar_ready = window->state == WINDOW_IDLE && !slave->aw_valid;
    slave->w_ready = window->state == WINDOW_WRITE && (granted || slave->w_empty);
    slave->b_valid = window->state == WINDOW_ANSWER;
    slave->r_valid = window->state == WINDOW_SHOW;
    slave->r_last = window->left == 0;
}

void gate_window_step(gate_window *window, const gate_slave *slave, const gate_memory *memory) {
    switch (window->state) {
    case WINDOW_IDLE:
        if (slave->aw_valid) {
            window->address = slave->aw_address & ~7u;
            window->state = WINDOW_WRITE;
        } else if (slave->ar_valid) {
            window->address = slave->ar_address & ~7u;
            window->left = slave->ar_length;
            window->id = slave->ar_id;
            window->state = WINDOW_READ;
        }
        break;
    case WINDOW_WRITE:
        if (!slave->w_valid || !slave->w_ready) break;
        window->address += 8;
        if (slave->w_last) window->state = WINDOW_ANSWER;
        break;
    case WINDOW_ANSWER: if (slave->b_ready) window->state = WINDOW_IDLE; break;
    case WINDOW_READ:
        if (gate_granted(memory, GATE_PORT_WINDOW)) window->state = WINDOW_WAIT;
        break;
    case WINDOW_WAIT:
        if (gate_answered(memory, GATE_PORT_WINDOW)) window->state = WINDOW_SHOW;
        break;
    default:
        if (!slave->r_ready) break;
        window->address += 8;
        window->state = window->left == 0 ? WINDOW_IDLE : WINDOW_READ;
        window->left--;
        break;
    }
}
