// The kernels that come with Apus.
#include "apus_entry.h"

    entry apus_tile
