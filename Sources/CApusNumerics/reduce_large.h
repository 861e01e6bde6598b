#pragma once
#include <stdint.h>

/// A finite x above 2^17 in magnitude as n·pi/2 + high + low; returns n, of which two bits count.
int32_t apus_reduce_large(float x, float *high, float *low);
