/// The steps of a lane on bits, integers and comparisons: all but the multiply-adder's and the
/// divider's.
///
/// Masks are ones or zeros in all bits. Shift counts outside 0 to 31 shift everything out. The
/// smaller and the larger of FP32 hold -0 below +0, and a NaN wins.
///
/// Latency: combinational.
/// Emulator twin: MicroArithmetic of Sources/ApusGenerate/Microcode/MicroInterpreter.swift
module apus_vector_alu (
  input  logic [5:0]  opcode_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  input  logic [31:0] c_i,
  output logic [31:0] result_o
);

  // Comparisons -----------------------------------------------------------------------------------

  logic a_is_nan, b_is_nan, is_nan, both_zero;
  logic is_equal_bits, is_less_int, is_less_unsigned, is_less, is_equal;

  assign a_is_nan = a_i[30:0] > 31'h7F80_0000;
  assign b_is_nan = b_i[30:0] > 31'h7F80_0000;
  assign is_nan = a_is_nan || b_is_nan;
  assign both_zero = a_i[30:0] == '0 && b_i[30:0] == '0;
  assign is_equal_bits = a_i == b_i;
  assign is_less_unsigned = a_i < b_i;
  assign is_less_int = $signed(a_i) < $signed(b_i);
  assign is_equal = !is_nan && (is_equal_bits || both_zero);
  // Sign and magnitude: among negative numbers the larger magnitude is less.
  assign is_less = !is_nan && !is_equal
      && (a_i[31] ? !b_i[31] || !is_less_unsigned : !b_i[31] && is_less_unsigned);

  logic [31:0] smaller, larger;

  always_comb begin
    smaller = is_less ? a_i : b_i;
    larger = is_less ? b_i : a_i;
    if (is_equal) begin
      smaller = a_i | b_i;
      larger = a_i & b_i;
    end
    if (is_nan) begin
      smaller = 32'h7FC0_0000;
      larger = 32'h7FC0_0000;
    end
  end

  // Shifts, products, counts ----------------------------------------------------------------------

  logic        is_count;
  logic [63:0] product;
  logic [5:0]  zeros;
  logic [31:0] from_integer;
  logic [31:0] window;

  assign is_count = b_i[31:5] == '0;
  assign product = 64'(a_i) * 64'(b_i);

  apus_leading_zeros #(.Width(32)) u_zeros (.word_i(a_i), .count_o(zeros));
  apus_int_to_fp32 u_to_float (.integer_i(a_i), .result_o(from_integer));

  // The constant's first bit is the window's bit 0; beyond the constant there are zeros.
  localparam int unsigned ConstantWidth = apus_vector_pkg::TWO_OVER_PI_WIDTH;
  logic [ConstantWidth-1:0] shifted_constant;
  assign shifted_constant = apus_vector_pkg::TWO_OVER_PI << a_i[7:0];
  assign window = shifted_constant[ConstantWidth-1 -: 32];

  logic unused_bits;
  assign unused_bits = ^{shifted_constant[ConstantWidth-33:0]};

  always_comb begin
    case (opcode_i)
      apus_vector_pkg::MICRO_AND: result_o = a_i & b_i;
      apus_vector_pkg::MICRO_OR: result_o = a_i | b_i;
      apus_vector_pkg::MICRO_XOR: result_o = a_i ^ b_i;
      apus_vector_pkg::MICRO_ADD_INT: result_o = a_i + b_i;
      apus_vector_pkg::MICRO_SUB_INT: result_o = a_i - b_i;
      apus_vector_pkg::MICRO_SHL: result_o = is_count ? a_i << b_i[4:0] : '0;
      apus_vector_pkg::MICRO_SHR: result_o = is_count ? a_i >> b_i[4:0] : '0;
      apus_vector_pkg::MICRO_SAR:
        result_o = is_count ? 32'($signed(a_i) >>> b_i[4:0]) : {32{a_i[31]}};
      apus_vector_pkg::MICRO_MUL_LOW: result_o = product[31:0];
      apus_vector_pkg::MICRO_MUL_HIGH: result_o = product[63:32];
      apus_vector_pkg::MICRO_LEADING_ZEROS: result_o = {26'b0, zeros};
      apus_vector_pkg::MICRO_CHOOSE: result_o = a_i != '0 ? b_i : c_i;
      apus_vector_pkg::MICRO_LESS: result_o = {32{is_less}};
      apus_vector_pkg::MICRO_LESS_EQUAL: result_o = {32{is_less || is_equal}};
      apus_vector_pkg::MICRO_EQUAL: result_o = {32{is_equal}};
      apus_vector_pkg::MICRO_LESS_INT: result_o = {32{is_less_int}};
      apus_vector_pkg::MICRO_LESS_UNSIGNED: result_o = {32{is_less_unsigned}};
      apus_vector_pkg::MICRO_EQUAL_INT: result_o = {32{is_equal_bits}};
      apus_vector_pkg::MICRO_MIN: result_o = smaller;
      apus_vector_pkg::MICRO_MAX: result_o = larger;
      apus_vector_pkg::MICRO_MIN_INT: result_o = is_less_int ? a_i : b_i;
      apus_vector_pkg::MICRO_MAX_INT: result_o = is_less_int ? b_i : a_i;
      apus_vector_pkg::MICRO_TO_FLOAT: result_o = from_integer;
      apus_vector_pkg::MICRO_WINDOW: result_o = window;
      // Moves, also those from other elements.
      default: result_o = a_i;
    endcase
  end

endmodule
