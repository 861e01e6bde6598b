// A server of the cycle simulator that takes requests in any order: a link, a channel's bus.
#pragma once

#include <stdint.h>

enum {
    /// Times are in 256ths of a cycle. What a server has promised is kept by stretches of 128
    /// cycles.
    APUS_CALENDAR_STRETCH = 128 << 8,
    APUS_CALENDAR_STRETCHES = 512,
};

typedef struct {
    /// What is taken of it.
    uint16_t taken;
    /// If it is full: how many from it on are full, as far as is known.
    uint16_t full;
} apus_calendar_stretch;

typedef struct {
    /// The first stretch that nobody has asked for; of those before it as many are kept as the
    /// calendar has.
    uint64_t horizon;
    /// By their numbers modulo APUS_CALENDAR_STRETCHES.
    apus_calendar_stretch stretches[APUS_CALENDAR_STRETCHES];
} apus_calendar;

/// Serves a request that is there at `ready` and takes `service`: when it ends.
///
/// A server works as long as a request is there. Requests are made in the order of events, while
/// they reach a server later, by what other servers delay them; so one that is there earlier may be
/// made later, and goes where there is time before the others. Within a stretch, requests follow
/// one another from its beginning on.
uint64_t apus_calendar_serve(apus_calendar *calendar, uint64_t ready, uint64_t service);
