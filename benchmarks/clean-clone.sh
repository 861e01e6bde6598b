#!/bin/sh
# Clone this repository's last commit into a temporary folder, run `make test` there as a newcomer
# would, and print the minutes it took: `onnx.test_minutes: M`.
set -e
repository=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$repository" "$folder/apus"
cd "$folder/apus"
started=$(date +%s)
unset PYTHONPATH
make test > "$folder/log" 2>&1 || { tail -40 "$folder/log"; exit 1; }
grep -h "Test run with" "$folder/log"
seconds=$(($(date +%s) - started))
echo "onnx.test_minutes: $(awk "BEGIN { printf \"%.1f\", $seconds / 60 }")"
