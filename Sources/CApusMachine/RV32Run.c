// The hot loop: threaded code over decoded instructions.
//
// `left` counts the steps until the loop must look up: the caller's budget or the next timer
// interrupt. Everything that can change what is due leaves through `refresh`.
//
// RV32RunTimed.c includes this file with APUS_RV32_TIMED: the same loop, which also counts the
// cycles that instructions take beyond their first (rtl/control/apus_rv32.sv).
#include <string.h>

#include "RV32Internal.h"

#ifdef APUS_RV32_TIMED
#define RUN apus_rv32_run_timed
#define TAKE(cycles) (s->extra_cycles += (cycles))
#define TAKE_DATA() (s->data_accesses++, s->extra_cycles += TAKE_MEMORY)
#else
#define RUN apus_rv32_run
#define TAKE(cycles) ((void)0)
#define TAKE_DATA() ((void)0)
#endif

// Beyond the first cycle: apus_core_bus.sv answers from memory in the second, apus_rv32_muldiv.sv
// has a product in the third and a quotient in the thirty-fourth.
enum { TAKE_MEMORY = 1, TAKE_PRODUCT = 2, TAKE_QUOTIENT = 33 };

/// Memory that loads and stores reach without a call; no words if there is none.
struct window {
    uint32_t base, words;
    uint8_t *host;
};

static struct window window_of(const struct apus_rv32_region *region) {
    struct window window = {0, 0, NULL};
    const uint32_t both = APUS_RV32_READ | APUS_RV32_WRITE;
    if (region != NULL && (region->permissions & both) == both) {
        window = (struct window){region->base, region->bytes / 4, region->host};
    }
    return window;
}

static const struct apus_rv32_region *first_data_region(const struct apus_rv32 *p) {
    for (uint32_t i = 0; i < p->region_count; i++) {
        if (p->regions[i].decoded == NULL) return &p->regions[i];
    }
    return NULL;
}

static inline uint32_t rotate_right(uint32_t value, unsigned count) {
    return value >> count | value << (32 - count);
}

// Whether an aligned access of 1 << SHIFT bytes lies in the window: misalignment rotates into the
// top bits and fails the comparison.
#define INSIDE(window, offset, shift) \
    ((shift == 0 ? (offset) >> 2 : rotate_right(offset, shift) >> (2 - shift)) < (window).words)

/// What the inner loop came back for.
enum leave { LEAVE_BOUNDARY, LEAVE_STALLED, LEAVE_STOPPED, LEAVE_EXCEPTION };

static int32_t divide(int32_t a, int32_t b) {
    if (b == 0) return -1;
    if (a == INT32_MIN && b == -1) return a;
    return a / b;
}

static int32_t remainder_of(int32_t a, int32_t b) {
    if (b == 0) return a;
    if (a == INT32_MIN && b == -1) return 0;
    return a % b;
}

static bool is_taken(uint32_t funct3, uint32_t a, uint32_t b) {
    switch (funct3) {
        case 0: return a == b;
        case 1: return a != b;
        case 4: return (int32_t)a < (int32_t)b;
        case 5: return (int32_t)a >= (int32_t)b;
        case 6: return a < b;
        default: return a >= b;
    }
}

// Handlers. A handler ends in NEXT, which counts the step and goes to the next instruction.
#define DISPATCH() goto *labels[ip->operation]
#define COUNT() do { if (APUS_UNLIKELY(--left == 0)) goto boundary; } while (0)
#define NEXT() do { ip++; COUNT(); DISPATCH(); } while (0)
#define A (x[ip->rs1])
#define B (x[ip->rs2])
#define IMMEDIATE ((uint32_t)ip->immediate)
#define PC() (base + 4 * (uint32_t)(ip - code))
#define SYNC() do { s->pc = PC(); s->steps = first + (chunk - left); } while (0)
#define ALU(name, expression) \
    name: x[ip->rd] = (uint32_t)(expression); NEXT();
#define SLOW_ALU(name, cycles, expression) \
    name: x[ip->rd] = (uint32_t)(expression); TAKE(cycles); NEXT();
