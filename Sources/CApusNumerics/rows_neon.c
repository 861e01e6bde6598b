#if defined(__aarch64__)
#include "function_constants.h"
#include "level_neon.h"
#include "levels.h"
#include "reduce_large.h"
#include "rows.inc"
#endif
