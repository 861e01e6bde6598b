// Threads that share the cores of a launch.
#pragma once

#include <stdint.h>

typedef struct apus_pool apus_pool;

/// `threads - 1` workers; the caller of `apus_pool_run` is the last thread. NULL if none can start.
apus_pool *apus_pool_create(uint32_t threads);
void apus_pool_destroy(apus_pool *pool);

/// Calls `job(context, i)` once for each `i < count` (at most 65,000), on any thread, and returns
/// when all have ended. One caller at a time.
void apus_pool_run(
    apus_pool *pool, uint32_t count, void (*job)(void *context, uint32_t index), void *context);
