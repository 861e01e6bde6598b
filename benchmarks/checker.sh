#!/bin/sh
# Run the tests that plant faults (a dropped post or wait, overlapping buffers, a read before the
# write, a transfer past the end, …) and those in which shipped kernels must be clean under the
# checker; print how many there are if all pass: `onnx.checker: N`.
set -e
cd "$(dirname "$0")/.."
swift test -c release --filter 'PlantedFaultTests|LaunchCheckerTests|MatrixCheckTests' 2>&1 |
    sed -n 's/.*Test run with \([0-9]*\) tests* in .* passed.*/onnx.checker: \1/p' |
    tail -1
