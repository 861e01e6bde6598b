#!/bin/sh
# Builds the bench of the control processor and runs random programs on it and on the emulator's
# interpreter, compared after every instruction. Prints the claim `rtl.lockstep_steps`.
#
#     rtl/bench/control/rv32_lockstep.sh [PROGRAMS [SEED]]
set -e
cd "$(dirname "$0")/../../.."
out=$PWD/build/rtl/rv32
machine=$PWD/Sources/CApusMachine
mkdir -p "$out"
objects=
for name in Run Decode Csr System; do
  object=$out/RV32$name.o
  objects="$objects $object"
  ${CC:-clang} -O2 -I"$machine/include" -c "$machine/RV32$name.c" -o "$object"
done
python=${APUS_RTL_VENV:-$PWD/.venv-rtl}/bin/python
rtl/bench/verilator.sh --cc --exe --build -j "${JOBS:-2}" --assert -Wall --public-flat-rw \
  --Mdir "$out" -CFLAGS "-O1 -std=c++17 -I$machine/include" \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include PYTHON3=$python" -GStopOnException=0 \
  --top-module apus_rv32 -o rv32_lockstep rtl/generated/apus_chip_pkg.sv \
  rtl/control/apus_rv32_pkg.sv -y rtl/control rtl/control/apus_rv32.sv \
  "$PWD/rtl/bench/control/rv32_lockstep.cpp" $objects > "$out/build.log" 2>&1 \
  || { cat "$out/build.log"; exit 1; }
"$out/rv32_lockstep" "$@"
