/// Puts one lane product where it belongs in the sum.
///
/// Latency: combinational.
module apus_matrix_place (
  input  logic               is_e4m3_i,
  input  logic signed [17:0] product_i,
  // Float: by so many bytes.
  input  logic [1:0]         coarse_i,
  // E4M3: by so many bits; the product has nine.
  input  logic [4:0]         shift_i,
  output logic signed [38:0] placed_o
);

  logic signed [38:0] fine, coarse;

  assign fine = 39'($signed(product_i[8:0])) <<< shift_i;

  always_comb begin
    unique case (coarse_i)
      2'd0: coarse = 39'(product_i);
      2'd1: coarse = 39'(product_i[15:0]) << 8;
      default: coarse = 39'(product_i[5:0]) << 16;
    endcase
    placed_o = is_e4m3_i ? fine : coarse;
  end

endmodule
