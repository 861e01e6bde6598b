#!/bin/sh
# Builds the bench of the Load and Store engines and runs it: random commands beside the emulator's
# engine. Prints the claim `rtl.transfer_commands`, and leaves the table of what was hit in
# build/rtl/transfer/coverage.md.
#
#     rtl/bench/transfer/transfer.sh [COMMANDS [SEED]]
set -e
cd "$(dirname "$0")/../../.."
commands=${1:-20000} seed=${2:-1}
out=$PWD/build/rtl/transfer
machine=$PWD/Sources/CApusMachine numerics=$PWD/Sources/CApusNumerics
includes="-I$numerics/include -I$machine/include -I$machine"
mkdir -p "$out/emulator"
for source in "$numerics"/*.c "$machine"/*.c; do
  object=$out/emulator/$(basename "$source").o
  if [ ! -e "$object" ] || [ "$source" -nt "$object" ]; then
    ${CC:-clang} -O2 -ffp-contract=off $includes -c "$source" -o "$object"
  fi
done
python=${APUS_RTL_VENV:-$PWD/.venv-rtl}/bin/python
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j "${JOBS:-2}" -O3 --Mdir "$out" \
  -CFLAGS "-O1 -std=c++17 $includes" -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include PYTHON3=$python" \
  --top-module apus_transfer_bench -o transfer_bench -f rtl/bench/transfer/transfer.f \
  rtl/bench/transfer/apus_axi_monitor.sv rtl/bench/transfer/apus_transfer_bench.sv \
  "$PWD/rtl/bench/transfer/transfer_bench.cpp" "$out"/emulator/*.o > "$out/build.log" 2>&1 \
  || { cat "$out/build.log"; exit 1; }
"$out/transfer_bench" "$commands" "$seed" "$out/coverage.md"
