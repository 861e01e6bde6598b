#include "CApusMachine.h"
