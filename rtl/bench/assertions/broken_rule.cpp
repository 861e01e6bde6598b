// Asks the converter for what its assertion forbids: an FP32 element as fixed54.
#include "Vapus_convert.h"
#include "verilated.h"

int main(int argc, char **argv) {
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vapus_convert top{&context};
    bool breaks_rule = argc > 1;
    for (int cycle = 0; cycle < 8; cycle++) {
        top.rst_ni = cycle >= 2;
        top.valid_i = cycle >= 4;
        top.ready_i = 1;
        top.source_i = 0;
        // fixed54 or BF16.
        top.destination_i = breaks_rule ? 14 : 1;
        top.clk_i = 0;
        top.eval();
        top.clk_i = 1;
        top.eval();
    }
    return 0;
}
