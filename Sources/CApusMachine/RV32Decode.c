// One instruction word to its decoded form.
#include "RV32Internal.h"

static int32_t immediate_i(uint32_t w) { return (int32_t)w >> 20; }

static int32_t immediate_s(uint32_t w) {
    return (int32_t)((uint32_t)((int32_t)w >> 25) << 5 | (w >> 7 & 31));
}

static int32_t immediate_b(uint32_t w) {
    return (int32_t)((uint32_t)((int32_t)w >> 31) << 12 | (w >> 7 & 1) << 11 | (w >> 25 & 63) << 5
                     | (w >> 8 & 15) << 1);
}

static int32_t immediate_j(uint32_t w) {
    return (int32_t)((uint32_t)((int32_t)w >> 31) << 20 | (w >> 12 & 255) << 12
                     | (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1);
}

/// The distance in instructions if the target is an instruction of the region.
static bool is_near(
    uint32_t pc, int32_t offset, const struct apus_rv32_region *region, int32_t *distance) {
    uint32_t target = pc + (uint32_t)offset;
    *distance = offset / 4;
    return (target & 3) == 0 && target - region->base < region->bytes
        && (int64_t)(pc - region->base) + offset == (int64_t)(target - region->base);
}

static uint8_t register_operation(uint32_t funct3, uint32_t funct7) {
    static const uint8_t base[8] = {
        APUS_RV32_ADD, APUS_RV32_SLL, APUS_RV32_SLT, APUS_RV32_SLTU,
        APUS_RV32_XOR, APUS_RV32_SRL, APUS_RV32_OR,  APUS_RV32_AND};
    static const uint8_t multiply[8] = {
        APUS_RV32_MUL, APUS_RV32_MULH, APUS_RV32_MULHSU, APUS_RV32_MULHU,
        APUS_RV32_DIV, APUS_RV32_DIVU, APUS_RV32_REM,    APUS_RV32_REMU};
    if (funct7 == 0) return base[funct3];
    if (funct7 == 1) return multiply[funct3];
    if (funct7 == 0x20 && funct3 == 0) return APUS_RV32_SUB;
    if (funct7 == 0x20 && funct3 == 5) return APUS_RV32_SRA;
    return APUS_RV32_ILLEGAL;
}

static void decode_immediate(struct apus_rv32_decoded *d, uint32_t w) {
    static const uint8_t operations[8] = {
        APUS_RV32_ADDI, APUS_RV32_SLLI, APUS_RV32_SLTI, APUS_RV32_SLTIU,
        APUS_RV32_XORI, APUS_RV32_SRLI, APUS_RV32_ORI,  APUS_RV32_ANDI};
    uint32_t funct3 = w >> 12 & 7, funct7 = w >> 25;
    d->operation = operations[funct3];
    d->immediate = immediate_i(w);
    if (funct3 != 1 && funct3 != 5) return;
    d->immediate &= 31;
    if (funct3 == 5 && funct7 == 0x20) {
        d->operation = APUS_RV32_SRAI;
    } else if (funct7 != 0) {
        d->operation = APUS_RV32_ILLEGAL;
    }
}

static uint8_t system_operation(uint32_t w) {
    uint32_t funct3 = w >> 12 & 7;
    if (funct3 != 0) return funct3 == 4 ? APUS_RV32_ILLEGAL : APUS_RV32_CSR;
    switch (w) {
        case 0x00000073: return APUS_RV32_ECALL;
        case 0x00100073: return APUS_RV32_EBREAK;
        case 0x30200073: return APUS_RV32_MRET;
        case 0x10500073: return APUS_RV32_WFI;
        default: return APUS_RV32_ILLEGAL;
    }
}

struct apus_rv32_decoded apus_rv32_decode(
    uint32_t w, uint32_t pc, const struct apus_rv32_region *region) {
    static const uint8_t branches[8] = {
        APUS_RV32_BEQ, APUS_RV32_BNE, APUS_RV32_ILLEGAL, APUS_RV32_ILLEGAL,
        APUS_RV32_BLT, APUS_RV32_BGE, APUS_RV32_BLTU,    APUS_RV32_BGEU};
    static const uint8_t loads[8] = {
        APUS_RV32_LB,  APUS_RV32_LH,  APUS_RV32_LW,      APUS_RV32_ILLEGAL,
        APUS_RV32_LBU, APUS_RV32_LHU, APUS_RV32_ILLEGAL, APUS_RV32_ILLEGAL};
    static const uint8_t stores[8] = {
        APUS_RV32_SB,      APUS_RV32_SH,      APUS_RV32_SW,      APUS_RV32_ILLEGAL,
        APUS_RV32_ILLEGAL, APUS_RV32_ILLEGAL, APUS_RV32_ILLEGAL, APUS_RV32_ILLEGAL};
    uint32_t rd = w >> 7 & 31, funct3 = w >> 12 & 7;
    struct apus_rv32_decoded d = {
        APUS_RV32_ILLEGAL, (uint8_t)(rd == 0 ? 32 : rd), w >> 15 & 31, w >> 20 & 31, 0};
    switch (w & 127) {
        case 0x37:
            d.operation = APUS_RV32_LUI;
            d.immediate = (int32_t)(w & 0xFFFFF000);
            break;
        case 0x17:
            d.operation = APUS_RV32_LUI;
            d.immediate = (int32_t)(pc + (w & 0xFFFFF000));
            break;
        case 0x6F:
            d.operation = is_near(pc, immediate_j(w), region, &d.immediate)
                ? APUS_RV32_JAL : APUS_RV32_JAL_FAR;
            if (d.operation == APUS_RV32_JAL_FAR) d.immediate = immediate_j(w);
            break;
        case 0x67:
            d.immediate = immediate_i(w);
            if (funct3 == 0) d.operation = APUS_RV32_JALR;
            break;
        case 0x63:
            d.operation = branches[funct3];
            if (d.operation != APUS_RV32_ILLEGAL
                && !is_near(pc, immediate_b(w), region, &d.immediate)) {
                d.operation = APUS_RV32_BRANCH_FAR;
                d.rd = (uint8_t)funct3;
                d.immediate = immediate_b(w);
            }
            break;
        case 0x03:
            d.operation = loads[funct3];
            d.immediate = immediate_i(w);
            break;
        case 0x23:
            d.operation = stores[funct3];
            d.immediate = immediate_s(w);
            break;
        case 0x13: decode_immediate(&d, w); break;
        case 0x33: d.operation = register_operation(funct3, w >> 25); break;
        case 0x0F:
            if (funct3 <= 1) d.operation = APUS_RV32_FENCE;
            break;
        case 0x73: d.operation = system_operation(w); break;
        default: break;
    }
    return d;
}
