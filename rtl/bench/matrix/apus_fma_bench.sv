/// Both fused multiply-add units side by side, in the stages they are used with, for the bench.
module apus_fma_bench (
  input  logic        clk_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  input  logic [31:0] c_i,
  output logic [31:0] fp32_o,
  output logic [31:0] fp32_at_once_o,
  output logic [31:0] bf16_o
);

  apus_fma_fp32 #(.Stages(3)) u_fp32 (.clk_i, .a_i, .b_i, .c_i, .result_o(fp32_o));
  apus_fma_fp32 #(.Stages(0)) u_fp32_at_once (
    .clk_i, .a_i, .b_i, .c_i, .result_o(fp32_at_once_o)
  );
  // BF16 operands are the upper halves.
  apus_fma_bf16 #(.Stages(2)) u_bf16 (
    .clk_i, .a_i(a_i[31:16]), .b_i(b_i[31:16]), .c_i, .result_o(bf16_o)
  );

endmodule
