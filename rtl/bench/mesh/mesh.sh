#!/bin/sh
# Lints and builds the two-by-two chip and runs random programs of its four cores beside the
# emulator. Prints the claim `rtl.mesh_programs`. Matrix and Vector, which have no part in what cores
# do to one another, are the emulator's, so that the model is small; `apus rtl --chip nano2x2` has all.
#
#     rtl/bench/mesh/mesh.sh [PROGRAMS [SEED]]
set -e
cd "$(dirname "$0")/../../.."
programs=${1:-50} seed=${2:-1}
out=build/rtl/nano2x2
mkdir -p "$out"
rtl/bench/build_chip.sh "$out" rtl/generated/nano2x2 "matrix vector" > "$out/build.log" 2>&1 \
  || { cat "$out/build.log"; exit 1; }
.build/release/apus-dev cosimulate-mesh --programs "$programs" --seed "$seed"
