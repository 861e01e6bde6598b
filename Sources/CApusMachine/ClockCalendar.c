// What servers of the cycle simulator have promised, and to whom time is given next.
#include "apus_calendar.h"

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t less(uint64_t a, uint64_t b) { return a < b ? a : b; }

static apus_calendar_stretch *at(apus_calendar *calendar, uint64_t stretch) {
    return &calendar->stretches[stretch % APUS_CALENDAR_STRETCHES];
}

/// Makes stretches up to `stretch` known; those that nobody has asked for are free.
static void reach(apus_calendar *calendar, uint64_t stretch) {
    uint64_t first = calendar->horizon;
    if (stretch < first) return;
    if (stretch >= first + APUS_CALENDAR_STRETCHES) first = stretch - APUS_CALENDAR_STRETCHES + 1;
    for (uint64_t s = first; s <= stretch; s++) *at(calendar, s) = (apus_calendar_stretch){0, 1};
    calendar->horizon = stretch + 1;
}

/// The first stretch from `stretch` on that has room.
static uint64_t first_with_room(apus_calendar *calendar, uint64_t stretch) {
    apus_calendar_stretch *last = at(calendar, stretch);
    while (stretch < calendar->horizon) {
        apus_calendar_stretch *here = at(calendar, stretch);
        if (here->taken < APUS_CALENDAR_STRETCH) break;
        // What the stretch before leads to is full, so it may lead further.
        uint32_t both = (uint32_t)last->full + here->full;
        if (last != here && both < APUS_CALENDAR_STRETCHES) last->full = (uint16_t)both;
        last = here;
        stretch += here->full;
    }
    return stretch;
}

uint64_t apus_calendar_serve(apus_calendar *calendar, uint64_t ready, uint64_t service) {
    uint64_t stretch = ready / APUS_CALENDAR_STRETCH, end = ready;
    // Of what lies further back nothing is known any more.
    if (stretch + APUS_CALENDAR_STRETCHES < calendar->horizon) {
        stretch = calendar->horizon - APUS_CALENDAR_STRETCHES;
    }
    for (uint64_t left = service; left != 0; stretch++) {
        stretch = first_with_room(calendar, stretch);
        reach(calendar, stretch);
        apus_calendar_stretch *here = at(calendar, stretch);
        uint64_t begin = stretch * APUS_CALENDAR_STRETCH, until = begin + APUS_CALENDAR_STRETCH;
        uint64_t first = later(ready, begin);
        uint64_t given = less(less(APUS_CALENDAR_STRETCH - here->taken, until - first), left);
        end = less(later(first, begin + here->taken) + given, until);
        here->taken = (uint16_t)(here->taken + given);
        left -= given;
    }
    return end;
}
