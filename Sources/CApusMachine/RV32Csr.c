// Control and status registers of the machine mode.
#include "RV32Internal.h"

enum {
    CSR_MSTATUS = 0x300, CSR_MISA = 0x301, CSR_MIE = 0x304, CSR_MTVEC = 0x305,
    CSR_MSTATUSH = 0x310, CSR_MCOUNTINHIBIT = 0x320, CSR_MHPMEVENT3 = 0x323,
    CSR_MHPMEVENT31 = 0x33F, CSR_MSCRATCH = 0x340, CSR_MEPC = 0x341, CSR_MCAUSE = 0x342,
    CSR_MTVAL = 0x343, CSR_MIP = 0x344, CSR_PMPCFG0 = 0x3A0, CSR_PMPCFG3 = 0x3A3,
    CSR_PMPADDR0 = 0x3B0, CSR_PMPADDR15 = 0x3BF, CSR_TSELECT = 0x7A0, CSR_TINFO = 0x7A4,
    CSR_MCYCLE = 0xB00, CSR_MINSTRET = 0xB02, CSR_MCYCLEH = 0xB80, CSR_MINSTRETH = 0xB82,
    CSR_CYCLE = 0xC00, CSR_TIME = 0xC01, CSR_INSTRET = 0xC02, CSR_CYCLEH = 0xC80,
    CSR_TIMEH = 0xC81, CSR_INSTRETH = 0xC82, CSR_MVENDORID = 0xF11, CSR_MARCHID = 0xF12,
    CSR_MIMPID = 0xF13, CSR_MHARTID = 0xF14, CSR_MCONFIGPTR = 0xF15,
};

/// RV32 with I and M.
enum { MISA = 1 << 30 | 1 << 8 | 1 << 12 };
enum { INHIBIT_CYCLE = 1, INHIBIT_INSTRET = 4 };
enum { INTERRUPTS = 1 << INTERRUPT_SOFTWARE | 1 << INTERRUPT_TIMER | 1 << INTERRUPT_EXTERNAL };

// The value of a counter as the instruction after `done` further steps reads it. An inhibited
// counter's offset is its value.
static uint64_t cycle(const struct apus_rv32_state *s, uint64_t done) {
    return s->cycle_offset + (s->mcountinhibit & INHIBIT_CYCLE ? 0 : s->steps + done);
}

static uint64_t instret(const struct apus_rv32_state *s, uint64_t done) {
    bool inhibited = s->mcountinhibit & INHIBIT_INSTRET;
    return s->instret_offset + (inhibited ? 0 : s->steps - s->exceptions + done);
}

// Sets a counter so that the next instruction reads `value`.
static void set_cycle(struct apus_rv32_state *s, uint64_t value) {
    s->cycle_offset = 0;
    s->cycle_offset = value - cycle(s, 1);
}

static void set_instret(struct apus_rv32_state *s, uint64_t value) {
    s->instret_offset = 0;
    s->instret_offset = value - instret(s, 1);
}

static bool is_zero_counter(uint32_t csr) {
    uint32_t index = csr & 31;
    uint32_t bank = csr & ~31u;
    return index >= 3 && (bank == 0xB00 || bank == 0xB80 || bank == 0xC00 || bank == 0xC80);
}

bool apus_rv32_read_csr(const struct apus_rv32 *p, uint32_t csr, uint32_t *value) {
    const struct apus_rv32_state *s = &p->state;
    switch (csr) {
        case CSR_MSTATUS: *value = s->mstatus; return true;
        case CSR_MISA: *value = MISA; return true;
        case CSR_MIE: *value = s->mie; return true;
        case CSR_MTVEC: *value = s->mtvec; return true;
        case CSR_MCOUNTINHIBIT: *value = s->mcountinhibit; return true;
        case CSR_MSCRATCH: *value = s->mscratch; return true;
        case CSR_MEPC: *value = s->mepc; return true;
        case CSR_MCAUSE: *value = s->mcause; return true;
        case CSR_MTVAL: *value = s->mtval; return true;
        case CSR_MIP: *value = apus_rv32_pending(p); return true;
        case CSR_MCYCLE: case CSR_CYCLE: *value = (uint32_t)cycle(s, 0); return true;
        case CSR_MCYCLEH: case CSR_CYCLEH: *value = (uint32_t)(cycle(s, 0) >> 32); return true;
        case CSR_MINSTRET: case CSR_INSTRET: *value = (uint32_t)instret(s, 0); return true;
        case CSR_MINSTRETH: case CSR_INSTRETH:
            *value = (uint32_t)(instret(s, 0) >> 32);
            return true;
        case CSR_TIME: *value = (uint32_t)(s->steps + s->time_offset); return true;
        case CSR_TIMEH: *value = (uint32_t)((s->steps + s->time_offset) >> 32); return true;
        case CSR_MHARTID: *value = p->hart; return true;
        case CSR_MSTATUSH: case CSR_MVENDORID: case CSR_MARCHID: case CSR_MIMPID:
        case CSR_MCONFIGPTR: *value = 0; return true;
        default: break;
    }
    *value = 0;
    if (csr >= CSR_PMPCFG0 && csr <= CSR_PMPCFG3) *value = s->pmpcfg[csr - CSR_PMPCFG0];
    else if (csr >= CSR_PMPADDR0 && csr <= CSR_PMPADDR15) *value = s->pmpaddr[csr - CSR_PMPADDR0];
    else
        return is_zero_counter(csr) || (csr >= CSR_MHPMEVENT3 && csr <= CSR_MHPMEVENT31)
            || (csr >= CSR_TSELECT && csr <= CSR_TINFO);
    return true;
}

