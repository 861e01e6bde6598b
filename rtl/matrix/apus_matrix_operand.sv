/// The operand of one row or column: what `current` holds, made into what the array takes.
///
/// Latency: 1 cycle.
module apus_matrix_operand #(
  // B's halves lie in another order than A's, and its bubbles have another sign.
  parameter bit IsB = 0
) (
  input  logic        clk_i,
  // One step; otherwise the operand changes nothing.
  input  logic        issue_i,
  input  logic        is_exact_i,
  input  logic [4:0]  format_i,
  input  logic [31:0] value_i,
  input  logic [1:0]  part_i,
  input  logic        is_last_i,
  output logic [apus_matrix_pkg::OPERAND_WIDTH-1:0] operand_o
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  localparam int unsigned OPERAND_WIDTH = apus_matrix_pkg::OPERAND_WIDTH;

  logic [OPERAND_WIDTH-1:0] exact, float, operand_q;

  apus_matrix_exact_operand u_exact (
    .format_i, .elements_i(value_i), .operand_o(exact)
  );
  apus_matrix_float_operand #(.IsB(IsB)) u_float (
    .value_i, .part_i, .is_last_i, .operand_o(float)
  );

  // A product of -0 leaves every float as it is; lanes of zero leave every exact sum.
  apus_matrix_pkg::operand_t bubble;
  always_comb begin
    bubble = '0;
    bubble.is_zero = 1'b1;
    bubble.sign = !IsB;
  end

  always_ff @(posedge clk_i) operand_q <= !issue_i ? bubble : is_exact_i ? exact : float;

  assign operand_o = operand_q;

endmodule
