#!/bin/sh
# What has no cost: one line on standard error that says what and what would work, exit status 2.
cd "$(dirname "$0")/../.."
python="${APUS_COST_PYTHON:-$PWD/.venv-cost/bin/python}"
# The search on Ray runs the first python3 of the path.
PATH="$(dirname "$python"):$PATH"
export PATH PYTHONPATH=python
right=0
refused() {
    want=$1
    shift
    said=$(timeout 120 .build/release/apus "$@" 2>&1 > /dev/null)
    status=$?
    lines=$(printf '%s\n' "$said" | wc -l)
    case $said in
        *"$want"*) if [ $status -eq 2 ] && [ "$lines" -eq 1 ]; then right=$((right + 1)); return; fi ;;
    esac
    echo "apus $*: status $status: $said"
}
refused "more than 0" explore --area -400
refused "more than 0" explore --power 0
refused "not a number" explore --area wide
refused "no process '3nm'; there are" explore --node 3nm
refused "no process '3nm'; there are" cost --chip cloud7 --node 3nm
refused "raise --area or --power" explore --area 20 --power 20 --designs 200
refused "the nearest is" compare llama-3.1-70b --slo 0.01ms
refused "more than 0" compare llama-3.1-70b --slo -5ms
refused "no part 'h300'; there are" compare llama-3.1-70b --parts cloud7,h300
refused "no model 'llama-9'; there are" compare llama-9
refused "there are prefill, decode" compare llama-3.1-70b --phase warmup
refused "cloud7" cost --chip cloud8
refused "--node 14nm or --node 7nm would work" cost --chip nano
refused "its die was never disclosed" export --chip 810e
refused "ray://" explore --on ray://127.0.0.1:9 --designs 200
refused "no process '3nm'; there are" time smollm2-135m --node 3nm
echo "cost.bad_input: $right"
