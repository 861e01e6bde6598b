/// Fused multiply-add of two floats with 8 exponent bits and a binary32 addend, rounded once.
///
///     result = round(a * b + c)        ties to even, subnormals kept, every NaN 0x7FC0_0000
///
/// FractionBits is 23 for binary32 operands and 7 for BF16. A product alone is a * b + (-0), a sum
/// alone a * 1 + c.
///
///     unpack, multiply, align  |  add  |  normalise, round  |
///                          Stages 2, 3  Stages 3         Stages 1, 2, 3
///
/// Latency: Stages cycles, 0 to 3.  Throughput: one result per cycle.
/// Emulator twin: `fmaf` and canonical NaN, docs/numerics/README.md
module apus_fma #(
  parameter int unsigned FractionBits = 23,
  parameter int unsigned Stages = 3
) (
  // Without stages there is no clock.
  // verilator lint_off UNUSEDSIGNAL
  input  logic                  clk_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [FractionBits+8:0] a_i,
  input  logic [FractionBits+8:0] b_i,
  input  logic [31:0]             c_i,
  output logic [31:0]             result_o
);

  localparam int unsigned Significand  = FractionBits + 1;
  localparam int unsigned ProductWidth = 2 * Significand;
  localparam int unsigned LowBits      = 26 - Significand;
  localparam int unsigned WindowWidth  = ProductWidth + LowBits + 26;

  // Unpack -----------------------------------------------------------------------------------

  logic a_sign, b_sign, c_sign;
  logic [7:0] a_exponent, b_exponent, c_exponent;
  logic a_is_normal, b_is_normal, c_is_normal;
  logic a_is_special, b_is_special, c_is_special;
  logic a_is_zero, b_is_zero;
  logic a_fraction_any, b_fraction_any, c_fraction_any;

  assign a_sign = a_i[FractionBits+8];
  assign b_sign = b_i[FractionBits+8];
  assign c_sign = c_i[31];
  assign a_is_normal = a_i[FractionBits +: 8] != 8'h00;
  assign b_is_normal = b_i[FractionBits +: 8] != 8'h00;
  assign c_is_normal = c_i[30:23] != 8'h00;
  assign a_is_special = a_i[FractionBits +: 8] == 8'hFF;
  assign b_is_special = b_i[FractionBits +: 8] == 8'hFF;
  assign c_is_special = c_i[30:23] == 8'hFF;
  assign a_fraction_any = a_i[FractionBits-1:0] != '0;
  assign b_fraction_any = b_i[FractionBits-1:0] != '0;
  assign c_fraction_any = c_i[22:0] != '0;
  assign a_is_zero = !a_is_normal && !a_fraction_any;
  assign b_is_zero = !b_is_normal && !b_fraction_any;
  assign a_exponent = a_i[FractionBits +: 8] | 8'(!a_is_normal);
  assign b_exponent = b_i[FractionBits +: 8] | 8'(!b_is_normal);
  assign c_exponent = c_i[30:23] | 8'(!c_is_normal);

  // Multiply and align -------------------------------------------------------------------------

  logic [ProductWidth-1:0] product;
  logic signed [10:0]      product_exponent;
  logic                    product_sign, product_is_infinite;

  assign product =
      ProductWidth'({a_is_normal, a_i[FractionBits-1:0]})
      * ProductWidth'({b_is_normal, b_i[FractionBits-1:0]});
  assign product_exponent =
      $signed({3'b0, a_exponent}) + $signed({3'b0, b_exponent}) - 11'sd127;
  assign product_sign = a_sign ^ b_sign;
  assign product_is_infinite = a_is_special || b_is_special;

  /// What follows the sum to its rounding.
  typedef struct packed {
    logic               is_nan;
    logic               is_infinite;
    logic               subtract;
    logic               product_sign;
    logic               addend_sign;
    // Joined beside the sum, which is late.
    logic [6:0]         lost;
    logic signed [10:0] frame_exponent;
  } side_t;

  logic [WindowWidth-1:0] product_d, product_q, addend_d, addend_q;
  side_t                  side_d, side_q;

  apus_fma_align #(.ProductWidth(ProductWidth), .LowBits(LowBits)) u_align (
    .product_i            (product),
    .product_exponent_i   (product_exponent),
    .product_zero_i       (a_is_zero || b_is_zero),
    .addend_significand_i ({c_is_normal, c_i[22:0]}),
    .addend_exponent_i    (c_exponent),
    .product_o            (product_d),
    .addend_o             (addend_d),
    .lost_o               (side_d.lost),
    .frame_exponent_o     (side_d.frame_exponent)
  );

  assign side_d.subtract = product_sign ^ c_sign;
  assign side_d.product_sign = product_sign;
  // An infinity decides the sign, whichever side it is on.
  assign side_d.addend_sign = product_is_infinite ? product_sign : c_sign;
  assign side_d.is_infinite = product_is_infinite || c_is_special;
  assign side_d.is_nan =
      (a_is_special && a_fraction_any) || (b_is_special && b_fraction_any)
      || (c_is_special && c_fraction_any)
      || (product_is_infinite && (a_is_zero || b_is_zero))
      || (product_is_infinite && c_is_special && side_d.subtract);

  if (Stages >= 2) begin : gen_aligned
    always_ff @(posedge clk_i) begin
      product_q <= product_d;
      addend_q <= addend_d;
      side_q <= side_d;
    end
  end else begin : gen_no_aligned
    assign product_q = product_d;
    assign addend_q = addend_d;
    assign side_q = side_d;
  end

  // Add ----------------------------------------------------------------------------------------

  /// What the rounding needs of the above.
  typedef struct packed {
    logic               is_nan;
    logic               is_infinite;
    logic               sign;
    logic               is_difference;
    logic               sticky;
    logic signed [10:0] frame_exponent;
  } sum_t;

  logic [WindowWidth-1:0] magnitude_d, magnitude_q;
  logic                   addend_is_larger;
  sum_t                   sum_d, sum_q;

  apus_fma_add #(.Width(WindowWidth)) u_add (
    .a_i           (product_q),
    .b_i           (addend_q),
    .subtract_i    (side_q.subtract),
    .sticky_i      (|side_q.lost),
    .magnitude_o   (magnitude_d),
    .b_is_larger_o (addend_is_larger)
  );

  assign sum_d.is_nan = side_q.is_nan;
  assign sum_d.is_infinite = side_q.is_infinite;
  assign sum_d.sticky = |side_q.lost;
  assign sum_d.frame_exponent = side_q.frame_exponent;
  assign sum_d.is_difference = side_q.subtract;
  always_comb begin
    if (side_q.is_infinite) sum_d.sign = side_q.addend_sign;
    else sum_d.sign = addend_is_larger ? side_q.addend_sign : side_q.product_sign;
  end

  if (Stages >= 3) begin : gen_summed
    always_ff @(posedge clk_i) begin
      magnitude_q <= magnitude_d;
      sum_q <= sum_d;
    end
  end else begin : gen_no_summed
    assign magnitude_q = magnitude_d;
    assign sum_q = sum_d;
  end

  // Normalise and round ------------------------------------------------------------------------

  logic [31:0] result_d;

  apus_fma_round #(.WindowWidth(WindowWidth)) u_round (
    .magnitude_i      (magnitude_q),
    .sticky_i         (sum_q.sticky),
    .sign_i           (sum_q.sign),
    .is_difference_i  (sum_q.is_difference),
    .frame_exponent_i (sum_q.frame_exponent),
    .is_nan_i         (sum_q.is_nan),
    .is_infinite_i    (sum_q.is_infinite),
    .result_o         (result_d)
  );

  if (Stages >= 1) begin : gen_rounded
    always_ff @(posedge clk_i) result_o <= result_d;
  end else begin : gen_no_rounded
    assign result_o = result_d;
  end

endmodule
