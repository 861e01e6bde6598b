/// Walks along two nested dimensions: the offset of index outer * InnerExtent + inner.
///
/// Offsets are modulo 2^32: what an address comes to is checked before.
module apus_matrix_walk (
  input  logic        clk_i,
  // Back to the first index; or on to the next.
  input  logic        restart_i,
  input  logic        step_i,
  input  logic [31:0] inner_extent_i,
  input  logic [31:0] inner_stride_i,
  input  logic [31:0] outer_stride_i,
  output logic [31:0] offset_o
);

  logic [31:0] index_q, inner_q, outer_q;
  logic        wraps;

  assign offset_o = inner_q + outer_q;
  assign wraps = index_q + 32'd1 == inner_extent_i;

  always_ff @(posedge clk_i) begin
    if (restart_i) begin
      index_q <= '0;
      inner_q <= '0;
      outer_q <= '0;
    end else if (step_i && wraps) begin
      index_q <= '0;
      inner_q <= '0;
      outer_q <= outer_q + outer_stride_i;
    end else if (step_i) begin
      index_q <= index_q + 32'd1;
      inner_q <= inner_q + inner_stride_i;
    end
  end

endmodule
