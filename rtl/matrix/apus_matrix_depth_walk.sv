/// Walks along k, innermost dimension first: where A's and B's elements of this k and the next one
/// lie in the first row and column.
///
/// Addresses count half bytes, modulo 2^32: what they come to is checked before. Where a run along
/// the inner dimensions began is kept, so that every next address is one sum.
module apus_matrix_depth_walk (
  input  logic        clk_i,
  // To k = 0; or on to the next.
  input  logic        restart_i,
  input  logic        step_i,
  input  logic [31:0] extent_0_i,
  input  logic [31:0] extent_1_i,
  input  logic [31:0] a_base_i,
  input  logic [31:0] b_base_i,
  // Strides of k0, k1, k2, the innermost in the low bits.
  input  logic [95:0] a_strides_i,
  input  logic [95:0] b_strides_i,
  output logic [31:0] a_address_o,
  output logic [31:0] b_address_o,
  output logic [31:0] a_next_o,
  output logic [31:0] b_next_o
);

  // Elements that are left of the runs along k0 and k1.
  logic [31:0] left_0_q, left_1_q;
  logic [31:0] a_q, a_run_0_q, a_run_1_q, a_d;
  logic [31:0] b_q, b_run_0_q, b_run_1_q, b_d;
  logic        wraps_0, wraps_1;

  assign wraps_0 = left_0_q == 32'd1;
  assign wraps_1 = left_1_q == 32'd1;

  always_comb begin
    if (!wraps_0) begin
      a_d = a_q + a_strides_i[31:0];
      b_d = b_q + b_strides_i[31:0];
    end else if (!wraps_1) begin
      a_d = a_run_0_q + a_strides_i[63:32];
      b_d = b_run_0_q + b_strides_i[63:32];
    end else begin
      a_d = a_run_1_q + a_strides_i[95:64];
      b_d = b_run_1_q + b_strides_i[95:64];
    end
  end

  always_ff @(posedge clk_i) begin
    if (restart_i) begin
      left_0_q <= extent_0_i;
      left_1_q <= extent_1_i;
      {a_q, a_run_0_q, a_run_1_q} <= {3{a_base_i}};
      {b_q, b_run_0_q, b_run_1_q} <= {3{b_base_i}};
    end else if (step_i) begin
      left_0_q <= wraps_0 ? extent_0_i : left_0_q - 32'd1;
      a_q <= a_d;
      b_q <= b_d;
      if (wraps_0) begin
        left_1_q <= wraps_1 ? extent_1_i : left_1_q - 32'd1;
        a_run_0_q <= a_d;
        b_run_0_q <= b_d;
      end
      if (wraps_0 && wraps_1) begin
        a_run_1_q <= a_d;
        b_run_1_q <= b_d;
      end
    end
  end

  assign a_address_o = a_q;
  assign b_address_o = b_q;
  assign a_next_o = a_d;
  assign b_next_o = b_d;

endmodule
