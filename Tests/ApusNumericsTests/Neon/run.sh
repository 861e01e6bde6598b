#!/bin/sh
# Compares the NEON level with the scalar level, bit for bit, under qemu-user.
#
#     apt-get install gcc-aarch64-linux-gnu qemu-user
#     Tests/ApusNumericsTests/Neon/run.sh
#
# Exit status 0: equal; 1: different; 77: the tools are not installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources="$here/../../../Sources/CApusNumerics"
for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
    command -v "$tool" >/dev/null || { echo "missing: $tool"; exit 77; }
done
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
aarch64-linux-gnu-gcc -std=gnu11 -O2 -ffp-contract=off -static -I"$sources/include" -I"$sources" \
    "$here/self_test.c" "$sources"/*.c -lm -lpthread -o "$build/self_test"
qemu-aarch64 "$build/self_test"
