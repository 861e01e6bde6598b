/// The exact value of an element, as an integer and a power of two: the first half of what reads a
/// format. bits64 has no value and gives zero.
///
/// Latency: combinational.
/// Emulator twin: ElementFormat.decode, Sources/ApusNumerics/ElementFormat+Conversion.swift
module apus_convert_decode #(
  /// Whether sources of 64 bits occur; without, magnitudes have 32 bits.
  parameter bit HasFixed54 = 1'b1
) (
  // Bits above the element's width are ignored.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [63:0]                     bits_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [4:0]                      format_i,
  output apus_convert_pkg::unnormalised_t value_o
);

  localparam int unsigned Width = HasFixed54 ? apus_convert_pkg::SIGNIFICAND_WIDTH : 32;
  localparam int unsigned ExponentWidth = apus_convert_pkg::EXPONENT_WIDTH;

  // A floating format's fields, the fraction at the top of binary32's 23 bits.
  logic        float_sign, float_nan, float_infinity;
  logic [7:0]  exponent_code;
  logic [22:0] fraction;
  /// What a code means, minus the code: −bias.
  logic [7:0]  bias;
  logic        is_float;

  always_comb begin
    is_float = 1'b1;
    float_sign = 1'b0;
    exponent_code = 8'd0;
    fraction = 23'd0;
    bias = 8'd0;
    float_nan = 1'b0;
    float_infinity = 1'b0;
    unique case (format_i)
      apus_isa_pkg::FORMAT_FP32: begin
        {float_sign, exponent_code, fraction} = bits_i[31:0];
        bias = 8'd127;
        float_nan = &exponent_code && |fraction;
        float_infinity = &exponent_code && ~|fraction;
      end
      apus_isa_pkg::FORMAT_BF16: begin
        {float_sign, exponent_code, fraction[22:16]} = bits_i[15:0];
        bias = 8'd127;
        float_nan = &exponent_code && |fraction;
        float_infinity = &exponent_code && ~|fraction;
      end
      apus_isa_pkg::FORMAT_FP16: begin
        {float_sign, exponent_code[4:0], fraction[22:13]} = bits_i[15:0];
        bias = 8'd15;
        float_nan = &exponent_code[4:0] && |fraction;
        float_infinity = &exponent_code[4:0] && ~|fraction;
      end
      apus_isa_pkg::FORMAT_E5M2: begin
        {float_sign, exponent_code[4:0], fraction[22:21]} = bits_i[7:0];
        bias = 8'd15;
        float_nan = &exponent_code[4:0] && |fraction;
        float_infinity = &exponent_code[4:0] && ~|fraction;
      end
      apus_isa_pkg::FORMAT_E4M3: begin
        {float_sign, exponent_code[3:0], fraction[22:20]} = bits_i[7:0];
        bias = 8'd7;
        float_nan = &bits_i[6:0];
      end
      apus_isa_pkg::FORMAT_E2M1: begin
        {float_sign, exponent_code[1:0], fraction[22]} = bits_i[3:0];
        bias = 8'd1;
      end
      default: is_float = 1'b0;
    endcase
  end

  // An integer with its sign, counts of fixed54 included.
  logic signed [Width:0] integer_value;
  logic [Width:0]        integer_magnitude;

  always_comb begin
    unique case (format_i)
      apus_isa_pkg::FORMAT_INT32: integer_value = (Width + 1)'($signed(bits_i[31:0]));
      apus_isa_pkg::FORMAT_INT16: integer_value = (Width + 1)'($signed(bits_i[15:0]));
      apus_isa_pkg::FORMAT_INT8: integer_value = (Width + 1)'($signed(bits_i[7:0]));
      apus_isa_pkg::FORMAT_INT4: integer_value = (Width + 1)'($signed(bits_i[3:0]));
      apus_isa_pkg::FORMAT_UINT16: integer_value = $signed((Width + 1)'(bits_i[15:0]));
      apus_isa_pkg::FORMAT_UINT8: integer_value = $signed((Width + 1)'(bits_i[7:0]));
      apus_isa_pkg::FORMAT_UINT4: integer_value = $signed((Width + 1)'(bits_i[3:0]));
      apus_isa_pkg::FORMAT_FIXED54: integer_value = $signed(bits_i[Width:0]);
      apus_isa_pkg::FORMAT_E8M0: integer_value = $signed((Width + 1)'(1'b1));
      default: integer_value = '0;
    endcase
    integer_magnitude = integer_value[Width] ? -integer_value : integer_value;
  end

  // The magnitude before it is normalised, and the exponent of its highest place.
  logic                     is_fixed54, is_scale;
  logic [Width-1:0]         magnitude;
  logic [ExponentWidth-1:0] place_exponent;
  logic [7:0]               code_used;

  always_comb begin
    is_fixed54 = HasFixed54 && format_i == apus_isa_pkg::FORMAT_FIXED54;
    is_scale = format_i == apus_isa_pkg::FORMAT_E8M0;
    code_used = (exponent_code == 8'd0) ? 8'd1 : exponent_code;
    if (is_float) begin
      // The hidden bit at the top: the place of 2^(code − bias).
      magnitude = {|exponent_code, fraction, {(Width - 24){1'b0}}};
      place_exponent = ExponentWidth'(code_used) - ExponentWidth'(bias);
    end else begin
      magnitude = integer_magnitude[Width-1:0];
      place_exponent = ExponentWidth'(Width - 1);
      if (is_fixed54) place_exponent = ExponentWidth'(Width - 1) - ExponentWidth'(18);
      if (is_scale) begin
        place_exponent =
            ExponentWidth'(Width - 1) + ExponentWidth'(bits_i[7:0]) - ExponentWidth'(127);
      end
    end
  end

  always_comb begin
    value_o.sign = is_float ? float_sign : integer_value[Width];
    value_o.is_nan = float_nan;
    // The most negative count has no magnitude of 53 bits; it is fixed54's NaN.
    if (is_fixed54) value_o.is_nan = integer_magnitude[Width];
    if (is_scale) value_o.is_nan = &bits_i[7:0];
    value_o.is_infinity = float_infinity;
    value_o.is_zero = magnitude == '0;
    value_o.exponent = place_exponent;
    value_o.significand =
        {magnitude, {(apus_convert_pkg::SIGNIFICAND_WIDTH - Width){1'b0}}};
  end

endmodule
