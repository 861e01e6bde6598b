// The control processor off the hot path: making one, memory that is not the hottest, traps.
#include <stdlib.h>
#include <string.h>

#include "RV32Internal.h"

struct apus_rv32 *apus_rv32_make(void) {
    struct apus_rv32 *p = calloc(1, sizeof *p);
    if (p != NULL) apus_rv32_reset(p, 0);
    return p;
}

void apus_rv32_free(struct apus_rv32 *p) {
    if (p == NULL) return;
    for (uint32_t i = 0; i < p->region_count; i++) free(p->regions[i].decoded);
    free(p);
}

void apus_rv32_reset(struct apus_rv32 *p, uint32_t pc) {
    memset(&p->state, 0, sizeof p->state);
    p->state.pc = pc;
    p->state.mstatus = MSTATUS_MPP;
    p->state.mtimecmp = UINT64_MAX;
}

bool apus_rv32_add_region(
    struct apus_rv32 *p, uint32_t base, uint32_t bytes, uint8_t *host, uint32_t permissions) {
    if (p->region_count == APUS_RV32_REGIONS_MAX || bytes == 0 || (base | bytes) & 3) return false;
    uint64_t end = (uint64_t)base + bytes;
    if (end > UINT64_C(1) << 32) return false;
    for (uint32_t i = 0; i < p->region_count; i++) {
        const struct apus_rv32_region *other = &p->regions[i];
        if (base < (uint64_t)other->base + other->bytes && other->base < end) return false;
    }
    struct apus_rv32_region region = {base, bytes, host, permissions, NULL};
    if (permissions & APUS_RV32_EXECUTE) {
        // One more than there are words: falling off the end is an operation of its own.
        size_t count = bytes / 4;
        region.decoded = calloc(count + 1, sizeof *region.decoded);
        if (region.decoded == NULL) return false;
        region.decoded[count].operation = APUS_RV32_END;
    }
    p->regions[p->region_count++] = region;
    return true;
}

bool apus_rv32_watch(struct apus_rv32 *p, uint32_t address) {
    struct apus_rv32_region *region = apus_rv32_find(p, address);
    if (region == NULL || region->decoded == NULL || address & 3) return false;
    region->decoded[(address - region->base) / 4].operation = APUS_RV32_WATCH;
    return true;
}

static void forget(struct apus_rv32_region *region, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i <= last; i++) {
        struct apus_rv32_decoded *d = &region->decoded[i];
        if (d->operation > APUS_RV32_END) d->operation = APUS_RV32_FETCH;
    }
}

void apus_rv32_code_changed(struct apus_rv32 *p, uint32_t address, uint32_t bytes) {
    uint64_t end = (uint64_t)address + bytes;
    for (uint32_t i = 0; i < p->region_count && bytes != 0; i++) {
        struct apus_rv32_region *region = &p->regions[i];
        uint64_t region_end = (uint64_t)region->base + region->bytes;
        if (region->decoded == NULL || end <= region->base || address >= region_end) continue;
        uint32_t from = address > region->base ? address - region->base : 0;
        uint32_t to = (uint32_t)((end < region_end ? end : region_end) - region->base);
        forget(region, from / 4, (to - 1) / 4);
    }
}

enum { TIMER_BASE = 0x02000000, TIMER_MSIP = 0, TIMER_COMPARE = 0x4000, TIMER_TIME = 0xBFF8 };

static uint64_t replace_half(uint64_t whole, bool high, uint32_t half) {
    if (high) return (whole & UINT32_MAX) | (uint64_t)half << 32;
    return (whole & ~(uint64_t)UINT32_MAX) | half;
}

/// The registers of the timer: words only.
static int32_t timer_access(
    struct apus_rv32 *p, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value) {
    struct apus_rv32_state *s = &p->state;
    uint32_t offset = address - TIMER_BASE;
    bool high = offset & 4;
    if (bytes != 4) return APUS_RV32_FAULT;
    if (offset == TIMER_MSIP) {
        if (is_store) s->software_pending = *value & 1;
        else *value = s->software_pending;
        return APUS_RV32_DONE;
    }
    if ((offset & ~4u) == TIMER_COMPARE) {
        if (is_store) s->mtimecmp = replace_half(s->mtimecmp, high, *value);
        else *value = (uint32_t)(s->mtimecmp >> (high ? 32 : 0));
        return APUS_RV32_DONE;
    }
    if ((offset & ~4u) == TIMER_TIME) {
        uint64_t now = s->steps + s->time_offset;
        // What is written is what the next instruction reads.
        if (is_store) s->time_offset = replace_half(now, high, *value) - (s->steps + 1);
        else *value = (uint32_t)(now >> (high ? 32 : 0));
        return APUS_RV32_DONE;
    }
    return APUS_RV32_FAULT;
}

