#!/bin/sh
# How close programs come to what arrays and memory allow, on cloud7.
set -e
cd "$(dirname "$0")/../.."
percent() {
    .build/release/apus time "$@" --json | python3 -c "
import json, sys
print('%.1f' % json.load(sys.stdin)['$FIELD'])"
}
FIELD=matrixPercent
echo "time.matmul_percent: $(percent matmul-4096)"
echo "time.resnet_percent: $(percent resnet-50 --batch 16)"
echo "time.prefill_percent: $(percent llama-3.1-8b --weights int4 --phase prefill --context 2048)"
FIELD=memoryPercent
echo "time.decode_percent: $(percent llama-3.1-8b --weights int4 --batch 1 --context 2048)"
