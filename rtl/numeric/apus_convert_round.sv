/// The element that a rounding rule chooses for a value in units of the destination: the second half
/// of what writes a format.
///
/// What fell out of the shift decides the rounding. A float's count then carries into its exponent
/// by addition.
///
/// bits64 and fixed54 are no destinations here: bits64 has no value, and no command writes fixed54
/// but Matrix.
///
/// Latency: combinational.
/// Emulator twin: ElementFormat.encode, Sources/ApusNumerics/ElementFormat+Conversion.swift
module apus_convert_round (
  input  apus_convert_pkg::aligned_t aligned_i,
  input  logic [4:0]                 format_i,
  /// A rounding rule; the reserved codes act as nearest, ties to even.
  input  logic [2:0]                 rounding_i,
  output logic [31:0]                bits_o
);

  // What the shift needed is done with.
  // verilator lint_off UNUSEDSIGNAL
  apus_convert_pkg::facts_t facts;
  // verilator lint_on UNUSEDSIGNAL
  apus_convert_facts u_facts (
    .format_i,
    .facts_o(facts)
  );

  logic signed [10:0] exponent;
  assign exponent = $signed(aligned_i.exponent);

  // Facts of the rule.
  logic rounds_nearest, rounds_away, is_saturating, is_unsaturated;

  always_comb begin
    rounds_nearest = 1'b1;
    rounds_away = 1'b0;
    unique case (rounding_i)
      apus_isa_pkg::ROUND_TOWARD_ZERO, apus_isa_pkg::ROUND_WRAPPING: rounds_nearest = 1'b0;
      apus_isa_pkg::ROUND_DOWN: begin
        rounds_nearest = 1'b0;
        rounds_away = aligned_i.sign;
      end
      apus_isa_pkg::ROUND_UP: begin
        rounds_nearest = 1'b0;
        rounds_away = !aligned_i.sign;
      end
      default: ;
    endcase
    is_unsaturated = rounding_i == apus_isa_pkg::ROUND_NEAREST_EVEN_UNSATURATED;
    is_saturating = rounding_i != apus_isa_pkg::ROUND_WRAPPING && !is_unsaturated;
  end

  logic        increments;
  logic [32:0] count;

  assign increments = rounds_nearest
      ? aligned_i.guard && (aligned_i.sticky || aligned_i.count[0])
      : rounds_away && (aligned_i.guard || aligned_i.sticky);
  assign count = {1'b0, aligned_i.count} + 33'(increments);

  // Floats.
  logic [31:0] float_code, float_sign, float_beyond, float_bits;
  logic        overflows_to_infinity;

  always_comb begin
    unique case (facts.fraction_width)
      5'd23: float_code = {1'b0, aligned_i.steps, 23'd0};
      5'd10: float_code = {14'd0, aligned_i.steps, 10'd0};
      5'd7: float_code = {17'd0, aligned_i.steps, 7'd0};
      5'd3: float_code = {21'd0, aligned_i.steps, 3'd0};
      5'd2: float_code = {22'd0, aligned_i.steps, 2'd0};
      default: float_code = {23'd0, aligned_i.steps, 1'b0};
    endcase
    float_code = float_code + count[31:0];
    float_sign = aligned_i.sign ? facts.sign_bit : 32'd0;

    overflows_to_infinity = rounds_nearest || rounds_away;
    if (facts.is_wide) begin
      float_beyond = float_sign
          | ((aligned_i.is_infinity || overflows_to_infinity) ? facts.infinity : facts.finite_max);
    end else begin
      float_beyond = float_sign | facts.finite_max;
      // E4M3 has no infinity; what is too large is its NaN, without a sign. E2M1 saturates.
      if (is_unsaturated && format_i == apus_isa_pkg::FORMAT_E5M2) begin
        float_beyond = float_sign | facts.infinity;
      end
      if (is_unsaturated && format_i == apus_isa_pkg::FORMAT_E4M3) float_beyond = facts.nan;
    end

    float_bits = float_sign | float_code;
    if (aligned_i.is_infinity || float_code > facts.finite_max) float_bits = float_beyond;
    if (aligned_i.is_zero) float_bits = float_sign;
    if (aligned_i.is_nan) float_bits = facts.nan;
  end

  // Integers: the exponent tells a magnitude that 32 bits cannot hold.
  logic        is_above, is_below;
  logic [31:0] wrapped, integer_bits;

  always_comb begin
    is_above = exponent > 11'sd31 || count > {1'b0, facts.integer_max};
    is_below = exponent > 11'sd31 || count > {1'b0, facts.sign_bit};
    wrapped = aligned_i.sign ? -count[31:0] : count[31:0];
    if (exponent > 11'sd54) wrapped = 32'd0;
    integer_bits = wrapped;
    if (is_saturating) begin
      if (!aligned_i.sign && (is_above || aligned_i.is_infinity)) integer_bits = facts.integer_max;
      if (aligned_i.sign && (is_below || aligned_i.is_infinity)) integer_bits = facts.sign_bit;
    end else if (aligned_i.is_infinity) begin
      integer_bits = 32'd0;
    end
    if (aligned_i.is_zero || aligned_i.is_nan) integer_bits = 32'd0;
  end

  // E8M0: powers of two; the significand rounds to one or to two, of which two is even.
  logic               scale_rounds_up;
  logic signed [10:0] scale_code;
  logic [31:0]        scale_bits;

  always_comb begin
    scale_rounds_up =
        rounds_nearest ? aligned_i.has_half : rounds_away && aligned_i.has_fraction;
    scale_code = exponent + 11'sd127 + (scale_rounds_up ? 11'sd1 : 11'sd0);
    scale_bits = 32'(scale_code[7:0]);
    if (aligned_i.is_infinity || scale_code > 11'sd254) begin
      scale_bits = is_unsaturated ? 32'hFF : 32'hFE;
    end else if (exponent < -11'sd127) begin
      scale_bits = 32'd0;
    end
    if (aligned_i.is_zero) scale_bits = 32'd0;
    else if (aligned_i.sign) scale_bits = 32'hFF;
    if (aligned_i.is_nan) scale_bits = 32'hFF;
  end

  always_comb begin
    bits_o = facts.is_float ? float_bits : integer_bits;
    if (format_i == apus_isa_pkg::FORMAT_E8M0) bits_o = scale_bits;
    bits_o = bits_o & 32'(apus_convert_pkg::element_mask(format_i));
  end

endmodule