#define BRANCH(name, condition) \
    name: if (condition) { ip += ip->immediate; COUNT(); DISPATCH(); } NEXT();
#define LOAD(name, type, shift) \
    name: { \
        uint32_t address = A + IMMEDIATE, offset = address - near.base; \
        type loaded; \
        if (APUS_LIKELY(INSIDE(near, offset, shift))) { \
            memcpy(&loaded, near.host + offset, sizeof loaded); \
            TAKE(TAKE_MEMORY); \
        } else if (offset = address - data.base, INSIDE(data, offset, shift)) { \
            memcpy(&loaded, data.host + offset, sizeof loaded); \
            TAKE_DATA(); \
        } else { \
            uint32_t word; \
            SYNC(); \
            outcome = apus_rv32_load(p, address, sizeof loaded, &word); \
            cause = word; \
            value = address; \
            if (outcome == OUTCOME_STALL || outcome == OUTCOME_TRAP) goto unfinished; \
            loaded = (type)word; \
            x[ip->rd] = (uint32_t)(int32_t)loaded; \
            goto finished; \
        } \
        x[ip->rd] = (uint32_t)(int32_t)loaded; \
        NEXT(); \
    }
#define STORE(name, type, shift) \
    name: { \
        uint32_t address = A + IMMEDIATE, offset = address - near.base; \
        type stored = (type)B; \
        if (APUS_LIKELY(INSIDE(near, offset, shift))) { \
            if (APUS_UNLIKELY(code[offset >> 2].operation != APUS_RV32_FETCH)) goto far_store; \
            memcpy(near.host + offset, &stored, sizeof stored); \
            TAKE(TAKE_MEMORY); \
            NEXT(); \
        } \
        offset = address - data.base; \
        if (INSIDE(data, offset, shift)) { \
            memcpy(data.host + offset, &stored, sizeof stored); \
            TAKE_DATA(); \
            NEXT(); \
        } \
        goto far_store; \
    }

