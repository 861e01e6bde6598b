#include "apus_entry.h"

    entry scale
