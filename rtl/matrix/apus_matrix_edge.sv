/// The array's edge: from elements as they lie in memory to operands on the wires of the array.
///
///     raw elements ─► next ─► widen ─► current ─► slice or lanes ─► operand registers ─► array
///                              │          ▲ │
///                              ▼          │ ▼ (scaling 1)
///                        scales, minimums └ columns' multiply-adds
///
/// `next` is filled while `current` is multiplied. In the exact modes both hold four elements of
/// 8 bits, otherwise one element, in `current` as binary32.
module apus_matrix_edge #(
  parameter int unsigned Rows    = apus_chip_pkg::MatrixRows,
  parameter int unsigned Columns = apus_chip_pkg::MatrixColumns,
  localparam int unsigned Lanes  = Rows + apus_matrix_pkg::SLOTS * Columns
) (
  input  logic                clk_i,
  input  logic                is_exact_i,
  // Scales are fetched, whole in every mode.
  input  logic                is_scale_i,
  input  logic [4:0]          a_format_i,
  input  logic [4:0]          b_format_i,
  input  logic [4:0]          scale_format_i,
  input  logic                has_minimums_i,
  // Filling `next`; elements that never come are zero.
  input  logic                clear_next_i,
  input  logic [1:0]          element_i,
  input  logic [Lanes-1:0]    raw_valid_i,
  input  logic [32*Lanes-1:0] raw_i,
  // `next` goes where it belongs.
  input  logic                to_current_i,
  input  logic                to_scales_i,
  input  logic                to_minimums_i,
  // Elements, scales and minimums of one slot of B; of which one in the next cycle.
  input  logic                slot_next_i,
  output logic [32*Columns-1:0] element_o,
  output logic [32*Columns-1:0] scale_o,
  output logic [32*Columns-1:0] minimum_o,
  input  logic                dequantised_valid_i,
  input  logic                dequantised_slot_i,
  input  logic [32*Columns-1:0] dequantised_i,
  // Scales of a sum: of the row of the cycle before, and of one slot's columns on scale_o.
  input  logic [$clog2(Rows)-1:0] scale_row_i,
  output logic [31:0]         a_scale_o,
  // One step of one slot; otherwise the operands change nothing.
  input  logic                issue_i,
  input  logic                issue_slot_i,
  input  logic [1:0]          a_part_i,
  input  logic [1:0]          b_part_i,
  input  logic                is_last_part_i,
  output logic [apus_matrix_pkg::OPERAND_WIDTH*Rows-1:0]    a_o,
  output logic [apus_matrix_pkg::OPERAND_WIDTH*Columns-1:0] b_o
);

  localparam int unsigned OPERAND_WIDTH = apus_matrix_pkg::OPERAND_WIDTH;

  logic [32*Lanes-1:0] current_q, scales_q, minimums_q, widened;
  logic [31:0]         a_scale_q;

  // Next, widened ------------------------------------------------------------------------------

  // Scales are moved a cycle behind their fetching, elements later.
  logic [4:0] a_widened_q, b_widened_q;

  always_ff @(posedge clk_i) begin
    a_widened_q <= is_scale_i ? scale_format_i : a_format_i;
    b_widened_q <= is_scale_i ? scale_format_i : b_format_i;
  end

  for (genvar i = 0; i < Lanes; i++) begin : gen_lanes
    localparam bit IsA = i < Rows;
    localparam int unsigned Column = IsA ? 0 : (i - Rows) % Columns;
    localparam bit Slot = IsA ? 0 : (i - Rows) >= Columns;
    logic [31:0] raw, next_q;

    assign raw = raw_i[32*i +: 32];

    apus_widen_fp32 u_widen (
      .format_i(IsA ? a_widened_q : b_widened_q), .bits_i(next_q), .value_o(widened[32*i +: 32])
    );

    always_ff @(posedge clk_i) begin
      if (clear_next_i) next_q <= '0;
      else if (raw_valid_i[i] && (!is_exact_i || is_scale_i)) next_q <= raw;
      else if (raw_valid_i[i]) begin
        unique case (element_i)
          2'd0: next_q[7:0] <= raw[7:0];
          2'd1: next_q[15:8] <= raw[7:0];
          2'd2: next_q[23:16] <= raw[7:0];
          default: next_q[31:24] <= raw[7:0];
        endcase
      end

      if (to_scales_i) scales_q[32*i +: 32] <= widened[32*i +: 32];

      if (to_current_i) begin
        current_q[32*i +: 32] <= is_exact_i ? next_q : widened[32*i +: 32];
      end else if (!IsA && dequantised_valid_i && dequantised_slot_i == Slot) begin
        current_q[32*i +: 32] <= dequantised_i[32*Column +: 32];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (to_minimums_i) minimums_q <= widened;
  end

  // Scales, minimums and elements of one slot --------------------------------------------------

  localparam int unsigned BWidth = 32 * Columns;
  localparam int unsigned BLsb = 32 * Rows;

  logic slot_q;

  always_ff @(posedge clk_i) slot_q <= slot_next_i;

  assign element_o = current_q[BLsb + (slot_q ? BWidth : 0) +: BWidth];
  assign scale_o = scales_q[BLsb + (slot_q ? BWidth : 0) +: BWidth];
  // x + (-0) is x.
  assign minimum_o = has_minimums_i
      ? minimums_q[BLsb + (slot_q ? BWidth : 0) +: BWidth]
      : {Columns{32'h8000_0000}};

  // The next row's scale is wanted at least two cycles behind the row before.
  always_ff @(posedge clk_i) a_scale_q <= scales_q[32*scale_row_i +: 32];
  assign a_scale_o = a_scale_q;

  // Operands -------------------------------------------------------------------------------------

  for (genvar r = 0; r < Rows; r++) begin : gen_a
    apus_matrix_operand #(.IsB(0)) u_operand (
      .clk_i, .issue_i, .is_exact_i, .format_i(a_format_i), .value_i(current_q[32*r +: 32]),
      .part_i(a_part_i), .is_last_i(is_last_part_i),
      .operand_o(a_o[OPERAND_WIDTH*r +: OPERAND_WIDTH])
    );
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_b
    logic [31:0] value;

    assign value = issue_slot_i
        ? current_q[BLsb + BWidth + 32*c +: 32] : current_q[BLsb + 32*c +: 32];

    apus_matrix_operand #(.IsB(1)) u_operand (
      .clk_i, .issue_i, .is_exact_i, .format_i(b_format_i), .value_i(value), .part_i(b_part_i),
      .is_last_i(is_last_part_i), .operand_o(b_o[OPERAND_WIDTH*c +: OPERAND_WIDTH])
    );
  end

endmodule
