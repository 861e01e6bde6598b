// What the files of the fast control processor share.
#pragma once
#include <stddef.h>

#include "ApusRV32.h"

#define APUS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define APUS_LIKELY(condition) __builtin_expect(!!(condition), 1)

// Operations of decoded instructions. The order is the order of the labels in RV32Run.c.
// FETCH is zero, so that fresh zero pages are "not yet decoded".
#define APUS_RV32_OPERATIONS(X) \
    X(FETCH) X(WATCH) X(END) \
    X(LUI) X(JAL) X(JAL_FAR) X(JALR) \
    X(BEQ) X(BNE) X(BLT) X(BGE) X(BLTU) X(BGEU) X(BRANCH_FAR) \
    X(LB) X(LH) X(LW) X(LBU) X(LHU) X(SB) X(SH) X(SW) \
    X(ADDI) X(SLTI) X(SLTIU) X(XORI) X(ORI) X(ANDI) X(SLLI) X(SRLI) X(SRAI) \
    X(ADD) X(SUB) X(SLL) X(SLT) X(SLTU) X(XOR) X(SRL) X(SRA) X(OR) X(AND) \
    X(MUL) X(MULH) X(MULHSU) X(MULHU) X(DIV) X(DIVU) X(REM) X(REMU) \
    X(FENCE) X(CSR) X(ECALL) X(EBREAK) X(MRET) X(WFI) X(ILLEGAL)

enum apus_rv32_operation {
#define X(name) APUS_RV32_##name,
    APUS_RV32_OPERATIONS(X)
#undef X
};

/// One instruction, decoded. Branches and jal hold their distance in instructions; auipc becomes
/// lui; x0 as a destination becomes x[32].
struct apus_rv32_decoded {
    uint8_t operation, rd, rs1, rs2;
    int32_t immediate;
};

enum apus_rv32_cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_FAULT = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_FAULT = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_FAULT = 7,
    CAUSE_MACHINE_ECALL = 11,
};

enum { MSTATUS_MIE = 1 << 3, MSTATUS_MPIE = 1 << 7, MSTATUS_MPP = 3 << 11 };
enum { INTERRUPT_SOFTWARE = 3, INTERRUPT_TIMER = 7, INTERRUPT_EXTERNAL = 11 };

/// The outcome of a memory access off the hot path; `cause` and `value` hold the exception.
enum apus_rv32_outcome { OUTCOME_DONE, OUTCOME_STALL, OUTCOME_STOP, OUTCOME_TRAP, OUTCOME_REFRESH };

static inline struct apus_rv32_region *apus_rv32_find(
    struct apus_rv32 *processor, uint32_t address) {
    for (uint32_t i = 0; i < processor->region_count; i++) {
        struct apus_rv32_region *region = &processor->regions[i];
        if (address - region->base < region->bytes) return region;
    }
    return NULL;
}

struct apus_rv32_decoded apus_rv32_decode(
    uint32_t word, uint32_t pc, const struct apus_rv32_region *region);

/// Loads; on OUTCOME_TRAP `*value` is the cause.
enum apus_rv32_outcome apus_rv32_load(
    struct apus_rv32 *processor, uint32_t address, uint32_t bytes, uint32_t *value);

/// Stores; on OUTCOME_TRAP `*cause` is the cause.
enum apus_rv32_outcome apus_rv32_store(
    struct apus_rv32 *processor, uint32_t address, uint32_t bytes, uint32_t value,
    uint32_t *cause);

/// Performs the CSR instruction `word`. REFRESH if interrupts may have become due; TRAP if illegal.
enum apus_rv32_outcome apus_rv32_csr(struct apus_rv32 *processor, uint32_t word);

/// Enters the handler for an exception or, with bit 31 of `cause`, an interrupt.
void apus_rv32_trap(struct apus_rv32 *processor, uint32_t cause, uint32_t value);

uint32_t apus_rv32_pending(const struct apus_rv32 *processor);
