"""The shared library, its structures and its errors, as `apus.h` declares them."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

RANK_MAX = 16
ERROR_BYTES = 1024


class ApusError(Exception):
    """A call into Apus failed; the message is one line that says what and where."""


class BadInputError(ApusError):
    """A file, option, name, shape or type was wrong."""


class UnsupportedError(ApusError):
    """The model uses something that Apus does not have yet."""


class FaultError(ApusError):
    """The machine trapped, or another fault of Apus itself."""


class TensorStructure(ctypes.Structure):
    """`apus_tensor`."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_int64 * RANK_MAX),
        ("data", ctypes.c_void_p),
        ("byte_count", ctypes.c_uint64),
    ]


_ERRORS: dict[int, type[ApusError]] = {2: BadInputError, 3: UnsupportedError, 4: FaultError}


def check(status: int, error: ctypes.Array[ctypes.c_char]) -> None:
    """Raise the exception that `status` stands for, with the library's own sentence."""
    if status:
        raise _ERRORS.get(status, ApusError)(error.value.decode("utf-8", "replace"))


def _path() -> Path:
    """The library: where APUS_LIBRARY says, beside this file, or in the checkout's build folder."""
    if named := os.environ.get("APUS_LIBRARY"):
        return Path(named)
    here = Path(__file__).resolve()
    candidates = [
        here.with_name("libapuschip.so"),
        here.parents[2] / ".build" / "release" / "libapuschip.so",
    ]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise BadInputError(
        f"libapuschip.so is not at {' or '.join(map(str, candidates))}: "
        "run `make build`, or set APUS_LIBRARY to its path"
    )


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(str(_path()))
    tensor = ctypes.POINTER(TensorStructure)
    text, size, handle = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p
    signatures: dict[str, tuple[list[object], object]] = {
        "apus_version": ([], text),
        "apus_session_open": ([text, text, ctypes.POINTER(handle), text, size], ctypes.c_int),
        "apus_session_close": ([handle], None),
        "apus_session_input_count": ([handle], size),
        "apus_session_input": ([handle, size, tensor], ctypes.c_int),
        "apus_session_metadata": ([handle, text], text),
        "apus_session_run": ([handle, tensor, size, text, size], ctypes.c_int),
        "apus_session_output_count": ([handle], size),
        "apus_session_output": ([handle, size], tensor),
        "apus_session_report": ([handle], text),
    }
    for name, (arguments, result) in signatures.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, result
    return library


library = _load()


def version() -> str:
    """The version of the library."""
    return str(library.apus_version().decode())
