#!/bin/sh
# Builds the bench of apus_convert and runs it: every pattern of up to 16 bits, random ones of 32
# and 64 bits, and Berkeley SoftFloat's answers. Prints the claims `rtl.convert` and
# `rtl.softfloat_convert`: conversions that were equal to the bit.
#
#     rtl/bench/convert/convert.sh [SOURCES [VECTORS [SEED]]]
set -e
cd "$(dirname "$0")/../../.."
sources=${1:-1000000} vectors=${2:-1000000} seed=${3:-1}
venv=${APUS_RTL_VENV:-$PWD/.venv-rtl}
out=$PWD/build/rtl/convert
mkdir -p "$out"
cc -O2 -ffp-contract=off -ISources/CApusNumerics/include -c Sources/CApusNumerics/elements.c \
  -o "$out/elements.o"
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j 2 -O3 --Mdir "$out" \
  -CFLAGS "-O2 -std=c++17 -I$PWD/Sources/CApusNumerics/include" --top-module apus_convert \
  -o convert_bench -f rtl/bench/convert/convert.f "$PWD/rtl/bench/convert/convert_bench.cpp" \
  "$out/elements.o" > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }

# The bench ends with 1 at a difference, and this script with it.
run() { "$out/convert_bench" "$@" > "$out/run.log" || { cat "$out/run.log"; exit 1; }; }
counted() { sed -n 's/^convert: \([0-9]*\) conversions.*/\1/p' "$out/run.log"; }
run exhaustive
all=$(counted)
run random "$sources" "$seed"
all=$((all + $(counted)))
"$venv/bin/python" rtl/bench/convert/convert_softfloat.py "$vectors" "$seed" > "$out/softfloat.txt"
run vectors "$out/softfloat.txt"
echo "rtl.convert: $all"
echo "rtl.softfloat_convert: $(counted)"
