/// One cell of the matrix array: two accumulators that take turns, and what adds products to them.
///
///     operands ─► multiply, place, add │─► align, add │─► normalise, round │─┐
///                                   ▲  └ from above (shift_q) or itself ◄────┘
///
///     float     acc ← fma(a, b, acc)                          one product a cycle
///     integer   acc ← acc + Σ a·b, modulo 2^54                four products a cycle
///     E4M3      acc ← acc + Σ a·b, counts of 2^-18            four products a cycle
///
/// The two accumulators are the pipeline's own registers: a sum leaves the last stage when its
/// next product is ready, so nothing waits and k stays ascending. An operand of zero changes
/// nothing; for floats A's must be -0 and B's +0, because x + (-0) is x for every x.
///
/// Latency: 3 cycles from operands to `acc_o`.  Throughput: one step a cycle, the slots in turn.
/// Emulator twin: Sources/ApusMachine/Engines/MatmulProduct.swift
module apus_matrix_cell (
  input  logic       clk_i,
  // Of the operands of the next cycle, and constant as long as accumulators hold a sum.
  input  logic [1:0] mode_i,
  input  logic [apus_matrix_pkg::OPERAND_WIDTH-1:0] a_i,
  input  logic [apus_matrix_pkg::OPERAND_WIDTH-1:0] b_i,
  // In the next cycle, the slot that is at the last stage is replaced by that of the cell above.
  input  logic       shift_next_i,
  input  logic [apus_matrix_pkg::ACC_T_WIDTH-1:0] above_i,
  output logic [apus_matrix_pkg::ACC_T_WIDTH-1:0] acc_o
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  localparam int unsigned ACC_WIDTH = apus_matrix_pkg::ACC_WIDTH;
  // 22 product bits, 26 above them and 6 below (5 would do; the exact sum has 54).
  localparam int unsigned ProductWidth = 22;
  localparam int unsigned LowBits = 6;

  apus_matrix_pkg::operand_t a, b;
  assign a = a_i;
  assign b = b_i;

  // What goes to all cells at once has a register in each.
  logic [1:0] mode_q;
  logic       shift_q;

  always_ff @(posedge clk_i) begin
    mode_q <= mode_i;
    shift_q <= shift_next_i;
  end

  // Multiply, place, add -----------------------------------------------------------------------

  /// What is known of a float product beside its significand.
  typedef struct packed {
    logic               is_exact;
    logic               is_nan;
    logic               is_infinite;
    logic               is_zero;
    logic               sign;
    logic signed [10:0] exponent;
  } product_side_t;

  logic signed [38:0] product_d, product_q;
  product_side_t      product_side_d, product_side_q;

  apus_matrix_products u_products (
    .mode_i     (mode_q),
    .a_lanes_i  (a.lanes),
    .b_lanes_i  (b.lanes),
    .a_shifts_i (a.shifts),
    .b_shifts_i (b.shifts),
    .sum_o      (product_d)
  );

  assign product_side_d.is_exact = mode_q != apus_matrix_pkg::MODE_FLOAT;
  assign product_side_d.is_nan =
      a.is_nan || b.is_nan || (a.is_infinite && b.is_zero) || (a.is_zero && b.is_infinite);
  assign product_side_d.is_infinite = a.is_infinite || b.is_infinite;
  assign product_side_d.is_zero = a.is_zero || b.is_zero;
  assign product_side_d.sign = a.sign ^ b.sign;
  assign product_side_d.exponent = 11'(a.exponent) + 11'(b.exponent) - 11'sd127;

  always_ff @(posedge clk_i) begin
    product_q <= product_d;
    product_side_q <= product_side_d;
  end

  // Align, add ---------------------------------------------------------------------------------

  /// What the rounding needs beside the sum.
  typedef struct packed {
    logic               is_exact;
    logic               is_nan;
    logic               is_infinite;
    logic               sign;
    logic               is_difference;
    logic               sticky;
    logic signed [10:0] frame_exponent;
  } sum_side_t;

  apus_matrix_pkg::acc_t acc_q, old;
  logic                  old_is_normal, old_is_special, old_fraction_any;
  logic [ACC_WIDTH-1:0]  window_product, window_addend, sum_d, sum_q;
  logic                  subtract, sticky, old_is_larger;
  logic [6:0]            lost;
  sum_side_t             sum_side_d, sum_side_q;

  assign old = shift_q ? above_i : acc_q;
  assign old_is_normal = old.sum[30:23] != 8'h00;
  assign old_is_special = old.sum[30:23] == 8'hFF;
  assign old_fraction_any = old.sum[22:0] != '0;

  apus_fma_align #(.ProductWidth(ProductWidth), .LowBits(LowBits)) u_align (
    .product_i            (product_q[ProductWidth-1:0]),
    .product_exponent_i   (product_side_q.exponent),
    .product_zero_i       (product_side_q.is_zero),
    .addend_significand_i ({old_is_normal, old.sum[22:0]}),
    .addend_exponent_i    (old.sum[30:23] | 8'(!old_is_normal)),
    .product_o            (window_product),
    .addend_o             (window_addend),
    .lost_o               (lost),
    .frame_exponent_o     (sum_side_d.frame_exponent)
  );

  assign sticky = |lost;
  assign subtract = !product_side_q.is_exact && (product_side_q.sign ^ old.sum[31]);

  apus_fma_add #(.Width(ACC_WIDTH)) u_add (
    .a_i           (product_side_q.is_exact ? ACC_WIDTH'(product_q) : window_product),
    .b_i           (product_side_q.is_exact ? old.sum : window_addend),
    .subtract_i    (subtract),
    .sticky_i      (sticky),
    .magnitude_o   (sum_d),
    .b_is_larger_o (old_is_larger)
  );

  assign sum_side_d.is_exact = product_side_q.is_exact;
  assign sum_side_d.is_difference = subtract;
  assign sum_side_d.sticky = sticky;
  assign sum_side_d.is_infinite = product_side_q.is_infinite || old_is_special;
  assign sum_side_d.is_nan = product_side_q.is_nan || (product_side_q.is_exact
      ? old.is_nan
      : old_is_special && (old_fraction_any || (product_side_q.is_infinite && subtract)));

  always_comb begin
    if (product_side_q.is_infinite) sum_side_d.sign = product_side_q.sign;
    else if (old_is_special || !subtract) sum_side_d.sign = old.sum[31];
    else sum_side_d.sign = old_is_larger ? old.sum[31] : product_side_q.sign;
  end

  always_ff @(posedge clk_i) begin
    sum_q <= sum_d;
    sum_side_q <= sum_side_d;
  end

  // Normalise, round ---------------------------------------------------------------------------

  logic [31:0] rounded;

  apus_fma_round #(.WindowWidth(ACC_WIDTH)) u_round (
    .magnitude_i      (sum_q),
    .sticky_i         (sum_side_q.sticky),
    .sign_i           (sum_side_q.sign),
    .is_difference_i  (sum_side_q.is_difference),
    .frame_exponent_i (sum_side_q.frame_exponent),
    .is_nan_i         (sum_side_q.is_nan),
    .is_infinite_i    (sum_side_q.is_infinite),
    .result_o         (rounded)
  );

  always_ff @(posedge clk_i) begin
    acc_q.is_nan <= sum_side_q.is_nan;
    acc_q.sum <= sum_side_q.is_exact ? sum_q : ACC_WIDTH'(rounded);
  end

  assign acc_o = acc_q;

endmodule
