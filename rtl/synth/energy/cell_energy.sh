#!/bin/sh
# Energy of the matrix array's cell in its modes: runs cell_energy.py in the environment of
# python/requirements-rtl.txt.
#
#     rtl/synth/energy/cell_energy.sh PDK [--steps 96] [--seed 7]
set -e
cd "$(dirname "$0")/../../.."
if [ -z "$1" ]; then
  echo "usage: rtl/synth/energy/cell_energy.sh PDK: the folder of the library's .lib files" >&2
  exit 2
fi
# The first call makes the environment.
rtl/bench/verilator.sh --version > /dev/null
exec "${APUS_RTL_VENV:-.venv-rtl}/bin/python" rtl/synth/energy/cell_energy.py "$@"
