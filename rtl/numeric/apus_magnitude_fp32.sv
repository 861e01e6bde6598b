/// Rounds a number in fixed point to binary32, ties to even.
///
///     value = (sign_i ? -1 : 1) * magnitude_i * 2^(exponent_i - 127)
///
/// For values between the smallest and the largest normal number, and zero, which keeps its sign.
///
/// Latency: combinational.
module apus_magnitude_fp32 #(
  parameter int unsigned Width = 32
) (
  input  logic             sign_i,
  input  logic [Width-1:0] magnitude_i,
  // Biased exponent of the last place.
  input  logic [7:0]       exponent_i,
  output logic [31:0]      value_o
);

  localparam int unsigned CountWidth = $clog2(Width + 1);
  // At least a guard bit and one that is sticky.
  localparam int unsigned PaddedWidth = Width > 26 ? Width : 26;

  logic [CountWidth-1:0]  zeros;
  logic [PaddedWidth-1:0] normal;
  logic                   is_zero, round_up;
  logic [7:0]             exponent;
  logic [30:0]            rounded;

  apus_leading_zeros #(.Width(Width)) u_zeros (.word_i(magnitude_i), .count_o(zeros));

  assign is_zero = magnitude_i == '0;
  assign normal = {magnitude_i, {(PaddedWidth - Width){1'b0}}} << zeros;
  assign round_up = normal[PaddedWidth-25]
      && (normal[PaddedWidth-26:0] != '0 || normal[PaddedWidth-24]);
  assign exponent = exponent_i + 8'(Width - 1) - 8'(zeros);
  assign rounded = {exponent, normal[PaddedWidth-2 -: 23]} + 31'(round_up);
  assign value_o = {sign_i, is_zero ? 31'b0 : rounded};

endmodule
