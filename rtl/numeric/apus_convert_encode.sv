/// The element that a rounding rule chooses for a value: the half of a conversion that writes a
/// format.
///
/// The significand is shifted right until its unit is the destination's (of a float: the distance
/// of neighbours at that exponent; of an integer: one), and the bits that fall out decide the
/// rounding. A float's count then carries into its exponent by addition.
///
/// bits64 and fixed54 are no destinations here: bits64 has no value, and no command writes fixed54
/// but Matrix.
///
/// Latency: combinational.
/// Emulator twin: ElementFormat.encode, Sources/ApusNumerics/ElementFormat+Conversion.swift
module apus_convert_encode (
  input  apus_convert_pkg::value_t value_i,
  input  logic [4:0]               format_i,
  /// A rounding rule; the reserved codes act as nearest, ties to even.
  input  logic [2:0]               rounding_i,
  output logic [31:0]              bits_o
);

  // Two places more than the significand has, so that integers wrap where a float's unit is above
  // one: value = shifted_in · 2^(exponent − 54).
  localparam int unsigned ShiftWidth = apus_convert_pkg::SIGNIFICAND_WIDTH + 2;
  localparam int unsigned TopPlace = ShiftWidth - 1;

  logic signed [10:0] exponent;
  assign exponent = 11'($signed(value_i.exponent));

  // Facts of the destination.
  logic              is_float, is_wide, is_signed;
  logic [4:0]        fraction_width;
  logic signed [10:0] exponent_min;
  logic [31:0]       sign_bit, finite_max, infinity, nan;
  logic [31:0]       integer_max;
  logic [5:0]        integer_width;

  always_comb begin
    is_float = 1'b1;
    is_wide = 1'b0;
    is_signed = 1'b1;
    fraction_width = 5'd0;
    exponent_min = 11'sd0;
    sign_bit = 32'd0;
    finite_max = 32'd0;
    infinity = 32'd0;
    nan = 32'd0;
    integer_width = 6'd0;
    integer_max = 32'd0;
    unique case (format_i)
      apus_isa_pkg::FORMAT_FP32: begin
        is_wide = 1'b1;
        fraction_width = 5'd23;
        exponent_min = -11'sd126;
        sign_bit = 32'h8000_0000;
        finite_max = 32'h7F7F_FFFF;
        infinity = 32'h7F80_0000;
        nan = 32'h7FC0_0000;
      end
      apus_isa_pkg::FORMAT_BF16: begin
        is_wide = 1'b1;
        fraction_width = 5'd7;
        exponent_min = -11'sd126;
        sign_bit = 32'h8000;
        finite_max = 32'h7F7F;
        infinity = 32'h7F80;
        nan = 32'h7FC0;
      end
      apus_isa_pkg::FORMAT_FP16: begin
        is_wide = 1'b1;
        fraction_width = 5'd10;
        exponent_min = -11'sd14;
        sign_bit = 32'h8000;
        finite_max = 32'h7BFF;
        infinity = 32'h7C00;
        nan = 32'h7E00;
      end
      apus_isa_pkg::FORMAT_E5M2: begin
        fraction_width = 5'd2;
        exponent_min = -11'sd14;
        sign_bit = 32'h80;
        finite_max = 32'h7B;
        infinity = 32'h7C;
        nan = 32'h7E;
      end
      apus_isa_pkg::FORMAT_E4M3: begin
        fraction_width = 5'd3;
        exponent_min = -11'sd6;
        sign_bit = 32'h80;
        finite_max = 32'h7E;
        nan = 32'h7F;
      end
      apus_isa_pkg::FORMAT_E2M1: begin
        fraction_width = 5'd1;
        exponent_min = 11'sd0;
        sign_bit = 32'h8;
        finite_max = 32'h7;
        nan = 32'h7;
      end
      default: begin
        is_float = 1'b0;
        unique case (format_i)
          apus_isa_pkg::FORMAT_INT32: integer_width = 6'd32;
          apus_isa_pkg::FORMAT_INT16, apus_isa_pkg::FORMAT_UINT16: integer_width = 6'd16;
          apus_isa_pkg::FORMAT_INT4, apus_isa_pkg::FORMAT_UINT4: integer_width = 6'd4;
          default: integer_width = 6'd8;
        endcase
        is_signed = format_i == apus_isa_pkg::FORMAT_INT32 || format_i == apus_isa_pkg::FORMAT_INT16
            || format_i == apus_isa_pkg::FORMAT_INT8 || format_i == apus_isa_pkg::FORMAT_INT4;
        sign_bit = is_signed ? 32'd1 << (integer_width - 6'd1) : 32'd0;
        integer_max = is_signed ? sign_bit - 32'd1 : (32'd1 << integer_width) - 32'd1;
      end
    endcase
  end

  // Facts of the rule.
  logic rounds_nearest, rounds_away, is_saturating, is_unsaturated;

  always_comb begin
    rounds_nearest = 1'b1;
    rounds_away = 1'b0;
    unique case (rounding_i)
      apus_isa_pkg::ROUND_TOWARD_ZERO, apus_isa_pkg::ROUND_WRAPPING: rounds_nearest = 1'b0;
      apus_isa_pkg::ROUND_DOWN: begin
        rounds_nearest = 1'b0;
        rounds_away = value_i.sign;
      end
      apus_isa_pkg::ROUND_UP: begin
        rounds_nearest = 1'b0;
        rounds_away = !value_i.sign;
      end
      default: ;
    endcase
    is_unsaturated = rounding_i == apus_isa_pkg::ROUND_NEAREST_EVEN_UNSATURATED;
    is_saturating = rounding_i != apus_isa_pkg::ROUND_WRAPPING && !is_unsaturated;
  end

  // The shift to the destination's unit, and the count of units, rounded. A shift beyond
  // `ShiftWidth + 1` leaves the same as that one: nothing but a sticky bit.
  logic signed [10:0]    exponent_used, shift_wanted;
  logic [5:0]            shift;
  logic [ShiftWidth:0]   shifted;
  logic                  sticky, guard, increments;
  logic [32:0]           count;

  always_comb begin
    exponent_used = exponent;
    if (is_float && exponent < exponent_min) exponent_used = exponent_min;
    shift_wanted = $signed(11'(TopPlace)) - exponent;
    if (is_float) begin
      shift_wanted = $signed(11'(TopPlace)) - $signed({6'd0, fraction_width}) + exponent_used
          - exponent;
    end
    shift = shift_wanted[5:0];
    if (shift_wanted < 11'sd0) shift = 6'd0;
    if (shift_wanted > $signed(11'(ShiftWidth + 1))) shift = 6'(ShiftWidth + 1);

    shifted = {value_i.significand, 3'd0};
    sticky = 1'b0;
    for (int unsigned step = 0; step < 6; step++) begin
      if (shift[step]) begin
        sticky = sticky | |(shifted & (((ShiftWidth + 1)'(1'b1) << (1 << step)) - 1'b1));
        shifted = shifted >> (1 << step);
      end
    end
    guard = shifted[0];
    increments = rounds_nearest ? guard && (sticky || shifted[1])
                                : rounds_away && (guard || sticky);
    count = {1'b0, shifted[32:1]} + 33'(increments);
  end

  // Floats.
  logic [31:0] float_code, float_sign, float_beyond, float_bits;
  logic [8:0]  exponent_code;
  logic        overflows_to_infinity;

  always_comb begin
    exponent_code = 9'(exponent_used - exponent_min);
    unique case (fraction_width)
      5'd23: float_code = {exponent_code, 23'd0};
      5'd10: float_code = {13'd0, exponent_code, 10'd0};
      5'd7: float_code = {16'd0, exponent_code, 7'd0};
      5'd3: float_code = {20'd0, exponent_code, 3'd0};
      5'd2: float_code = {21'd0, exponent_code, 2'd0};
      default: float_code = {22'd0, exponent_code, 1'b0};
    endcase
    float_code = float_code + count[31:0];
    float_sign = value_i.sign ? sign_bit : 32'd0;

    overflows_to_infinity = rounds_nearest || rounds_away;
    if (is_wide) begin
      float_beyond = float_sign
          | ((value_i.is_infinity || overflows_to_infinity) ? infinity : finite_max);
    end else begin
      float_beyond = float_sign | finite_max;
      // E4M3 has no infinity; what is too large is its NaN, without a sign. E2M1 saturates.
      if (is_unsaturated && format_i == apus_isa_pkg::FORMAT_E5M2) begin
        float_beyond = float_sign | infinity;
      end
      if (is_unsaturated && format_i == apus_isa_pkg::FORMAT_E4M3) float_beyond = nan;
    end

    float_bits = float_sign | float_code;
    if (value_i.is_infinity || float_code > finite_max) float_bits = float_beyond;
    if (value_i.is_zero) float_bits = float_sign;
    if (value_i.is_nan) float_bits = nan;
  end

  // Integers: the exponent tells a magnitude that 32 bits cannot hold.
  logic        is_above, is_below;
  logic [31:0] wrapped, integer_bits;

  always_comb begin
    is_above = exponent > 11'sd31 || count > {1'b0, integer_max};
    is_below = exponent > 11'sd31 || count > {1'b0, sign_bit};
    wrapped = value_i.sign ? -count[31:0] : count[31:0];
    if (exponent > $signed(11'(TopPlace))) wrapped = 32'd0;
    integer_bits = wrapped;
    if (is_saturating) begin
      if (!value_i.sign && (is_above || value_i.is_infinity)) integer_bits = integer_max;
      if (value_i.sign && (is_below || value_i.is_infinity)) integer_bits = sign_bit;
    end else if (value_i.is_infinity) begin
      integer_bits = 32'd0;
    end
    if (value_i.is_zero || value_i.is_nan) integer_bits = 32'd0;
  end

  // E8M0: powers of two; the significand rounds to one or to two, of which two is even.
  logic               scale_rounds_up;
  logic signed [10:0] scale_code;
  logic [31:0]        scale_bits;

  always_comb begin
    scale_rounds_up = rounds_nearest
        ? value_i.significand[apus_convert_pkg::SIGNIFICAND_WIDTH-2]
        : rounds_away && |value_i.significand[apus_convert_pkg::SIGNIFICAND_WIDTH-2:0];
    scale_code = exponent + 11'sd127 + (scale_rounds_up ? 11'sd1 : 11'sd0);
    scale_bits = 32'(scale_code[7:0]);
    if (value_i.is_infinity || scale_code > 11'sd254) scale_bits = is_unsaturated ? 32'hFF : 32'hFE;
    else if (exponent < -11'sd127) scale_bits = 32'd0;
    if (value_i.is_zero) scale_bits = 32'd0;
    else if (value_i.sign) scale_bits = 32'hFF;
    if (value_i.is_nan) scale_bits = 32'hFF;
  end

  always_comb begin
    bits_o = is_float ? float_bits : integer_bits;
    if (format_i == apus_isa_pkg::FORMAT_E8M0) bits_o = scale_bits;
    bits_o = bits_o & 32'(apus_convert_pkg::element_mask(format_i));
  end

endmodule