static enum leave run_region(
    struct apus_rv32 *p, const struct apus_rv32_region *region, uint64_t chunk) {
    static const void *const labels[] = {
#define X(name) &&name,
        APUS_RV32_OPERATIONS(X)
#undef X
    };
    struct apus_rv32_state *const s = &p->state;
    uint32_t *const x = s->x;
    struct apus_rv32_decoded *const code = region->decoded;
    const uint32_t base = region->base;
    const struct window near = window_of(region), data = window_of(first_data_region(p));
    const uint64_t first = s->steps;
    uint64_t left = chunk;
    struct apus_rv32_decoded *ip = code + (s->pc - base) / 4;
    enum apus_rv32_outcome outcome;
    uint32_t cause, value;
    DISPATCH();

FETCH: {
        uint32_t word;
        memcpy(&word, region->host + (PC() - base), sizeof word);
        *ip = apus_rv32_decode(word, PC(), region);
        DISPATCH();
    }
WATCH:
    cause = CAUSE_FETCH_FAULT;
    value = PC();
    goto exception;
END:
    goto boundary;

    ALU(LUI, IMMEDIATE)
JAL:
    x[ip->rd] = PC() + 4;
    ip += ip->immediate;
    COUNT();
    DISPATCH();
JAL_FAR:
    value = PC() + IMMEDIATE;
    goto far_jump;
JALR:
    value = (A + IMMEDIATE) & ~1u;
    if (APUS_LIKELY(value - base < region->bytes && (value & 2) == 0)) {
        x[ip->rd] = PC() + 4;
        ip = code + (value - base) / 4;
        COUNT();
        DISPATCH();
    }
    goto far_jump;
    BRANCH(BEQ, A == B)
    BRANCH(BNE, A != B)
    BRANCH(BLT, (int32_t)A < (int32_t)B)
    BRANCH(BGE, (int32_t)A >= (int32_t)B)
    BRANCH(BLTU, A < B)
    BRANCH(BGEU, A >= B)
BRANCH_FAR:
    if (!is_taken(ip->rd, A, B)) NEXT();
    value = PC() + IMMEDIATE;
    cause = CAUSE_FETCH_MISALIGNED;
    if (value & 2) goto exception;
    SYNC();
    s->pc = value;
    s->steps++;
    return LEAVE_BOUNDARY;

    LOAD(LB, int8_t, 0)
    LOAD(LH, int16_t, 1)
    LOAD(LW, int32_t, 2)
    LOAD(LBU, uint8_t, 0)
    LOAD(LHU, uint16_t, 1)
    STORE(SB, uint8_t, 0)
    STORE(SH, uint16_t, 1)
    STORE(SW, uint32_t, 2)

    ALU(ADDI, A + IMMEDIATE)
    ALU(SLTI, (int32_t)A < ip->immediate)
    ALU(SLTIU, A < IMMEDIATE)
    ALU(XORI, A ^ IMMEDIATE)
    ALU(ORI, A | IMMEDIATE)
    ALU(ANDI, A & IMMEDIATE)
    ALU(SLLI, A << IMMEDIATE)
    ALU(SRLI, A >> IMMEDIATE)
    ALU(SRAI, (int32_t)A >> ip->immediate)
    ALU(ADD, A + B)
    ALU(SUB, A - B)
    ALU(SLL, A << (B & 31))
    ALU(SLT, (int32_t)A < (int32_t)B)
    ALU(SLTU, A < B)
    ALU(XOR, A ^ B)
    ALU(SRL, A >> (B & 31))
    ALU(SRA, (int32_t)A >> (B & 31))
    ALU(OR, A | B)
    ALU(AND, A & B)
    SLOW_ALU(MUL, TAKE_PRODUCT, A * B)
    SLOW_ALU(MULH, TAKE_PRODUCT, (uint64_t)((int64_t)(int32_t)A * (int32_t)B) >> 32)
    SLOW_ALU(MULHSU, TAKE_PRODUCT, (uint64_t)((int64_t)(int32_t)A * (int64_t)B) >> 32)
    SLOW_ALU(MULHU, TAKE_PRODUCT, (uint64_t)A * B >> 32)
    SLOW_ALU(DIV, TAKE_QUOTIENT, divide((int32_t)A, (int32_t)B))
    SLOW_ALU(DIVU, TAKE_QUOTIENT, B == 0 ? UINT32_MAX : A / B)
    SLOW_ALU(REM, TAKE_QUOTIENT, remainder_of((int32_t)A, (int32_t)B))
    SLOW_ALU(REMU, TAKE_QUOTIENT, B == 0 ? A : A % B)

FENCE:
    NEXT();
CSR: {
        uint32_t word;
        memcpy(&word, region->host + (PC() - base), sizeof word);
        SYNC();
        outcome = apus_rv32_csr(p, word);
        cause = CAUSE_ILLEGAL;
        value = word;
        if (outcome == OUTCOME_TRAP) goto exception;
        goto finished;
    }
ECALL:
    cause = CAUSE_MACHINE_ECALL;
    value = 0;
    goto exception;
EBREAK:
    cause = CAUSE_BREAKPOINT;
    value = PC();
    goto exception;
MRET:
    SYNC();
    s->steps++;
    s->mstatus = MSTATUS_MPP | MSTATUS_MPIE | (s->mstatus & MSTATUS_MPIE ? MSTATUS_MIE : 0);
    s->pc = s->mepc;
    return LEAVE_BOUNDARY;
WFI:
    SYNC();
    s->steps++;
    s->pc += 4;
    // Nothing but the timer can end this sleep: sleep until it does.
    if ((apus_rv32_pending(p) & s->mie) == 0 && s->mie & 1 << INTERRUPT_TIMER
        && s->mtimecmp != UINT64_MAX) {
        s->time_offset = s->mtimecmp - s->steps;
    }
    return LEAVE_BOUNDARY;
ILLEGAL:
    memcpy(&value, region->host + (PC() - base), sizeof value);
    cause = CAUSE_ILLEGAL;
    goto exception;

far_store: {
        uint32_t bytes = 1u << (ip->operation - APUS_RV32_SB);
        value = A + IMMEDIATE;
        SYNC();
        outcome = apus_rv32_store(p, value, bytes, B, &cause);
        if (outcome == OUTCOME_STALL || outcome == OUTCOME_TRAP) goto unfinished;
    }
finished:
    // The access took place; SYNC was called before it.
    if (outcome == OUTCOME_DONE) NEXT();
    s->steps++;
    s->pc += 4;
    return outcome == OUTCOME_STOP ? LEAVE_STOPPED : LEAVE_BOUNDARY;
unfinished:
    if (outcome == OUTCOME_STALL) return LEAVE_STALLED;
    goto exception;
far_jump:
    // `value` is a target that is misaligned or outside of the region.
    cause = CAUSE_FETCH_MISALIGNED;
    if (value & 2) goto exception;
    x[ip->rd] = PC() + 4;
    SYNC();
    s->pc = value;
    s->steps++;
    return LEAVE_BOUNDARY;
boundary:
    SYNC();
    return LEAVE_BOUNDARY;
exception:
    SYNC();
    p->exit_cause = cause;
    p->exit_value = value;
    return LEAVE_EXCEPTION;
}

