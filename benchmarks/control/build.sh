#!/bin/sh
# Compiles program.c for the control processor, once at address 0 and once for this machine, and
# writes the words and the expected result to Sources/apus-dev/ControlBenchmarkProgram.swift.
set -e
here=$(dirname "$0")
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-O2 -ffreestanding -fno-builtin -nostdlib -Wno-main-return-type -Wno-main"
chip="--target=riscv32 -march=rv32im -mabi=ilp32 -mno-relax"
clang $chip $flags -c "$here/start.S" -o "$work/start.o"
clang $chip $flags -c "$here/program.c" -o "$work/program.o"
ld.lld -e _start --image-base=0 -Ttext=0 -N --no-relax "$work/start.o" "$work/program.o" \
    -o "$work/program.elf"
llvm-objcopy -O binary -j .text -j .text.start -j .rodata -j .data -j .sdata \
    "$work/program.elf" "$work/program.bin"
clang -O2 -Wno-main-return-type -Wno-main -Dmain=benchmark -c "$here/program.c" -o "$work/native.o"
cat > "$work/print.c" <<'END'
#include <stdint.h>
#include <stdio.h>
uint32_t benchmark(uint32_t rounds);
int main(void) { printf("%u\n", benchmark(40)); }
END
clang "$work/print.c" "$work/native.o" -o "$work/native"
{
    echo "/// benchmarks/control/program.c for address 0, made by benchmarks/control/build.sh."
    echo "enum ControlBenchmarkProgram {"
    echo "    /// What 40 rounds return, computed by the same source on the host."
    echo "    static let expected: UInt32 = $("$work/native")"
    echo "    static let words: [UInt32] = ["
    od -An -v -tx4 -w28 "$work/program.bin" | sed 's/ \([0-9a-f]*\)/ 0x\1,/g; s/^/       /'
    echo "    ]"
    echo "}"
} > "$root/Sources/apus-dev/ControlBenchmarkProgram.swift"
