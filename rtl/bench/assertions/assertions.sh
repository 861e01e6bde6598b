#!/bin/sh
# Shows that assertions are active in simulation: a module that is driven against its rule stops the
# simulation and names the assertion, and the same module driven by its rule does not. Then counts
# the assertions in the chip's model (`make rtl` builds it). Prints the claim `rtl.assertions`.
#
#     rtl/bench/assertions/assertions.sh [LIBRARY]
set -e
cd "$(dirname "$0")/../../.."
library=${1:-build/rtl/nano/libapusrtl.so}
out=$PWD/build/rtl/assertions
mkdir -p "$out"
python=${APUS_RTL_VENV:-$PWD/.venv-rtl}/bin/python
rtl/bench/verilator.sh -Wall --assert --cc --exe --build -j 1 --Mdir "$out" \
  -MAKEFLAGS "CFG_CXXFLAGS_PCH_I=-include PYTHON3=$python" --top-module apus_convert \
  -o broken_rule rtl/generated/apus_isa_pkg.sv rtl/numeric/apus_convert_pkg.sv -y rtl/numeric \
  rtl/numeric/apus_convert.sv "$PWD/rtl/bench/assertions/broken_rule.cpp" > "$out/build.log" 2>&1 \
  || { cat "$out/build.log"; exit 1; }
"$out/broken_rule" || { echo "an assertion failed without a reason" >&2; exit 1; }
if "$out/broken_rule" broken > "$out/broken.log" 2>&1; then
  echo "a broken rule was not noticed" >&2
  exit 1
fi
grep -q "NoFixed54Destination" "$out/broken.log" || { cat "$out/broken.log"; exit 1; }
echo "rtl.assertions: $(grep -ao 'Assertion failed in' "$library" | wc -l)"
