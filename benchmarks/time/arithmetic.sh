#!/bin/sh
# Runs the tests that hold the clock against arithmetic, each in a thousand random sizes.
set -e
cd "$(dirname "$0")/../.."
mkdir -p build
swift build -c release --build-tests > /dev/null
swift test -c release --skip-build --filter ClockArithmeticTests > build/clock-arithmetic.log 2>&1 \
  || { cat build/clock-arithmetic.log; exit 1; }
# One test for each closed form of a thousand sizes.
forms=$(grep -c "in a thousand sizes.* passed" build/clock-arithmetic.log)
echo "time.arithmetic_sizes: $((forms * 1000))"
