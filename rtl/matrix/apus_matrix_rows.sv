/// Moves a tile between accumulator memory and the array (or the fold accumulators), row by row.
///
/// Order: slot by slot, the last row first, because that is how rows leave the array at the bottom
/// and enter it at the top. Loading fetches a row and pushes it; storing takes a row, while zeros
/// enter behind it, and writes it. Each port moves one element at a time.
module apus_matrix_rows #(
  parameter int unsigned Rows    = apus_chip_pkg::MatrixRows,
  parameter int unsigned Columns = apus_chip_pkg::MatrixColumns,
  parameter int unsigned Ports   = apus_core_pkg::MatrixPorts,
  localparam int unsigned RowWidth = $clog2(Rows),
  localparam int unsigned IndexWidth = $clog2(Rows * apus_matrix_pkg::SLOTS)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,
  output logic                  done_o,
  input  logic                  is_load_i,
  // Loading starts from what is in memory; otherwise from zero.
  input  logic                  accumulate_i,
  // The tile's accumulators are the fold accumulators.
  input  logic                  is_fold_i,
  input  logic                  is_fixed54_i,
  // Address of the tile's first element, the rows' stride, and how many of each the tile has.
  input  logic [31:0]           address_i,
  input  logic [31:0]           row_stride_i,
  input  logic [31:0]           rows_left_i,
  input  logic [31:0]           columns_left_i,
  // The array.
  input  logic                  slot_i,
  // A row moves in the array in the next cycle.
  output logic                  shift_next_o,
  output logic [apus_matrix_pkg::ACC_T_WIDTH*Columns-1:0] above_o,
  input  logic [apus_matrix_pkg::ACC_T_WIDTH*Columns-1:0] below_i,
  // The fold accumulators.
  output logic [IndexWidth-1:0] fold_index_o,
  output logic                  fold_write_o,
  output logic [32*Columns-1:0] fold_write_data_o,
  input  logic [32*Columns-1:0] fold_read_data_i,
  // Memory.
  output logic [Ports-1:0]      req_valid_o,
  input  logic [Ports-1:0]      req_ready_i,
  output logic                  req_write_o,
  output logic [32*Ports-1:0]   req_addr_o,
  output logic [64*Ports-1:0]   req_wdata_o,
  output logic [8*Ports-1:0]    req_wstrb_o,
  input  logic [Ports-1:0]      rsp_valid_i,
  input  logic [64*Ports-1:0]   rsp_rdata_i
);

  localparam int unsigned ACC_WIDTH = apus_matrix_pkg::ACC_WIDTH;
  localparam int unsigned ACC_T_WIDTH = apus_matrix_pkg::ACC_T_WIDTH;

  typedef enum logic [2:0] {
    IDLE = 3'd0, PREPARE = 3'd1, FETCH = 3'd2, MOVE = 3'd3, WRITE = 3'd4
  } state_e;

  state_e                state_q, state_d;
  logic                  slot_q;
  logic [RowWidth-1:0]   row_q;
  logic [31:0]           row_address_q;
  logic [64*Columns-1:0] data_q;
  // Elements that are still to be asked for or written, and those that were asked for.
  logic [Columns-1:0]    waiting_q, asked_q;

  // Which elements of the row exist, and where -------------------------------------------------

  logic [Columns-1:0]    exists;
  logic [32*Columns-1:0] addresses;

  for (genvar c = 0; c < Columns; c++) begin : gen_elements
    assign exists[c] = 32'(row_q) < rows_left_i
        && 32'(c) + (slot_q ? 32'(Columns) : 32'd0) < columns_left_i;
    assign addresses[32*c +: 32] = row_address_q + (is_fixed54_i ? 32'(8 * c) : 32'(4 * c));
  end

  // Ports: port p serves columns p, p + Ports, …, the lowest that waits first ------------------

  logic [Columns-1:0] granted, answered;

  for (genvar p = 0; p < Ports; p++) begin : gen_ports
    logic [Columns-1:0] mask, mine, chosen;
    logic [31:0]        address;
    logic [63:0]        element;

    for (genvar c = 0; c < Columns; c++) begin : gen_mask
      assign mask[c] = c % Ports == p;
    end
    assign mine = mask & waiting_q;
    assign chosen = mine & (~mine + 1'b1);

    always_comb begin
      address = '0;
      element = '0;
      for (int unsigned c = 0; c < Columns; c++) begin
        if (chosen[c]) begin
          address = address | addresses[32*c +: 32];
          element = element | data_q[64*c +: 64];
        end
      end
    end

    // A read waits for the one before it; a write does not.
    assign req_valid_o[p] = chosen != '0
        && (state_q == WRITE || (state_q == FETCH && (asked_q & mask) == '0));
    assign req_addr_o[32*p +: 32] = {address[31:3], 3'b0};
    assign req_wdata_o[64*p +: 64] = is_fixed54_i ? element : {2{element[31:0]}};
    assign req_wstrb_o[8*p +: 8] = is_fixed54_i ? 8'hFF : address[2] ? 8'hF0 : 8'h0F;
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_grants
    localparam int unsigned Port = c % Ports;
    assign granted[c] = gen_ports[Port].chosen[c] && req_valid_o[Port] && req_ready_i[Port];
    assign answered[c] = asked_q[c] && rsp_valid_i[Port];
  end

  assign req_write_o = state_q == WRITE;

  // Rows -----------------------------------------------------------------------------------------

  logic is_aligned, moves, ends_row, is_last_row;

  // The array's slot must be at its end; the fold accumulators are always there.
  assign is_aligned = is_fold_i || slot_i == slot_q;
  assign moves = state_q == MOVE && is_aligned;
  assign shift_next_o = state_d == MOVE && !is_fold_i && slot_i != slot_q;
  assign is_last_row = slot_q && row_q == '0;
  assign fold_index_o = IndexWidth'(slot_q ? Rows : 0) + IndexWidth'(Rows - 1) - IndexWidth'(row_q);
  assign fold_write_o = moves && is_fold_i && is_load_i;
  assign done_o = ends_row && is_last_row;

  always_comb begin
    state_d = state_q;
    ends_row = 1'b0;
    unique case (state_q)
      IDLE: if (start_i) state_d = PREPARE;
      PREPARE: state_d = is_load_i ? FETCH : MOVE;
      FETCH: if (waiting_q == '0 && asked_q == '0) state_d = MOVE;
      MOVE: if (moves) begin
        ends_row = is_load_i;
        state_d = is_load_i ? PREPARE : WRITE;
      end
      default: if ((waiting_q & ~granted) == '0) begin
        ends_row = 1'b1;
        state_d = PREPARE;
      end
    endcase
    if (done_o) state_d = IDLE;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      asked_q <= '0;
      waiting_q <= '0;
    end else begin
      state_q <= state_d;
      asked_q <= (asked_q & ~answered) | (state_q == FETCH ? granted : '0);
      if (state_q == PREPARE) waiting_q <= is_load_i && accumulate_i ? exists : '0;
      else if (state_q == MOVE) waiting_q <= moves && !is_load_i ? exists : '0;
      else waiting_q <= waiting_q & ~granted;
    end
  end

  // The next row of the slot lies above; the other slot begins Columns elements on, at the bottom.
  logic [31:0] bottom, slot_bytes;
  assign slot_bytes = is_fixed54_i ? 32'(8 * Columns) : 32'(4 * Columns);
  assign bottom = row_stride_i * 32'(Rows - 1);

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      slot_q <= 1'b0;
      row_q <= RowWidth'(Rows - 1);
      row_address_q <= address_i + bottom;
    end else if (ends_row && row_q == '0) begin
      slot_q <= 1'b1;
      row_q <= RowWidth'(Rows - 1);
      row_address_q <= row_address_q + bottom + slot_bytes;
    end else if (ends_row) begin
      row_q <= row_q - 1'b1;
      row_address_q <= row_address_q - row_stride_i;
    end
  end

  // Data ---------------------------------------------------------------------------------------

  localparam logic [63:0] FIXED54_NAN = 64'hFFE0_0000_0000_0000;

  for (genvar c = 0; c < Columns; c++) begin : gen_data
    localparam int unsigned Port = c % Ports;
    apus_matrix_pkg::acc_t above, above_q, below;
    logic [63:0] answer, fixed;
    logic [ACC_WIDTH-1:0] element;

    assign element = data_q[64*c +: ACC_WIDTH];
    assign above.sum = is_fixed54_i ? element : ACC_WIDTH'(element[31:0]);
    assign above.is_nan = is_fixed54_i && element == FIXED54_NAN[ACC_WIDTH-1:0];
    // The row is complete a cycle before it moves.
    always_ff @(posedge clk_i) above_q <= state_d == MOVE && is_load_i ? above : '0;
    assign above_o[ACC_T_WIDTH*c +: ACC_T_WIDTH] = above_q;
    assign fold_write_data_o[32*c +: 32] = element[31:0];

    assign below = below_i[ACC_T_WIDTH*c +: ACC_T_WIDTH];
    assign fixed = is_fixed54_i && below.is_nan
        ? FIXED54_NAN : {{(64 - ACC_WIDTH){below.sum[ACC_WIDTH-1]}}, below.sum};
    assign answer = rsp_rdata_i[64*Port +: 64];

    always_ff @(posedge clk_i) begin
      if (state_q == PREPARE) data_q[64*c +: 64] <= '0;
      else if (answered[c]) begin
        data_q[64*c +: 64] <= is_fixed54_i ? answer
            : {32'b0, addresses[32*c + 2] ? answer[63:32] : answer[31:0]};
      end else if (state_q == MOVE && !is_load_i) begin
        data_q[64*c +: 64] <= is_fold_i ? {32'b0, fold_read_data_i[32*c +: 32]} : fixed;
      end
    end
  end

endmodule
