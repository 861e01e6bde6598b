/// Makes a float operand from a binary32 number: the number itself, if it is of at most 11
/// significant bits, or one of its BF16 slices.
///
///     x0 = hi(x),  x1 = hi(x - x0),  x2 = hi(x - x0 - x1),  hi(x) = x & 0xFFFF_0000
///
/// A slice is bits of x's significand: x0 the upper eight; x1 eight from the first one of the lower
/// sixteen on; x2 what is left; none of a weight below 2^-133, which hi() cuts off too. An exact
/// difference of zero is +0, so a slice has x's sign only if something was left to cut.
///
/// Latency: combinational.
/// Emulator twin: Slices in Sources/ApusMachine/Engines/MatmulProduct.swift
module apus_matrix_float_operand #(
  // The order of the halves in the lanes: B's differs from A's.
  parameter bit IsB = 0
) (
  input  logic [31:0] value_i,
  // 0 the number itself; 1 slice 0; 2 slice 1; 3 slice 2. An infinity or NaN is +0 in a slice.
  input  logic [1:0]  part_i,
  // The pass a0·b0, in which a number that is not finite has its value.
  input  logic        is_last_i,
  output logic [apus_matrix_pkg::OPERAND_WIDTH-1:0] operand_o
);

  logic        sign, is_normal, is_special, fraction_any, is_hidden;
  logic [7:0]  exponent;
  logic [15:0] upper, lower, floor_mask;

  assign sign = value_i[31];
  assign is_normal = value_i[30:23] != '0;
  assign is_special = value_i[30:23] == '1;
  assign fraction_any = value_i[22:0] != '0;
  assign exponent = value_i[30:23] | 8'(!is_normal);
  assign upper = {is_normal, value_i[22:8]};
  assign lower = value_i[15:0];

  // Bit j of the lower sixteen weighs 2^(exponent - 150 + j).
  assign floor_mask = exponent >= 8'd17 ? 16'hFFFF : 16'hFFFF << (5'd17 - exponent[4:0]);

  // The lower bits from their first one on, and which of them weigh enough: eight of the second
  // slice, then those of the third. Where the floor cuts the eight, it leaves nothing below.
  logic [15:0] lower_normal, floor_normal;
  logic [7:0]  first, rest, second;
  logic [4:0]  upper_zeros, lower_zeros, zeros;
  logic [3:0]  rest_zeros;
  logic        rest_any;

  apus_leading_zeros #(.Width(16)) u_lower (.word_i(lower), .count_o(lower_zeros));
  assign lower_normal = lower << lower_zeros;
  assign floor_normal = floor_mask << lower_zeros;
  assign first = lower_normal[15:8] & floor_normal[15:8];
  assign rest = lower_normal[7:0];
  assign rest_any = rest != '0 || first != lower_normal[15:8];
  apus_leading_zeros #(.Width(8)) u_rest (.word_i(rest), .count_o(rest_zeros));
  assign second = (rest & floor_normal[7:0]) << rest_zeros;

  // The part's bits from the first one on, and its exponent.
  apus_leading_zeros #(.Width(16)) u_upper (.word_i(upper), .count_o(upper_zeros));
  // Only one part has more than eight bits, the number itself: eleven.
  // verilator lint_off UNUSEDSIGNAL
  logic [15:0]       normal;
  // verilator lint_on UNUSEDSIGNAL
  logic signed [8:0] part_exponent;

  assign zeros = part_i[1] ? lower_zeros : upper_zeros;

  always_comb begin
    part_exponent = $signed({1'b0, exponent}) - $signed({4'b0, zeros});
    unique case (part_i)
      2'd0: normal = upper << upper_zeros;
      // A number's first slice is its upper eight bits, wherever their first one is.
      2'd1: normal = {upper[15:8], 8'b0} << upper_zeros;
      2'd2: begin
        normal = {first, 8'b0};
        part_exponent = part_exponent - 9'sd8;
      end
      default: begin
        normal = {second, 8'b0};
        part_exponent = part_exponent - 9'sd16 - $signed({5'b0, rest_zeros});
      end
    endcase
  end

  // Infinities and NaNs appear where the whole number or the last pass is asked for.
  logic is_shown;
  assign is_shown = part_i == 2'd0 || is_last_i;
  assign is_hidden = is_special && !is_shown;

  apus_matrix_pkg::operand_t operand;
  logic [8:0] low, high;

  assign low = {1'b0, normal[12:5]};
  assign high = {6'b0, normal[15:13]};
  assign operand.lanes = is_special ? '0
      : IsB ? {high, low, high, low} : {high, high, low, low};
  assign operand.shifts = '0;
  assign operand.exponent = part_exponent;
  assign operand.is_zero = is_hidden || (!is_special && !normal[15]);
  assign operand.is_infinite = is_special && is_shown && !fraction_any;
  assign operand.is_nan = is_special && is_shown && fraction_any;
  always_comb begin
    if (is_hidden) operand.sign = 1'b0;
    else if (part_i == 2'd2) operand.sign = sign && lower != '0;
    else if (part_i == 2'd3) operand.sign = sign && rest_any;
    else operand.sign = sign;
  end

  assign operand_o = operand;

endmodule
