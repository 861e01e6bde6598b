#!/bin/sh
# Every kind of tile program on the RTL of nano and on the emulator: the launches that the ONNX
# cases come to, and those of language models: the one in the box and small random models of every
# architecture (benchmarks/chat/families.py). Prints the claims `rtl.kernels` (kinds of launches
# that left the same memory) and `rtl.kernel_differences`.
#
#     benchmarks/rtl/kernels.sh
#
# It needs the RTL's model (`make rtl`) and the environments .venv and .venv-chat (`make venv-chat`);
# PYTHON and PYTHON_CHAT name others.
set -e
cd "$(dirname "$0")/../.."
cases=build/rtl/cases
if [ ! -e "$cases/ready" ]; then
  "${PYTHON:-.venv/bin/python}" python/extract_onnx_cases.py "$cases"
  touch "$cases/ready"
fi
"${PYTHON_CHAT:-.venv-chat/bin/python}" benchmarks/chat/families.py --make > /dev/null
models=$(for config in build/models/families/*/config.json; do dirname "$config"; done)
exec .build/release/apus-dev rtl-kernels --cases "$cases" examples/box-model/box.gguf $models
