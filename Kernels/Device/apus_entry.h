// Entry points, for assembly files: `entry NAME` makes the kernel NAME, which calls `NAME_main`.
//
// A launch begins at the symbol that bears its kernel's name, in machine mode, with nothing set up.
// The entry makes a stack at the top of program memory. Its section is retained by the linker.
#ifndef APUS_ENTRY_H
#define APUS_ENTRY_H

    .macro entry name
    .section .text.\name, "axR", @progbits
    .globl \name
    .type \name, @function
\name:
    lui     sp, 0x10
    call    \name\()_main
1:  j       1b
    .size \name, . - \name
    .endm

#endif
