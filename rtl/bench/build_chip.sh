#!/bin/sh
# Builds the chip as a shared library, libapusrtl.so, with the interface of apus_rtl.h (CApusRTL).
#
#     rtl/bench/build_chip.sh OUT [GENERATED [ENGINES]]
#
# OUT is the folder of the library. GENERATED holds apus_chip_pkg.sv and apus_chip.h of the chip
# (rtl/generated, which is nano). ENGINES names engines that the emulator stands in for, such as
# "matrix vector": for benches only.
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
generated=${2:-$root/rtl/generated}
engines=$3
mkdir -p "$out"
out=$(cd "$out" && pwd)
model=$out/model
mkdir -p "$model"

# Packages first, those that others use before them; modules are found by their names.
rtl=$root/rtl
packages="$rtl/generated/apus_isa_pkg.sv $generated/apus_chip_pkg.sv"
packages="$packages $rtl/core/apus_core_pkg.sv"
for package in "$rtl"/*/*_pkg.sv; do
  case $packages in
    *"$(basename "$package")"*) ;;
    *) packages="$packages $package" ;;
  esac
done

# Several cores need the mesh.
top=apus_chip_top
cores=$(sed -n 's/^#define APUS_CORE_COUNT \([0-9]*\).*/\1/p' "$generated/apus_chip.h")
if [ "$cores" -gt 1 ]; then top=apus_mesh_top; fi

# A folder with the stand-ins that are wanted goes before the folders with the engines.
standins=$model/standins
rm -rf "$standins"
mkdir -p "$standins"
mask=0
bit=1
for engine in load store matrix vector; do
  case " $engines " in
    *" $engine "*)
      cp "$rtl/bench/behavioural/apus_${engine}_engine.sv" "$standins"
      mask=$((mask + bit))
      ;;
  esac
  bit=$((bit * 2))
done

flags="-fPIC -std=c++17 -I$generated -I$rtl/bench/harness -I$root/Sources/CApusRTL/include"
libraries=
sources="$rtl/bench/harness/apus_rtl.cpp"
if [ $mask -ne 0 ]; then
  machine=$root/Sources/CApusMachine
  numerics=$root/Sources/CApusNumerics
  flags="$flags -DAPUS_BEHAVIOURAL=$mask -I$machine/include -I$numerics/include"
  emulator=$out/emulator
  mkdir -p "$emulator"
  for source in "$machine"/*.c "$numerics"/*.c; do
    object=$emulator/$(basename "$source").o
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ]; then
      ${CC:-clang} -O2 -fPIC -ffp-contract=off -I"$machine/include" -I"$numerics/include" \
        -I"$numerics" -c "$source" -o "$object"
    fi
  done
  libraries=$(echo "$emulator"/*.o)
fi

"$rtl/bench/verilator.sh" --cc --vpi --assert -Wall --x-assign 0 --x-initial 0 -O3 \
  --output-split 20000 --Mdir "$model" --top-module $top -CFLAGS "$flags" $packages \
  -y "$standins" -y "$rtl/core" -y "$rtl/control" -y "$rtl/memory" -y "$generated" \
  -y "$rtl/generated" -y "$rtl/numeric" -y "$rtl/matrix" -y "$rtl/vector" -y "$rtl/transfer" \
  -y "$rtl/mesh" "$rtl"/*/$top.sv
python=${APUS_RTL_VENV:-$root/.venv-rtl}/bin/python
make -s -C "$model" -f V$top.mk -j "${JOBS:-2}" PYTHON3="$python" \
  CFG_CXXFLAGS_PCH_I=-include OPT_FAST="${APUS_RTL_OPT:--O1}" OPT_SLOW=-O0 libV$top
include=$(sed -n 's/^VERILATOR_ROOT = //p' "$model/V$top.mk")/include
${CXX:-g++} -O2 -shared $flags -I"$model" -I"$include" -I"$include/vltstd" $sources \
  "$model/libV$top.a" "$model/libverilated.a" $libraries -lpthread -o "$out/libapusrtl.so"
