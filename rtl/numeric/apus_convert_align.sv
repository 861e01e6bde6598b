/// A value in units of a destination: the first half of what writes a format.
///
/// The significand is shifted right until its unit is the destination's (of a float: the distance
/// of neighbours at that exponent; of an integer: one). What falls out is kept as half a unit and
/// whether there is more.
///
/// Latency: combinational.
/// Emulator twin: ElementFormat.encode, Sources/ApusNumerics/ElementFormat+Conversion.swift
module apus_convert_align (
  input  apus_convert_pkg::value_t   value_i,
  input  logic [4:0]                 format_i,
  output apus_convert_pkg::aligned_t aligned_o
);

  // Two places more than the significand has, so that integers wrap where a float's unit is above
  // one: value = shifted_in · 2^(exponent − 54).
  localparam int unsigned ShiftWidth = apus_convert_pkg::SIGNIFICAND_WIDTH + 2;
  localparam int unsigned TopPlace = ShiftWidth - 1;

  // What a code means is the other half's matter.
  // verilator lint_off UNUSEDSIGNAL
  apus_convert_pkg::facts_t facts;
  // verilator lint_on UNUSEDSIGNAL
  apus_convert_facts u_facts (
    .format_i,
    .facts_o(facts)
  );

  logic signed [10:0]  exponent, exponent_min, exponent_used, shift_wanted;
  logic [5:0]          shift;
  logic [ShiftWidth:0] shifted;
  logic                sticky;

  // A shift beyond `ShiftWidth + 1` leaves the same as that one: nothing but a sticky bit.
  always_comb begin
    exponent = 11'($signed(value_i.exponent));
    exponent_min = $signed(facts.exponent_min);
    exponent_used = exponent < exponent_min ? exponent_min : exponent;
    shift_wanted = $signed(11'(TopPlace)) - exponent;
    if (facts.is_float) begin
      shift_wanted = $signed(11'(TopPlace)) - $signed({6'd0, facts.fraction_width});
      if (exponent < exponent_min) shift_wanted = shift_wanted + exponent_min - exponent;
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

    aligned_o.sign = value_i.sign;
    aligned_o.is_nan = value_i.is_nan;
    aligned_o.is_infinity = value_i.is_infinity;
    aligned_o.is_zero = value_i.is_zero;
    aligned_o.exponent = exponent;
    aligned_o.steps = 8'(exponent_used - exponent_min);
    aligned_o.count = shifted[32:1];
    aligned_o.guard = shifted[0];
    aligned_o.sticky = sticky;
    aligned_o.has_half = value_i.significand[apus_convert_pkg::SIGNIFICAND_WIDTH-2];
    aligned_o.has_fraction = |value_i.significand[apus_convert_pkg::SIGNIFICAND_WIDTH-2:0];
  end

endmodule
