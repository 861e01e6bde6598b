# Entry points. A launch starts at the symbol that bears its kernel's name, in machine mode, with
# nothing set up: give the kernel a stack at the top of program memory and call its Swift function.

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

    entry apus_tile
