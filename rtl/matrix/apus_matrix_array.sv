/// Rows × Columns cells: every step multiplies a column of A by a row of B.
///
///                 b_0      b_1      …
///                  │        │
///     above ───► cell ──── cell ──── …     a_0
///                  │▼       │▼
///                cell ──── cell ──── …     a_1
///                  ▼        ▼
///                below_o (the last row's accumulators)
///
/// Operands of a row and of a column go to all of its cells at once. A cycle behind `shift_next_i`,
/// accumulators move one row down: what was summed leaves at the bottom while what comes from above
/// enters.
///
/// Latency: as a cell.
module apus_matrix_array #(
  parameter int unsigned Rows    = apus_chip_pkg::MatrixRows,
  parameter int unsigned Columns = apus_chip_pkg::MatrixColumns
) (
  input  logic       clk_i,
  input  logic [1:0] mode_i,
  input  logic [apus_matrix_pkg::OPERAND_WIDTH*Rows-1:0]    a_i,
  input  logic [apus_matrix_pkg::OPERAND_WIDTH*Columns-1:0] b_i,
  input  logic       shift_next_i,
  input  logic [apus_matrix_pkg::ACC_T_WIDTH*Columns-1:0]   above_i,
  output logic [apus_matrix_pkg::ACC_T_WIDTH*Columns-1:0]   below_o
);

  localparam int unsigned OPERAND_WIDTH = apus_matrix_pkg::OPERAND_WIDTH;
  localparam int unsigned RowWidth = apus_matrix_pkg::ACC_T_WIDTH * Columns;

  // Row r takes from chain[r] and gives to chain[r + 1].
  logic [RowWidth*(Rows+1)-1:0] chain;

  assign chain[0 +: RowWidth] = above_i;
  assign below_o = chain[RowWidth*Rows +: RowWidth];

  for (genvar r = 0; r < Rows; r++) begin : gen_rows
    for (genvar c = 0; c < Columns; c++) begin : gen_columns
      apus_matrix_cell u_cell (
        .clk_i,
        .mode_i,
        .a_i     (a_i[OPERAND_WIDTH*r +: OPERAND_WIDTH]),
        .b_i     (b_i[OPERAND_WIDTH*c +: OPERAND_WIDTH]),
        .shift_next_i,
        .above_i (chain[RowWidth*r + apus_matrix_pkg::ACC_T_WIDTH*c
            +: apus_matrix_pkg::ACC_T_WIDTH]),
        .acc_o   (chain[RowWidth*(r + 1) + apus_matrix_pkg::ACC_T_WIDTH*c
            +: apus_matrix_pkg::ACC_T_WIDTH])
      );
    end
  end

endmodule
