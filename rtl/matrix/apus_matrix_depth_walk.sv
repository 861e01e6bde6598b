/// Walks along k, innermost dimension first: the offsets that k adds to addresses of A and B.
///
/// Offsets are half bytes, modulo 2^32: what an address comes to is checked before.
module apus_matrix_depth_walk (
  input  logic        clk_i,
  input  logic        restart_i,
  input  logic        step_i,
  input  logic [31:0] extent_0_i,
  input  logic [31:0] extent_1_i,
  // Strides of k0, k1, k2, the innermost in the low bits.
  input  logic [95:0] a_strides_i,
  input  logic [95:0] b_strides_i,
  output logic [31:0] a_offset_o,
  output logic [31:0] b_offset_o
);

  logic [31:0] index_0_q, index_1_q;
  logic [95:0] a_q, b_q, a_d, b_d;
  logic        wraps_0, wraps_1;

  assign wraps_0 = index_0_q + 32'd1 == extent_0_i;
  assign wraps_1 = index_1_q + 32'd1 == extent_1_i;
  assign a_offset_o = a_q[31:0] + a_q[63:32] + a_q[95:64];
  assign b_offset_o = b_q[31:0] + b_q[63:32] + b_q[95:64];

  always_comb begin
    a_d = a_q;
    b_d = b_q;
    if (!wraps_0) begin
      a_d[31:0] = a_q[31:0] + a_strides_i[31:0];
      b_d[31:0] = b_q[31:0] + b_strides_i[31:0];
    end else begin
      a_d[31:0] = '0;
      b_d[31:0] = '0;
      if (!wraps_1) begin
        a_d[63:32] = a_q[63:32] + a_strides_i[63:32];
        b_d[63:32] = b_q[63:32] + b_strides_i[63:32];
      end else begin
        a_d[63:32] = '0;
        b_d[63:32] = '0;
        a_d[95:64] = a_q[95:64] + a_strides_i[95:64];
        b_d[95:64] = b_q[95:64] + b_strides_i[95:64];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (restart_i) begin
      index_0_q <= '0;
      index_1_q <= '0;
      a_q <= '0;
      b_q <= '0;
    end else if (step_i) begin
      index_0_q <= wraps_0 ? '0 : index_0_q + 32'd1;
      if (wraps_0) index_1_q <= wraps_1 ? '0 : index_1_q + 32'd1;
      a_q <= a_d;
      b_q <= b_d;
    end
  end

endmodule
