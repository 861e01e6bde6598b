#!/bin/sh
# Builds the bench of the scratchpad's code and runs it. Prints the claim `rtl.ecc_errors`.
#
#     rtl/bench/memory/ecc.sh [WORDS [SEED]]
set -e
cd "$(dirname "$0")/../../.."
out=$PWD/build/rtl/ecc
mkdir -p "$out"
python=${APUS_RTL_VENV:-$PWD/.venv-rtl}/bin/python
rtl/bench/verilator.sh --cc --exe --build -j "${JOBS:-2}" -Wall --Mdir "$out" \
  -CFLAGS "-O1 -std=c++17" -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include PYTHON3=$python" \
  --top-module apus_ecc_bench -o ecc_bench rtl/memory/apus_ecc_pkg.sv -y rtl/memory \
  rtl/bench/memory/apus_ecc_bench.sv "$PWD/rtl/bench/memory/ecc_bench.cpp" \
  > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }
"$out/ecc_bench" "$@"
