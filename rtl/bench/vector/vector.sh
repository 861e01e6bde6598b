#!/bin/sh
# Builds the bench of apus_vector_engine and runs it beside the emulator's Vector engine. Prints the
# claims `rtl.vector_functions` (elements of all opcodes together), `rtl.vector_commands` and, if
# APUS_SLOW is set, `rtl.vector_bf16` (every BF16 through every unary opcode): all equal to the bit.
#
#     rtl/bench/vector/vector.sh [ELEMENTS [COMMANDS [SEED]]]
set -e
cd "$(dirname "$0")/../../.."
elements=${1:-8192} commands=${2:-2000} seed=${3:-1}
out=$PWD/build/rtl/vector
includes="-I$PWD/Sources/CApusNumerics/include -I$PWD/Sources/CApusMachine/include"
mkdir -p "$out"
. rtl/bench/vector/numerics.sh
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j 2 -O3 --Mdir "$out" \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include" \
  -CFLAGS "-O1 -std=c++17 $includes" \
  --top-module apus_vector_engine -o vector_bench -f rtl/bench/vector/vector.f \
  "$PWD/rtl/bench/vector/vector_bench.cpp" "$numerics" -LDFLAGS "-lm -lpthread" \
  > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }

# The bench ends with 1 at a difference, and this script with it.
run() { "$out/vector_bench" "$@" > "$out/$1.log" || { cat "$out/$1.log"; exit 1; }; }
run functions "$elements" "$seed"
run random "$commands" "$seed"
sed -n 's/^functions: \([0-9]*\) elements.*/rtl.vector_functions: \1/p' "$out/functions.log"
sed -n 's/^random: \([0-9]*\) commands.*/rtl.vector_commands: \1/p' "$out/random.log"
if [ -n "$APUS_SLOW" ]; then
  run bf16
  sed -n 's/^bf16: \([0-9]*\) elements.*/rtl.vector_bf16: \1/p' "$out/bf16.log"
fi
