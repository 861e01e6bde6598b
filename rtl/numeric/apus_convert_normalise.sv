/// Shifts a value's highest bit to the top: the second half of what reads a format.
///
/// Latency: combinational.
module apus_convert_normalise #(
  /// Whether sources of 64 bits occur; without, magnitudes have 32 bits.
  parameter bit HasFixed54 = 1'b1
) (
  input  apus_convert_pkg::unnormalised_t value_i,
  output apus_convert_pkg::value_t        value_o
);

  localparam int unsigned Full = apus_convert_pkg::SIGNIFICAND_WIDTH;
  localparam int unsigned Width = HasFixed54 ? Full : 32;

  logic [5:0]       leading_zeros;
  logic [Width-1:0] normalised;

  // Shifts by 32, 16 … 1 where that many highest bits are zero.
  always_comb begin
    normalised = value_i.significand[Full-1 -: Width];
    leading_zeros = 6'd0;
    for (int unsigned step = 0; step < 6; step++) begin
      if ((32 >> step) < Width && (normalised >> (Width - (32 >> step))) == '0) begin
        normalised = normalised << (32 >> step);
        leading_zeros[5 - step] = 1'b1;
      end
    end
    value_o = value_i;
    value_o.exponent =
        value_i.exponent - apus_convert_pkg::EXPONENT_WIDTH'(leading_zeros);
    value_o.significand = {normalised, {(Full - Width){1'b0}}};
  end

endmodule
