#!/bin/sh
# The committed page, made again: the same bytes, sixteen questions, and pictures that a browser shows.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.build/release/apus compare all --out "$folder/page.html"
questions=0
if cmp "$folder/page.html" docs/cost/comparison.html; then
    questions=$(grep -c -E '^<h2>[a-z0-9.-]+, (decode|prefill)' docs/cost/comparison.html)
fi
echo "cost.page_questions: $questions"
"${APUS_BROWSER:-chromium}" --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile" \
    --dump-dom "file://$PWD/docs/cost/comparison.html" > "$folder/dom" 2> /dev/null
echo "cost.page_pictures: $(grep -o '<svg' "$folder/dom" | wc -l)"
.build/release/apus cost --chip cloud7 --json | python3 -c "
import json, sys
constants = json.load(sys.stdin)['constants']
print('constants:', len(constants))
print('cost.constants_without_source:', sum(not one['source'].strip() for one in constants))"
