#include "apus.h"

// The functions are written in Swift (Sources/ApusLibrary) against this header; the layout of the
// structure that crosses the boundary is pinned here.
_Static_assert(
    sizeof(apus_tensor) == 8 + 4 + 4 + 8 * APUS_RANK_MAX + 8 + 8, "apus_tensor's layout");
