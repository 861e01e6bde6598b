# a0 is the number of rounds; ebreak ends with the result in a0.
.section .text.start
.globl _start
_start:
    li sp, 0x10000
    call main
    ebreak
