#!/bin/sh
# Builds the bench of apus_divide and runs it: every operation on corners and PAIRS random pairs
# against CApusNumerics. Prints the claim `rtl.divide`: results that were equal to the bit.
#
#     rtl/bench/divide/divide.sh [PAIRS [SEED]]
set -e
cd "$(dirname "$0")/../../.."
pairs=${1:-100000} seed=${2:-1}
out=$PWD/build/rtl/divide
mkdir -p "$out"
. rtl/bench/vector/numerics.sh
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j 2 -O3 --Mdir "$out" \
  -CFLAGS "-O2 -std=c++17 -I$PWD/Sources/CApusNumerics/include" --top-module apus_divide \
  -o divide_bench -f rtl/bench/divide/divide.f "$PWD/rtl/bench/divide/divide_bench.cpp" \
  "$numerics" -LDFLAGS "-lm" > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }
"$out/divide_bench" "$pairs" "$seed" > "$out/run.log" || { cat "$out/run.log"; exit 1; }
sed -n 's/^divide: \([0-9]*\) results.*/rtl.divide: \1/p' "$out/run.log"
