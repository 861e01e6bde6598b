#!/bin/sh
# Reads the whole chip with Yosys, module by module in its hierarchy, and counts the latches that it
# finds. Prints the claim `rtl.latches`. It needs no library of cells.
#
#     rtl/synth/latches.sh
set -e
cd "$(dirname "$0")/../.."
# The first call makes the environment.
rtl/bench/verilator.sh --version > /dev/null
packages="rtl/generated/apus_isa_pkg.sv rtl/generated/apus_chip_pkg.sv rtl/core/apus_core_pkg.sv"
for package in rtl/*/*_pkg.sv; do
  case $packages in *"$package"*) ;; *) packages="$packages $package" ;; esac
done
modules=$(ls rtl/generated/*.sv rtl/core/*.sv rtl/control/*.sv rtl/memory/*.sv rtl/numeric/*.sv \
  rtl/matrix/*.sv rtl/vector/*.sv rtl/transfer/*.sv | grep -v _pkg.sv)
mkdir -p build/synth
log=build/synth/latches.log
printf '%s\n' "read_verilog -sv -DSYNTHESIS $packages $(echo $modules)" \
  "hierarchy -check -top apus_chip_top" "proc" "check -assert" \
  "select -count t:\$dlatch t:\$adlatch t:\$dlatchsr" \
  "select -count t:\$dff t:\$adff t:\$dffe t:\$adffe" \
  | "${APUS_RTL_VENV:-.venv-rtl}/bin/python" -c '
import sys
from pyosys import libyosys as ys
design = ys.Design()
for line in sys.stdin.read().splitlines():
    ys.run_pass(line, design)
' > "$log" 2>&1 || { tail -20 "$log"; exit 1; }
# The first count is that of latches, the second one of registers, which there must be.
set -- $(sed -n 's/^\([0-9]*\) objects\.$/\1/p' "$log")
if [ "$2" -lt 100 ]; then echo "only $2 registers, see $log" >&2; exit 1; fi
echo "$2 registers of the design"
echo "rtl.latches: $1"
