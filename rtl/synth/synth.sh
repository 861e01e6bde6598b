#!/bin/sh
# Area and longest path of blocks: runs synth.py in the environment of python/requirements-rtl.txt.
#
#     rtl/synth/synth.sh PDK [block …] [--markdown] [--claims]
set -e
cd "$(dirname "$0")/../.."
if [ -z "$1" ]; then
  echo "usage: rtl/synth/synth.sh PDK [block …]: PDK is the folder of the library's .lib files" >&2
  exit 2
fi
# The first call makes the environment.
rtl/bench/verilator.sh --version > /dev/null
exec "${APUS_RTL_VENV:-.venv-rtl}/bin/python" rtl/synth/synth.py "$@"
