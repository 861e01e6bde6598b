#!/bin/sh
# The vectors of the export rules: how many parts get their published class under every rule.
# The tests must have been built: swift build -c release --build-tests.
set -eu
cd "$(dirname "$0")/../.."
# The first line is the heading.
vectors=$(($(wc -l < Tests/ApusCostTests/Vectors/export.csv) - 1))
if swift test -c release --skip-build --filter ExportTests > /dev/null 2>&1; then
    echo "cost.export_vectors: $vectors"
else
    echo "cost.export_vectors: 0"
fi
