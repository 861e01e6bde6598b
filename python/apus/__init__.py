"""Run models on the Apus chip from Python: a thin face on the C interface `apus.h`."""

from apus._library import ApusError, BadInputError, FaultError, UnsupportedError, version
from apus.session import Port, Session

__all__ = [
    "ApusError",
    "BadInputError",
    "FaultError",
    "Port",
    "Session",
    "UnsupportedError",
    "version",
]
