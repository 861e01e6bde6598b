/// Conducts the end of a group with block scales: every sum leaves the array, which starts again at
/// zero, and goes into its fold accumulator.
///
///     cycle        0       1          2        3      4      …   7
///     array        shift
///     column       capture multiply,                  add        write
///                          convert             hold
///
/// A slot's rows follow each other every two cycles, so multiplications have odd cycles and
/// additions even ones; the other slot begins when the first one's pipeline is empty.
///
/// Latency: 4 * Rows + 20 cycles.
module apus_matrix_fold #(
  parameter int unsigned Rows = apus_chip_pkg::MatrixRows,
  localparam int unsigned RowWidth = $clog2(Rows),
  localparam int unsigned IndexWidth = $clog2(Rows * apus_matrix_pkg::SLOTS)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,
  output logic                  done_o,
  // The slot whose accumulators stand at the array's end.
  input  logic                  slot_i,
  output logic                  shift_next_o,
  output logic                  shift_o,
  output logic                  multiply_o,
  output logic                  multiply_slot_o,
  output logic [RowWidth-1:0]   multiply_row_o,
  output logic                  hold_sum_o,
  output logic                  add_o,
  // The entry that is read in the next cycle.
  output logic [IndexWidth-1:0] read_next_o,
  output logic                  write_o,
  output logic [IndexWidth-1:0] write_index_o
);

  localparam int unsigned DEPTH = 7;

  logic                  active_q, active_d, slot_q, slot_d, shift_q;
  logic [RowWidth:0]     count_q, count_d;
  logic [DEPTH-1:0]      stages_q;
  logic [IndexWidth-1:0] add_index_q, write_index_q;
  logic [RowWidth-1:0]   multiply_row_q;

  assign shift_o = shift_q;
  assign shift_next_o = active_d && slot_i != slot_d && count_d != (RowWidth+1)'(Rows);
  assign multiply_o = stages_q[0];
  assign hold_sum_o = stages_q[2];
  assign add_o = stages_q[3];
  assign write_o = stages_q[6];
  assign read_next_o = start_i ? '0 : add_index_q + IndexWidth'(add_o);
  assign write_index_o = write_index_q;

  // Entries are slot by slot, the last row first.
  assign multiply_slot_o = slot_q;
  assign multiply_row_o = multiply_row_q;

  logic slot_is_done;
  assign slot_is_done = count_q == (RowWidth+1)'(Rows) && stages_q == '0;
  assign done_o = active_q && slot_q && slot_is_done;

  always_comb begin
    active_d = active_q;
    slot_d = slot_q;
    count_d = count_q + (RowWidth+1)'(shift_q);
    if (start_i) begin
      active_d = 1'b1;
      slot_d = 1'b0;
      count_d = '0;
    end else if (slot_is_done) begin
      active_d = !slot_q && active_q;
      slot_d = 1'b1;
      if (!slot_q) count_d = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      shift_q <= 1'b0;
      stages_q <= '0;
    end else begin
      active_q <= active_d;
      shift_q <= shift_next_o;
      stages_q <= {stages_q[DEPTH-2:0], shift_q};
    end
  end

  always_ff @(posedge clk_i) begin
    slot_q <= slot_d;
    count_q <= count_d;
    add_index_q <= read_next_o;
    if (start_i) begin
      multiply_row_q <= RowWidth'(Rows - 1);
      write_index_q <= '0;
    end else begin
      if (multiply_o) begin
        multiply_row_q <= multiply_row_q == '0 ? RowWidth'(Rows - 1) : multiply_row_q - 1'b1;
      end
      if (write_o) write_index_q <= write_index_q + 1'b1;
    end
  end

`ifndef SYNTHESIS
  // The unit takes one operation a cycle.
  assert property (@(posedge clk_i) !(multiply_o && add_o));
`endif

endmodule
