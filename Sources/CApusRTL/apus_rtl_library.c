// Finds a model's functions in a shared library.
#include "apus_rtl_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

bool apus_rtl_library_open(
    const char *path, apus_rtl_library *library, char *message, uint32_t message_capacity) {
    memset(library, 0, sizeof *library);
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library->handle == NULL) {
        snprintf(message, message_capacity, "%s", dlerror());
        return false;
    }
    struct {
        const char *name;
        void **place;
    } functions[] = {
        {"apus_rtl_create", (void **)&library->create},
        {"apus_rtl_destroy", (void **)&library->destroy},
        {"apus_rtl_get_sizes", (void **)&library->get_sizes},
        {"apus_rtl_write_program", (void **)&library->write_program},
        {"apus_rtl_write_arguments", (void **)&library->write_arguments},
        {"apus_rtl_read_local", (void **)&library->read_local},
        {"apus_rtl_write_local", (void **)&library->write_local},
        {"apus_rtl_attach", (void **)&library->attach},
        {"apus_rtl_inject", (void **)&library->inject},
        {"apus_rtl_launch", (void **)&library->launch},
        {"apus_rtl_take_console", (void **)&library->take_console},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        *functions[i].place = dlsym(library->handle, functions[i].name);
        if (*functions[i].place == NULL) {
            snprintf(message, message_capacity, "%s has no %s", path, functions[i].name);
            apus_rtl_library_close(library);
            return false;
        }
    }
    return true;
}

void apus_rtl_library_close(apus_rtl_library *library) {
    if (library->handle != NULL) dlclose(library->handle);
    memset(library, 0, sizeof *library);
}