static bool is_timer(const struct apus_rv32 *p, uint32_t address) {
    return p->has_timer && address - TIMER_BASE < 0x10000;
}

static enum apus_rv32_outcome outside_access(
    struct apus_rv32 *p, uint32_t address, uint32_t bytes, bool is_store, uint32_t *value) {
    int32_t answer = APUS_RV32_FAULT;
    bool timer = is_timer(p, address);
    if (timer) {
        answer = timer_access(p, address, bytes, is_store, value);
    } else if (p->access != NULL) {
        answer = p->access(p->context, address, bytes, is_store, value);
    }
    switch (answer) {
        case APUS_RV32_DONE: return timer && is_store ? OUTCOME_REFRESH : OUTCOME_DONE;
        case APUS_RV32_STALL: return OUTCOME_STALL;
        case APUS_RV32_STOP: return OUTCOME_STOP;
        default: return OUTCOME_TRAP;
    }
}

enum apus_rv32_outcome apus_rv32_load(
    struct apus_rv32 *p, uint32_t address, uint32_t bytes, uint32_t *value) {
    struct apus_rv32_region *region = apus_rv32_find(p, address);
    bool misaligned = address & (bytes - 1);
    uint32_t result = 0;
    if (misaligned && (region == NULL || p->trap_misaligned)) {
        *value = CAUSE_LOAD_MISALIGNED;
        return OUTCOME_TRAP;
    }
    if (region == NULL) {
        enum apus_rv32_outcome outcome = outside_access(p, address, bytes, false, &result);
        *value = outcome == OUTCOME_TRAP ? CAUSE_LOAD_FAULT : result;
        return outcome;
    }
    uint32_t offset = address - region->base;
    if (!(region->permissions & APUS_RV32_READ) || bytes > region->bytes - offset) {
        *value = CAUSE_LOAD_FAULT;
        return OUTCOME_TRAP;
    }
    memcpy(&result, region->host + offset, bytes);
    *value = result;
    return OUTCOME_DONE;
}

enum apus_rv32_outcome apus_rv32_store(
    struct apus_rv32 *p, uint32_t address, uint32_t bytes, uint32_t value, uint32_t *cause) {
    struct apus_rv32_region *region = apus_rv32_find(p, address);
    bool misaligned = address & (bytes - 1);
    *cause = CAUSE_STORE_FAULT;
    if (misaligned && (region == NULL || p->trap_misaligned)) {
        *cause = CAUSE_STORE_MISALIGNED;
        return OUTCOME_TRAP;
    }
    value &= UINT32_MAX >> (32 - 8 * bytes);
    if (region == NULL) return outside_access(p, address, bytes, true, &value);
    uint32_t offset = address - region->base;
    if (!(region->permissions & APUS_RV32_WRITE) || bytes > region->bytes - offset) {
        return OUTCOME_TRAP;
    }
    memcpy(region->host + offset, &value, bytes);
    if (region->decoded == NULL) return OUTCOME_DONE;
    uint32_t first = offset / 4, last = (offset + bytes - 1) / 4;
    bool watched = region->decoded[first].operation == APUS_RV32_WATCH
        || region->decoded[last].operation == APUS_RV32_WATCH;
    forget(region, first, last);
    if (watched && p->access != NULL
        && p->access(p->context, address, bytes, true, &value) == APUS_RV32_STOP) {
        return OUTCOME_STOP;
    }
    return OUTCOME_DONE;
}

uint32_t apus_rv32_pending(const struct apus_rv32 *p) {
    const struct apus_rv32_state *s = &p->state;
    bool timer = s->steps + s->time_offset >= s->mtimecmp;
    return s->software_pending << INTERRUPT_SOFTWARE | (uint32_t)timer << INTERRUPT_TIMER
        | s->external_pending << INTERRUPT_EXTERNAL;
}

void apus_rv32_trap(struct apus_rv32 *p, uint32_t cause, uint32_t value) {
    struct apus_rv32_state *s = &p->state;
    s->mepc = s->pc;
    s->mcause = cause;
    s->mtval = value;
    s->mstatus = MSTATUS_MPP | (s->mstatus & MSTATUS_MIE ? MSTATUS_MPIE : 0);
    bool vectored = s->mtvec & 1 && cause >> 31;
    s->pc = (s->mtvec & ~3u) + (vectored ? 4 * (cause & 0x7FFFFFFF) : 0);
}
