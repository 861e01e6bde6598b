#!/bin/sh
# Verilator's lint of the whole chip, warnings being errors, and of the modules apart.
set -e
cd "$(dirname "$0")/../.."
mkdir -p build/rtl
packages="rtl/generated/apus_isa_pkg.sv rtl/generated/apus_chip_pkg.sv rtl/core/apus_core_pkg.sv"
for package in rtl/*/*_pkg.sv; do
  case $packages in *"$package"*) ;; *) packages="$packages $package" ;; esac
done
rtl/bench/verilator.sh --lint-only -Wall $packages -y rtl/core -y rtl/control -y rtl/memory \
  -y rtl/numeric -y rtl/matrix -y rtl/vector -y rtl/transfer -y rtl/generated \
  --top-module apus_chip_top rtl/core/apus_chip_top.sv > build/rtl/lint.log 2>&1 \
  || { cat build/rtl/lint.log; exit 1; }
rtl/bench/verilator.sh --lint-only -Wall rtl/generated/apus_isa_pkg.sv \
  rtl/lint/apus_isa_probe.sv > build/rtl/lint.log 2>&1 || { cat build/rtl/lint.log; exit 1; }
echo "rtl.lint_warnings: 0"
