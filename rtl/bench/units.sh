#!/bin/sh
# The unit benches of all blocks, short. What they print with their full counts are claims.
set -e
cd "$(dirname "$0")/../.."
run() {
  echo "== $*"
  "$@"
}
run rtl/bench/control/rv32_lockstep.sh 200
run rtl/bench/memory/ecc.sh 100
run rtl/bench/convert/convert.sh 20000 20000
run rtl/bench/matrix/fma_bench.sh 20000
run rtl/bench/divide/divide.sh 20000
run rtl/bench/transfer/transfer.sh 2000
run rtl/bench/matrix/matrix_bench.sh 100
run rtl/bench/vector/vector.sh 512 200
