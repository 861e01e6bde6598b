#!/bin/sh
# What cannot be timed: one line on standard error that names the fault, exit status 2.
cd "$(dirname "$0")/../.."
right=0
refused() {
    want=$1
    shift
    said=$(.build/release/apus "$@" 2>&1 > /dev/null)
    status=$?
    lines=$(printf '%s\n' "$said" | wc -l)
    case $said in
        *"$want"*) if [ $status -eq 2 ] && [ "$lines" -eq 1 ]; then right=$((right + 1)); return; fi ;;
    esac
    echo "apus $*: status $status: $said"
}
refused "--tensor-parallel 2 would fit" time llama-3.1-70b --weights bf16
refused "GiB too much" time deepseek-v3 --weights fp8
refused "possible are 1, 2, 4, 8" time llama-3.1-70b --tensor-parallel 3
refused "make 6 chips, not 8" time llama-3.1-70b --chips 8 --tensor-parallel 2 --pipeline-parallel 3
refused "80 layers" time llama-3.1-70b --pipeline-parallel 81
refused "possible are 1" time llama-3.1-8b --expert-parallel 2
refused "a multiple of 8 would" time deepseek-v3 --weights int4 --expert-parallel 8 --batch 3
refused "decode or prefill" time llama-3.1-8b --phase warmup
refused "between 1 and" time llama-3.1-8b --context 0
refused "between 1 and" time llama-3.1-8b --batch 0
refused "one of int4, int8" time llama-3.1-8b --weights int3
refused "bf16, e4m3 or int8" time llama-3.1-8b --cache fp4
refused "no links" time smollm2-135m --chip edge14 --chips 3
refused "no preset of that name" time llama-9
refused "one chip" time resnet-50 --chips 2
refused "leave out --weights" time resnet-50 --weights int4
refused "cannot be written" trace smollm2-135m --out /no/such/folder/trace.json
refused "has 64" trace smollm2-135m --cores 65 --out trace.json
refused "0 to 63" report smollm2-135m --core 64 --out report.html
refused "model_type" time benchmarks/time/no_model.json
echo "time.bad_input: $right"
