#!/bin/sh
# Joules and watts of simulated runs on cloud7, as docs/cost/energy.md has them.
set -eu
cd "$(dirname "$0")/../.."
row() {
    name=$1
    title=$2
    shift 2
    .build/release/apus time "$@" --json | python3 -c "
import json, sys
energy = json.load(sys.stdin)['energy']
def text(value):
    return '%.3g (%.3g to %.3g)' % (value['expected'], value['low'], value['high'])
hottest = max(energy['launches'], key=lambda launch: launch['watts']['expected'])
print('| $title | %s | %s | %s |' % (
    text(energy['joulesPerItem']), text(energy['wattsMean']), text(hottest['watts'])))
blocks = sum(block['joules']['expected'] for block in energy['blocks'])
assert abs(blocks / energy['joules']['expected'] - 1) < 1e-9, 'blocks do not add up'
print('cost.energy_$name: %.3g' % energy['joulesPerItem']['expected'])"
}
row decode "Llama-3.1-8B, INT4, decode of one sequence, a token" \
    llama-3.1-8b --weights int4 --batch 1 --context 2048
row batch "Llama-3.1-8B, INT4, decode of 32 sequences, a token" \
    llama-3.1-8b --weights int4 --batch 32 --context 2048
row prefill "Llama-3.1-8B, INT4, prefill of 2,048 tokens, a token" \
    llama-3.1-8b --weights int4 --phase prefill --context 2048
row resnet "ResNet-50, batch 16, an image" resnet-50 --batch 16
