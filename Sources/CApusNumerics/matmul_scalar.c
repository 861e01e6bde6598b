#include "elements.h"
#include "level_scalar.h"
#include "matmul_levels.h"
#include "matmul.inc"