static const struct apus_rv32_region *executable_at(struct apus_rv32 *p, uint32_t pc) {
    const struct apus_rv32_region *region = apus_rv32_find(p, pc);
    return region != NULL && region->decoded != NULL ? region : NULL;
}

/// Enters the handler; false if its first instruction cannot be fetched.
static bool enter_handler(struct apus_rv32 *p, uint32_t cause, uint32_t value) {
    apus_rv32_trap(p, cause, value);
    if (executable_at(p, p->state.pc) != NULL) return true;
    p->exit_cause = cause;
    p->exit_value = value;
    return false;
}

static bool take_interrupt(struct apus_rv32 *p) {
    uint32_t due = apus_rv32_pending(p) & p->state.mie;
    uint32_t number = INTERRUPT_TIMER;
    if (due & 1 << INTERRUPT_EXTERNAL) number = INTERRUPT_EXTERNAL;
    else if (due & 1 << INTERRUPT_SOFTWARE) number = INTERRUPT_SOFTWARE;
    return enter_handler(p, UINT32_C(1) << 31 | number, 0);
}

static bool interrupt_due(const struct apus_rv32 *p) {
    return (p->state.mstatus & MSTATUS_MIE) && (apus_rv32_pending(p) & p->state.mie);
}

/// The steps until the timer interrupt, if it is enabled and sooner than `steps`.
static uint64_t steps_until_timer(const struct apus_rv32_state *s, uint64_t steps) {
    if (!(s->mstatus & MSTATUS_MIE) || !(s->mie & 1 << INTERRUPT_TIMER)) return steps;
    uint64_t distance = s->mtimecmp - (s->steps + s->time_offset);
    return distance < steps ? distance : steps;
}

enum apus_rv32_exit RUN(struct apus_rv32 *p, uint64_t steps) {
    struct apus_rv32_state *s = &p->state;
    const uint64_t end = s->steps + steps;
    while (s->steps != end) {
        if (APUS_UNLIKELY(interrupt_due(p)) && !take_interrupt(p)) return APUS_RV32_EXIT_LOCKED;
        const struct apus_rv32_region *region = executable_at(p, s->pc);
        enum leave leave = LEAVE_EXCEPTION;
        if (APUS_LIKELY(region != NULL)) {
            leave = run_region(p, region, steps_until_timer(s, end - s->steps));
        } else {
            p->exit_cause = CAUSE_FETCH_FAULT;
            p->exit_value = s->pc;
        }
        if (leave == LEAVE_STALLED) return APUS_RV32_EXIT_STALLED;
        if (leave == LEAVE_STOPPED) return APUS_RV32_EXIT_STOPPED;
        if (leave == LEAVE_EXCEPTION) {
            if (p->stop_on_exception) return APUS_RV32_EXIT_EXCEPTION;
            s->steps++;
            s->exceptions++;
            if (!enter_handler(p, p->exit_cause, p->exit_value)) return APUS_RV32_EXIT_LOCKED;
        }
    }
    return APUS_RV32_EXIT_BUDGET;
}
