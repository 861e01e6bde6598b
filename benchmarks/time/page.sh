#!/bin/sh
# Opens a report in a headless browser and counts the pictures that it drew; leaves a screenshot.
# Debian's package chromium has the browser.
set -e
cd "$(dirname "$0")/../.."
mkdir -p build/time
.build/release/apus report llama-3.1-8b --weights int4 --out build/time/report.html
chromium --headless --no-sandbox --disable-gpu --window-size=960,3000 \
    --screenshot="$PWD/build/time/report.png" "file://$PWD/build/time/report.html" 2> /dev/null
dom=$(chromium --headless --no-sandbox --disable-gpu --dump-dom \
    "file://$PWD/build/time/report.html" 2> /dev/null)
echo "time.report_pictures: $(printf '%s' "$dom" | grep -o '<svg ' | wc -l)"
