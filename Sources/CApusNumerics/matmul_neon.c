#if defined(__aarch64__)
#include "elements.h"
#include "level_neon.h"
#include "matmul_levels.h"
#include "matmul.inc"
#endif
