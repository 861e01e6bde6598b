#if defined(__x86_64__)
#include "elements.h"
#include "level_avx512.h"
#include "matmul_levels.h"
#include "matmul.inc"
#endif
