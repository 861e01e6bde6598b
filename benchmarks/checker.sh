#!/bin/sh
# Run the tests that plant faults (a dropped post or wait, overlapping buffers, a read before the
# write, a transfer past the end, …) and those in which shipped kernels must be clean under the
# checker; print how many there are if all pass: `onnx.checker: N`.
set -e
cd "$(dirname "$0")/.."
# As `make test` builds them; `swift test` alone would build everything again with other flags.
swift build -c release --build-tests > .build/checker.log 2>&1 || { cat .build/checker.log >&2; exit 1; }
swift test -c release --skip-build --filter 'PlantedFaultTests|LaunchCheckerTests|MatrixCheckTests' 2>&1 |
    sed -n 's/.*Test run with \([0-9]*\) tests* in .* passed.*/onnx.checker: \1/p' |
    tail -1
