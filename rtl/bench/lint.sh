#!/bin/sh
# Verilator's lint of the whole chip and of what no chip instantiates; warnings are errors. Prints
# the claim `rtl.lint_warnings`.
set -e
cd "$(dirname "$0")/../.."
mkdir -p build/rtl
packages="rtl/generated/apus_isa_pkg.sv rtl/generated/apus_chip_pkg.sv rtl/core/apus_core_pkg.sv"
for package in rtl/*/*_pkg.sv; do
  case $packages in *"$package"*) ;; *) packages="$packages $package" ;; esac
done
log=build/rtl/lint.log
status=0
rtl/bench/verilator.sh --lint-only -Wall $packages -y rtl/core -y rtl/control -y rtl/memory \
  -y rtl/numeric -y rtl/matrix -y rtl/vector -y rtl/transfer -y rtl/generated \
  --top-module apus_chip_top rtl/core/apus_chip_top.sv > "$log" 2>&1 || status=1
rtl/bench/verilator.sh --lint-only -Wall rtl/generated/apus_isa_pkg.sv \
  rtl/lint/apus_isa_probe.sv >> "$log" 2>&1 || status=1
if [ $status -ne 0 ]; then cat "$log"; fi
echo "rtl.lint_warnings: $(grep -c '^%' "$log" || true)"
exit $status
