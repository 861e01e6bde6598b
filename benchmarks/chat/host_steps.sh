#!/bin/sh
# Prints what the host computes while a language model answers: `chat.host_steps: 0`.
#
#     benchmarks/chat/host_steps.sh [MODEL]
set -eu
cd "$(dirname "$0")/../.."
.build/release/apus generate "${1:-examples/box-model/box.gguf}" --prompt "What is two plus three?" \
    --temperature 0.7 --top-p 0.9 --json \
    | python3 -c "import json, sys; print('chat.host_steps:', json.load(sys.stdin)['hostSteps'])"
