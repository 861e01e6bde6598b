// The control processor's loop once more, counting cycles.
#define APUS_RV32_TIMED
#include "RV32Run.c"
