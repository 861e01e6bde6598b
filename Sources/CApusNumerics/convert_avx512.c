#if defined(__x86_64__)
#include "elements.h"
#include "level_avx512.h"
#include "levels.h"
#include "convert.inc"
#endif
