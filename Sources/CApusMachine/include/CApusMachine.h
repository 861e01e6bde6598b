#pragma once
#include "ApusRV32.h"
