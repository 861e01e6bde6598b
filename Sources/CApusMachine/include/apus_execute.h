// The fast engines: decoding with every check first, then the work without checks.
#pragma once

#include "apus_core.h"

/// Carries out any command the fast way; an `apus_execute_function` whose context is unused.
apus_trap_cause apus_execute(
    void *context, apus_core *core, uint32_t queue, const uint32_t *words);
