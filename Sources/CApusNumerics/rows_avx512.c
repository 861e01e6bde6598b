#if defined(__x86_64__)
#include "function_constants.h"
#include "level_avx512.h"
#include "levels.h"
#include "reduce_large.h"
#include "rows.inc"
#endif
