#include "elements.h"
#include "level_scalar.h"
#include "levels.h"
#include "convert.inc"
