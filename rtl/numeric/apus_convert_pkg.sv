/// What a conversion passes from the side that reads a format to the side that writes one, and what
/// both know of formats.
///
/// The law is docs/numerics/conversions.md; `rtl/bench/convert/convert_bench.cpp` holds every line
/// here against it.
package apus_convert_pkg;

  /// A significand holds the widest magnitude that a format has: a fixed54 count.
  parameter int unsigned SIGNIFICAND_WIDTH = 53;
  parameter int unsigned EXPONENT_WIDTH = 9;

  /// The exact value of an element: `(-1)^sign · significand · 2^(exponent − 52)`, the
  /// significand's highest bit set. Of a NaN, an infinity or a zero only its flag and the sign mean
  /// anything.
  typedef struct packed {
    logic                         sign;
    logic                         is_nan;
    logic                         is_infinity;
    logic                         is_zero;
    logic [EXPONENT_WIDTH-1:0]    exponent;
    logic [SIGNIFICAND_WIDTH-1:0] significand;
  } value_t;

  /// A value before its significand is normalised: `exponent` is that of the highest place.
  typedef value_t unnormalised_t;

  /// A destination. Codes are magnitudes, without the sign.
  typedef struct packed {
    logic               is_float;
    logic               is_wide;         // 16 or 32 bits of float: IEEE-754's overflow
    logic [4:0]         fraction_width;
    logic [10:0]        exponent_min;    // signed
    logic [31:0]        sign_bit;        // of an integer: the most negative; zero if unsigned
    logic [31:0]        finite_max;
    logic [31:0]        infinity;
    logic [31:0]        nan;
    logic [31:0]        integer_max;
  } facts_t;

  /// A value whose significand was shifted to the destination's unit: `count` whole units, and what
  /// fell out: half a unit, and anything below.
  typedef struct packed {
    logic               sign;
    logic               is_nan;
    logic               is_infinity;
    logic               is_zero;
    logic [10:0]        exponent;        // signed
    logic [7:0]         steps;           // of the exponent above the least, of a float
    logic [31:0]        count;
    logic               guard;
    logic               sticky;
    logic               has_half;        // the significand's second place, for E8M0
    logic               has_fraction;    // any place but the first
  } aligned_t;

  /// Bits that an element takes in memory.
  function automatic logic [6:0] element_width(input logic [4:0] format);
    unique case (format)
      apus_isa_pkg::FORMAT_FP32, apus_isa_pkg::FORMAT_INT32: element_width = 7'd32;
      apus_isa_pkg::FORMAT_BF16, apus_isa_pkg::FORMAT_FP16,
      apus_isa_pkg::FORMAT_INT16, apus_isa_pkg::FORMAT_UINT16: element_width = 7'd16;
      apus_isa_pkg::FORMAT_INT4, apus_isa_pkg::FORMAT_UINT4,
      apus_isa_pkg::FORMAT_E2M1: element_width = 7'd4;
      apus_isa_pkg::FORMAT_BITS64, apus_isa_pkg::FORMAT_FIXED54: element_width = 7'd64;
      default: element_width = 7'd8;
    endcase
  endfunction

  /// Ones in the bits that an element has.
  function automatic logic [63:0] element_mask(input logic [4:0] format);
    logic [6:0] width;
    width = element_width(format);
    element_mask = {{32{width[6]}}, {16{width[6] | width[5]}}, {8{width >= 7'd16}},
                    {4{width >= 7'd8}}, 4'hF};
  endfunction

  /// Whether Vector and reducing Stores compute in FP32, and not in INT32, on the format.
  function automatic logic is_floating(input logic [4:0] format);
    unique case (format)
      apus_isa_pkg::FORMAT_FP32, apus_isa_pkg::FORMAT_BF16, apus_isa_pkg::FORMAT_FP16,
      apus_isa_pkg::FORMAT_E4M3, apus_isa_pkg::FORMAT_E5M2, apus_isa_pkg::FORMAT_E2M1,
      apus_isa_pkg::FORMAT_E8M0, apus_isa_pkg::FORMAT_FIXED54: is_floating = 1'b1;
      default: is_floating = 1'b0;
    endcase
  endfunction

endpackage
