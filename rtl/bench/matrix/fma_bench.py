"""Compare the fused multiply-add units with Berkeley SoftFloat and the C library, bit for bit.

    rtl/bench/matrix/fma_bench.sh [count] [seed]

The shared library of softfloatpy exports SoftFloat's own functions; the bench, itself a shared
library, is given the address of f32_mulAdd, so that no vector passes through Python.
"""

import ctypes
import importlib.util
import sys
from pathlib import Path


def softfloat() -> ctypes.CDLL:
    """Load the library that softfloatpy brings."""
    spec = importlib.util.find_spec("softfloatpy")
    if spec is None or spec.origin is None:
        sys.exit("softfloatpy is not installed: python/requirements-rtl.txt names it")
    return ctypes.CDLL(str(next(Path(spec.origin).parent.glob("_core*.so"))))


def main() -> None:
    """Run the bench and print the row of docs/claims.md."""
    library = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    print(f"seed {seed}")
    bench = ctypes.CDLL(str(library)).fma_bench
    bench.restype = ctypes.c_int64
    bench.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64]
    oracle = ctypes.cast(softfloat().f32_mulAdd, ctypes.c_void_p)
    checked = bench(oracle, seed, count)
    if checked <= 0:
        sys.exit(f"{-checked} differences")
    print(f"rtl.softfloat_fma: {checked}")


if __name__ == "__main__":
    main()
