#if defined(__x86_64__)
#include "elements.h"
#include "level_avx2.h"
#include "levels.h"
#include "convert.inc"
#endif
