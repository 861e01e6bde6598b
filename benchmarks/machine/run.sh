#!/bin/sh
# Prints what one core makes of Load, Store and Vector commands of a language model's shapes.
#
#     benchmarks/machine/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources="$here/../../Sources"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
clang -std=gnu11 -O3 -ffp-contract=off -I"$sources/CApusNumerics/include" \
    -I"$sources/CApusMachine/include" "$here/engines.c" "$sources"/CApusNumerics/*.c \
    "$sources"/CApusMachine/*.c -lm -lpthread -o "$build/engines"
"$build/engines"
