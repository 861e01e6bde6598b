#if defined(__aarch64__)
#include "elements.h"
#include "level_neon.h"
#include "levels.h"
#include "convert.inc"
#endif
