#!/bin/sh
# Fits the GPU baseline and prints the figures of docs/cost/baseline.md:
#
#     benchmarks/cost/baseline.sh [FOLDER]
#
# The folder of the measured tables, which are not part of this project; APUS_FACTS names it too.
set -eu
cd "$(dirname "$0")/../.."
folder="${1:-${APUS_FACTS:?the folder of the measured tables, as docs/cost/baseline.md says}}"
python="${APUS_COST_PYTHON:-.venv-cost/bin/python}"
mkdir -p build/cost
"$python" benchmarks/cost/fit.py --facts "$folder" --out build/cost/figures.json
"$python" benchmarks/cost/serving_fit.py --facts "$folder" --figures build/cost/figures.json \
    --out build/cost/serving.json
"$python" benchmarks/cost/mlperf.py --figures build/cost/figures.json \
    --serving build/cost/serving.json
"$python" benchmarks/cost/power.py --facts "$folder"
