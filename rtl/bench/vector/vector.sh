#!/bin/sh
# Builds the bench of apus_vector_engine and runs it beside the emulator's Vector engine. Prints the
# claims `rtl.vector_functions`, `rtl.vector_bf16` (elements) and `rtl.vector_commands`, all equal to
# the bit; `rtl.vector_functions` counts each opcode's elements together.
#
#     rtl/bench/vector/vector.sh [ELEMENTS [COMMANDS [SEED]]]
set -e
cd "$(dirname "$0")/../../.."
elements=${1:-8192} commands=${2:-2000} seed=${3:-1}
out=$PWD/build/rtl/vector
mkdir -p "$out"
. rtl/bench/vector/numerics.sh
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j 2 -O3 --Mdir "$out" \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1" \
  -CFLAGS "-O2 -std=c++17 -I$PWD/Sources/CApusNumerics/include -I$PWD/Sources/CApusMachine/include" \
  --top-module apus_vector_engine -o vector_bench -f rtl/bench/vector/vector.f \
  "$PWD/rtl/bench/vector/vector_bench.cpp" "$numerics" -LDFLAGS "-lm -lpthread" \
  > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }

# The bench ends with 1 at a difference, and this script with it.
run() { "$out/vector_bench" "$@" > "$out/$1.log" || { cat "$out/$1.log"; exit 1; }; }
run functions "$elements" "$seed"
run bf16
run random "$commands" "$seed"
sed -n 's/^functions: \([0-9]*\) elements.*/rtl.vector_functions: \1/p' "$out/functions.log"
sed -n 's/^bf16: \([0-9]*\) elements.*/rtl.vector_bf16: \1/p' "$out/bf16.log"
sed -n 's/^random: \([0-9]*\) commands.*/rtl.vector_commands: \1/p' "$out/random.log"
