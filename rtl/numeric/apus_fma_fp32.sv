/// Fused multiply-add of binary32 numbers: result = round(a * b + c).
///
/// Latency: Stages cycles, 0 to 3.  Throughput: one result per cycle.
module apus_fma_fp32 #(
  parameter int unsigned Stages = 3
) (
  input  logic        clk_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  input  logic [31:0] c_i,
  output logic [31:0] result_o
);

  apus_fma #(.FractionBits(23), .Stages(Stages)) u_fma (
    .clk_i, .a_i, .b_i, .c_i, .result_o
  );

endmodule
