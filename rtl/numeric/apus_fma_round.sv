/// Normalises a magnitude in fixed point and rounds it to binary32, ties to even.
///
///     value = magnitude_i * 2^(frame_exponent_i - 127 - WindowWidth + 2)
///
/// Subnormal results keep the exponent of the smallest normal number: the shift to the left ends
/// there. The exponent is added to the significand with its hidden bit, so a carry from rounding
/// needs no case of its own, nor does a subnormal number that becomes normal.
///
/// Latency: combinational.
module apus_fma_round #(
  parameter int unsigned WindowWidth = 76
) (
  input  logic [WindowWidth-1:0] magnitude_i,
  input  logic                   sticky_i,
  input  logic                   sign_i,
  // Of two numbers of different signs: if nothing is left it is +0.
  input  logic                   is_difference_i,
  /// Biased, at least 1.
  input  logic signed [10:0]     frame_exponent_i,
  input  logic                   is_nan_i,
  input  logic                   is_infinite_i,
  output logic [31:0]            result_o
);

  localparam int unsigned ShiftWidth = $clog2(WindowWidth + 1);

  // Leading zeros, but not so many that the exponent would fall below that of subnormal numbers.
  logic [ShiftWidth-1:0]  zeros, shift;
  logic                   is_limited;
  logic [WindowWidth-1:0] normal;

  apus_leading_zeros #(.Width(WindowWidth)) u_zeros (.word_i(magnitude_i), .count_o(zeros));

  assign is_limited = frame_exponent_i[10:ShiftWidth] == '0
      && frame_exponent_i[ShiftWidth-1:0] < zeros;
  assign shift = is_limited ? frame_exponent_i[ShiftWidth-1:0] : zeros;
  assign normal = magnitude_i << shift;

  logic [23:0]        significand;
  logic               guard, rest, round_up;
  logic signed [10:0] exponent;
  logic [30:0]        rounded;
  logic               overflows;

  assign significand = normal[WindowWidth-1 -: 24];
  assign guard = normal[WindowWidth-25];
  assign rest = normal[WindowWidth-26:0] != '0 || sticky_i;
  assign round_up = guard && (rest || significand[0]);
  // The biased exponent less one: the hidden bit adds it where there is one.
  assign exponent = frame_exponent_i - $signed({1'b0, 10'(shift)});
  // Without a hidden bit the number is subnormal or zero (which has no place to shift to).
  assign rounded = {exponent[7:0] & {8{significand[23]}}, 23'b0} + 31'(significand) + 31'(round_up);
  assign overflows = exponent >= 11'sd254 || rounded[30:23] == 8'hFF;

  logic sign;
  assign sign = sign_i && !(is_difference_i && magnitude_i == '0 && !sticky_i);

  always_comb begin
    if (is_nan_i) result_o = 32'h7FC0_0000;
    else if (is_infinite_i) result_o = {sign_i, 8'hFF, 23'b0};
    else if (overflows) result_o = {sign, 8'hFF, 23'b0};
    else result_o = {sign, rounded};
  end

endmodule
