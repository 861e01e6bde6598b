// The functions of a built model (apus_rtl.h), found in a shared library at run time.
#pragma once

#include "apus_rtl.h"

/// A library and the functions it exports.
typedef struct {
    void *handle;
    apus_rtl *(*create)(void);
    void (*destroy)(apus_rtl *chip);
    void (*get_sizes)(const apus_rtl *chip, apus_rtl_sizes *sizes);
    void (*write_program)(
        apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);
    void (*write_arguments)(
        apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);
    void (*read_local)(
        apus_rtl *chip, uint32_t core, uint32_t address, uint8_t *bytes, uint32_t count);
    void (*write_local)(
        apus_rtl *chip, uint32_t core, uint32_t address, const uint8_t *bytes, uint32_t count);
    void (*attach)(
        apus_rtl *chip, uint64_t base, uint8_t *host, uint64_t bytes, uint32_t latency);
    void (*inject)(
        apus_rtl *chip, uint32_t core, bool is_enabled, uint32_t address, uint64_t data_mask,
        uint8_t check_mask);
    void (*launch)(
        apus_rtl *chip, uint32_t entry, uint32_t argument_bytes, uint64_t cycle_limit,
        apus_rtl_result *results);
    uint32_t (*take_console)(apus_rtl *chip, uint8_t *text, uint32_t capacity);
} apus_rtl_library;

/// Opens the library at `path`; false, with a sentence in `message`, if it cannot be opened or
/// lacks a function.
bool apus_rtl_library_open(
    const char *path, apus_rtl_library *library, char *message, uint32_t message_capacity);

void apus_rtl_library_close(apus_rtl_library *library);
