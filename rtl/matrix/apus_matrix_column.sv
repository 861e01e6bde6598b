/// The foot of one column of the array: a binary32 fused multiply-add that dequantises B's elements
/// (scaling 1) or adds scaled sums of groups into FP32 accumulators (scaling 2).
///
///     dequantise_i   result = bf16(fma(q, scale, minimum or -0))               3 cycles later
///     multiply_i     result = a_scale * scale                                  3 cycles later
///     add_i          fold accumulator ← fma(that result, sum, fold accumulator)
///
/// `add_i` comes 3 cycles behind the `multiply_i` of the same accumulator, so that the product
/// needs no register; `capture_i` came a cycle before it with the sum. The fold accumulators are in
/// the order in which the array gives its sums: slot by slot, the last row first.
module apus_matrix_column #(
  parameter int unsigned Rows = apus_chip_pkg::MatrixRows,
  localparam int unsigned Entries = Rows * apus_matrix_pkg::SLOTS,
  localparam int unsigned IndexWidth = $clog2(Entries)
) (
  input  logic                  clk_i,
  // Operands.
  input  logic                  dequantise_i,
  input  logic [31:0]           element_i,
  input  logic [31:0]           scale_i,
  input  logic [31:0]           minimum_i,
  input  logic [31:0]           a_scale_i,
  // Dequantised elements, as binary32.
  output logic [31:0]           element_o,
  // Sums from the array.
  input  logic                  capture_i,
  input  logic                  is_integer_i,
  input  logic [apus_matrix_pkg::ACC_T_WIDTH-1:0] below_i,
  input  logic                  convert_i,
  input  logic                  hold_sum_i,
  input  logic                  add_i,
  // Fold accumulators: read, and written by the unit or from outside.
  input  logic [IndexWidth-1:0] read_index_i,
  output logic [31:0]           read_o,
  input  logic                  write_i,
  input  logic [IndexWidth-1:0] write_index_i,
  input  logic                  is_loading_i,
  input  logic [31:0]           load_i
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  localparam int unsigned ACC_WIDTH = apus_matrix_pkg::ACC_WIDTH;

  // The sum of a group as binary32: captured, converted, held until the scales' product is there.
  apus_matrix_pkg::acc_t sum_q;
  logic [31:0]           sum_rounded, converted_q, held_q;
  logic [ACC_WIDTH-1:0]  magnitude;

  assign magnitude = sum_q.sum[ACC_WIDTH-1] ? -sum_q.sum : sum_q.sum;

  apus_magnitude_fp32 #(.Width(ACC_WIDTH)) u_sum (
    .sign_i      (sum_q.sum[ACC_WIDTH-1]),
    .magnitude_i (magnitude),
    // E4M3 sums count 2^-18.
    .exponent_i  (is_integer_i ? 8'd127 : 8'd109),
    .value_o     (sum_rounded)
  );

  always_ff @(posedge clk_i) begin
    if (capture_i) sum_q <= below_i;
    if (convert_i) converted_q <= sum_q.is_nan ? 32'h7FC0_0000 : sum_rounded;
    if (hold_sum_i) held_q <= converted_q;
  end

  // The fused multiply-add ---------------------------------------------------------------------

  logic [31:0] a, b, c, result;
  logic [31:0] fold_q [Entries];

  always_comb begin
    if (add_i) begin
      a = result;
      b = held_q;
      c = fold_q[read_index_i];
    end else begin
      a = dequantise_i ? element_i : a_scale_i;
      b = scale_i;
      // A product alone: x + (-0) is x.
      c = dequantise_i ? minimum_i : 32'h8000_0000;
    end
  end

  apus_fma_fp32 #(.Stages(3)) u_fma (
    .clk_i, .a_i(a), .b_i(b), .c_i(c), .result_o(result)
  );

  // To BF16, ties to even; a carry may go up to infinity.
  logic [15:0] upper;
  assign upper = result[31:16] + 16'(result[15] && (result[14:0] != '0 || result[16]));
  assign element_o = {result[30:23] == 8'hFF ? result[31:16] : upper, 16'b0};

  assign read_o = fold_q[read_index_i];

  always_ff @(posedge clk_i) begin
    if (write_i) fold_q[write_index_i] <= is_loading_i ? load_i : result;
  end

endmodule
