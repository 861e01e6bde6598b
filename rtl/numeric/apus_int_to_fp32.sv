/// Rounds a two's complement integer to binary32, ties to even.
///
/// Latency: combinational.
/// Emulator twin: `(float)` of an int32_t
module apus_int_to_fp32 (
  input  logic [31:0] integer_i,
  output logic [31:0] result_o
);

  logic [31:0] magnitude, normal;
  logic [5:0]  zeros;
  logic        round_up;
  logic [30:0] rounded;

  assign magnitude = integer_i[31] ? -integer_i : integer_i;
  apus_leading_zeros #(.Width(32)) u_zeros (.word_i(magnitude), .count_o(zeros));
  assign normal = magnitude << zeros;

  // 24 bits stay; the hidden one adds to the exponent, and so does a carry.
  assign round_up = normal[7] && (normal[6:0] != '0 || normal[8]);
  assign rounded = {8'd157 - {2'b0, zeros}, 23'b0} + {7'b0, normal[31:8]} + 31'(round_up);
  assign result_o = integer_i == '0 ? '0 : {integer_i[31], rounded};

endmodule