static void inhibit(struct apus_rv32_state *s, uint32_t value) {
    uint64_t cycles = cycle(s, 1), instructions = instret(s, 1);
    s->mcountinhibit = value & (INHIBIT_CYCLE | INHIBIT_INSTRET);
    set_cycle(s, cycles);
    set_instret(s, instructions);
}

static uint64_t with_low(uint64_t whole, uint32_t low) {
    return (whole & ~(uint64_t)UINT32_MAX) | low;
}

static uint64_t with_high(uint64_t whole, uint32_t high) {
    return (whole & UINT32_MAX) | (uint64_t)high << 32;
}

/// Writes a register that exists and is not read-only by its number.
static void write_csr(struct apus_rv32 *p, uint32_t csr, uint32_t value) {
    struct apus_rv32_state *s = &p->state;
    switch (csr) {
        case CSR_MSTATUS:
            s->mstatus = MSTATUS_MPP | (value & (MSTATUS_MIE | MSTATUS_MPIE));
            return;
        case CSR_MIE: s->mie = value & INTERRUPTS; return;
        case CSR_MTVEC: s->mtvec = value & ~2u; return;
        case CSR_MCOUNTINHIBIT: inhibit(s, value); return;
        case CSR_MSCRATCH: s->mscratch = value; return;
        case CSR_MEPC: s->mepc = value & ~3u; return;
        case CSR_MCAUSE: s->mcause = value; return;
        case CSR_MTVAL: s->mtval = value; return;
        case CSR_MCYCLE: set_cycle(s, with_low(cycle(s, 0), value)); return;
        case CSR_MCYCLEH: set_cycle(s, with_high(cycle(s, 0), value)); return;
        case CSR_MINSTRET: set_instret(s, with_low(instret(s, 0), value)); return;
        case CSR_MINSTRETH: set_instret(s, with_high(instret(s, 0), value)); return;
        default: break;
    }
    // No entry can be locked, so none has an effect on machine mode.
    if (csr >= CSR_PMPCFG0 && csr <= CSR_PMPCFG3) s->pmpcfg[csr - CSR_PMPCFG0] = value & 0x1F1F1F1F;
    if (csr >= CSR_PMPADDR0 && csr <= CSR_PMPADDR15) s->pmpaddr[csr - CSR_PMPADDR0] = value;
}

enum apus_rv32_outcome apus_rv32_csr(struct apus_rv32 *p, uint32_t word) {
    uint32_t csr = word >> 20, funct3 = word >> 12 & 7;
    uint32_t source = word >> 15 & 31, rd = word >> 7 & 31;
    uint32_t operand = funct3 & 4 ? source : p->state.x[source];
    bool writes = (funct3 & 3) == 1 || source != 0;
    uint32_t old;
    if (!apus_rv32_read_csr(p, csr, &old) || (writes && csr >> 10 == 3)) return OUTCOME_TRAP;
    if (writes) {
        uint32_t value = operand;
        if ((funct3 & 3) == 2) value = old | operand;
        if ((funct3 & 3) == 3) value = old & ~operand;
        write_csr(p, csr, value);
    }
    p->state.x[rd == 0 ? 32 : rd] = old;
    return writes && (csr == CSR_MSTATUS || csr == CSR_MIE) ? OUTCOME_REFRESH : OUTCOME_DONE;
}
