#pragma once
#include "ApusRV32.h"
#include "apus_calendar.h"
#include "apus_clock.h"
#include "apus_core.h"
#include "apus_execute.h"
#include "apus_pool.h"
