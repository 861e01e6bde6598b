// A pool whose workers spin for a while before they sleep, so that launches a few microseconds
// apart cost no system call.
#include "apus_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__x86_64__)
#define RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define RELAX() __asm__ volatile("yield")
#else
#define RELAX() ((void)0)
#endif

enum { SPINS = 4000, SPINS_BEFORE_YIELD = 400 };

struct apus_pool {
    /// generation << 32 | count << 16 | next: one fetch-and-add claims an index and tells of which
    /// run it is.
    _Alignas(64) _Atomic uint64_t ticket;
    _Alignas(64) _Atomic uint32_t completed;
    _Alignas(64) _Atomic uint32_t sleepers;
    _Atomic bool is_closing;
    void (*job)(void *, uint32_t);
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    uint32_t worker_count;
    pthread_t workers[];
};

/// Claims and runs indices until none is left.
static void work(apus_pool *pool) {
    for (;;) {
        uint64_t claim = atomic_fetch_add_explicit(&pool->ticket, 1, memory_order_acq_rel);
        uint32_t index = claim & 0xFFFF, count = claim >> 16 & 0xFFFF;
        if (index >= count) return;
        pool->job(pool->context, index);
        atomic_fetch_add_explicit(&pool->completed, 1, memory_order_release);
    }
}

static bool has_work(uint64_t ticket) { return (ticket & 0xFFFF) < (ticket >> 16 & 0xFFFF); }

static void *worker(void *argument) {
    apus_pool *pool = argument;
    for (;;) {
        bool found = false;
        for (int spin = 0; spin < SPINS && !found; spin++) {
            found = has_work(atomic_load_explicit(&pool->ticket, memory_order_acquire));
            if (!found) RELAX();
        }
        if (!found) {
            pthread_mutex_lock(&pool->mutex);
            atomic_fetch_add(&pool->sleepers, 1);
            while (!has_work(atomic_load(&pool->ticket)) && !atomic_load(&pool->is_closing)) {
                pthread_cond_wait(&pool->wake, &pool->mutex);
            }
            atomic_fetch_sub(&pool->sleepers, 1);
            pthread_mutex_unlock(&pool->mutex);
            if (atomic_load(&pool->is_closing)) return NULL;
        }
        work(pool);
    }
}

apus_pool *apus_pool_create(uint32_t threads) {
    uint32_t worker_count = threads > 1 ? threads - 1 : 0;
    size_t bytes = sizeof(apus_pool) + worker_count * sizeof(pthread_t);
    apus_pool *pool = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    if (pool == NULL) return NULL;
    atomic_init(&pool->ticket, 0);
    atomic_init(&pool->completed, 0);
    atomic_init(&pool->sleepers, 0);
    atomic_init(&pool->is_closing, false);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->worker_count = 0;
    for (uint32_t i = 0; i < worker_count; i++) {
        if (pthread_create(&pool->workers[i], NULL, worker, pool) != 0) break;
        pool->worker_count++;
    }
    return pool;
}

void apus_pool_destroy(apus_pool *pool) {
    if (pool == NULL) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->is_closing, true);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < pool->worker_count; i++) pthread_join(pool->workers[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void apus_pool_run(
    apus_pool *pool, uint32_t count, void (*job)(void *, uint32_t), void *context) {
    if (count == 0) return;
    if (count == 1 || pool->worker_count == 0) {
        for (uint32_t i = 0; i < count; i++) job(context, i);
        return;
    }
    pool->job = job;
    pool->context = context;
    atomic_store_explicit(&pool->completed, 0, memory_order_relaxed);
    uint64_t generation = (atomic_load_explicit(&pool->ticket, memory_order_relaxed) >> 32) + 1;
    // Sequentially consistent with the sleepers' own check: either the sleeper sees the ticket or
    // this thread sees the sleeper.
    atomic_store(&pool->ticket, generation << 32 | (uint64_t)count << 16);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
    work(pool);
    for (int spin = 0;
         atomic_load_explicit(&pool->completed, memory_order_acquire) < count; spin++) {
        if (spin < SPINS_BEFORE_YIELD) RELAX(); else sched_yield();
    }
}
