/// Fused multiply-add of two BF16 numbers and a binary32 addend: result = round(a * b + c).
///
/// Latency: Stages cycles, 0 to 3.  Throughput: one result per cycle.
module apus_fma_bf16 #(
  parameter int unsigned Stages = 2
) (
  input  logic        clk_i,
  input  logic [15:0] a_i,
  input  logic [15:0] b_i,
  input  logic [31:0] c_i,
  output logic [31:0] result_o
);

  apus_fma #(.FractionBits(7), .Stages(Stages)) u_fma (
    .clk_i, .a_i, .b_i, .c_i, .result_o
  );

endmodule
