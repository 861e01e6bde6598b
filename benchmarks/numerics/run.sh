#!/bin/sh
# Prints what one core makes of Matrix commands, beside the multiply-adds that its vectors can do.
#
#     benchmarks/numerics/run.sh
#
# The last line is `numerics.matmul: <billions of bf16 multiply-adds a second>`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources="$here/../../Sources/CApusNumerics"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
clang -std=gnu11 -O3 -ffp-contract=off -I"$sources/include" "$here/matmul.c" "$sources"/*.c \
    -lm -lpthread -o "$build/matmul"
"$build/matmul"
