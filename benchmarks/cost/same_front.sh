#!/bin/sh
# The front from one process, from several, from a search that was killed and resumed, and from Ray.
set -eu
cd "$(dirname "$0")/../.."
apus="${APUS:-$PWD/.build/release/apus}"
python="${APUS_COST_PYTHON:-$PWD/.venv-cost/bin/python}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
search="--model llama-3.1-8b --node 7nm --area 400 --power 300 --designs 10000"
"$apus" explore $search --json > "$folder/one"
"$apus" explore $search --processes 3 --json > "$folder/several"
"$apus" explore $search --progress "$folder/killed" > /dev/null 2>&1 & search_id=$!
sleep 0.4
kill -9 $search_id 2> /dev/null || true
wait $search_id 2> /dev/null || true
tried=$(($(wc -l < "$folder/killed") - 1))
echo "killed after $tried designs"
"$apus" explore $search --progress "$folder/killed" --json > "$folder/resumed"
PYTHONPATH=python "$python" -m apus_explore.on_ray --address ray:// --processes 3 --apus "$apus" \
    --json -- $search > "$folder/ray"
same=0
for other in several resumed ray; do
    if cmp -s "$folder/one" "$folder/$other"; then same=$((same + 1)); else echo "$other differs"; fi
done
lines=$(wc -l < "$folder/killed")
unique=$(cut -d' ' -f1,2 "$folder/killed" | sort -u | wc -l)
echo "progress has $lines lines, $unique of them different"
echo "cost.same_front: $same"
