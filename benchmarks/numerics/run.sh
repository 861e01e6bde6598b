#!/bin/sh
# Prints what one core makes of Matrix commands, beside the multiply-adds that its vectors can do;
# then of scaled codes at the shapes of a small language model, and of attention.
#
#     benchmarks/numerics/run.sh
#
# Its figures are `numerics.matmul` (billions of bf16 multiply-adds a second) and of 4-bit codes
# `numerics.codes_decode` (billions of codes a second, one row) and `numerics.codes_prefill`
# (billions of multiply-adds a second, 128 rows).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources="$here/../../Sources/CApusNumerics"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for name in matmul codes; do
    clang -std=gnu11 -O3 -ffp-contract=off -I"$sources/include" "$here/$name.c" "$sources"/*.c \
        -lm -lpthread -o "$build/$name"
    "$build/$name"
done
