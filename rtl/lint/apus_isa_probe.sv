/// Reads a few fields of a command by the generated package, so that `make lint` has a module with
/// which to ask Verilator and Yosys whether they read the package.
///
/// Latency: combinational.
module apus_isa_probe (
  // Only some fields are read; the others are other modules' matter.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_isa_pkg::COMMAND_WIDTH-1:0] command_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [7:0]                             opcode_o,
  output logic [4:0]                             wait_a_o,
  output logic                                   is_matmul_o
);

  assign opcode_o =
      command_i[apus_isa_pkg::SYNC_OPCODE_LSB +: apus_isa_pkg::SYNC_OPCODE_WIDTH];
  assign wait_a_o =
      command_i[apus_isa_pkg::SYNC_WAIT_A_LSB +: apus_isa_pkg::SYNC_WAIT_A_WIDTH];
  assign is_matmul_o = opcode_o == apus_isa_pkg::OP_MATMUL;

endmodule
