#include "CApusNumerics.h"
