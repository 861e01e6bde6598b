/// The Matrix engine: checks a `matmul`, then computes it tile by tile.
///
///     command ─► check ─► for each tile of Rows × (SLOTS · Columns) accumulators:
///
///        local memory ─► gather ─► edge ─► array ─► columns ─► rows ─► accumulator memory
///                          ▲        ▲        ▲         ▲
///                          └ stream ┴ steps ─┘  fold ──┘
///
/// k ascends within a tile and no other order exists, so bits do not depend on the tile's size.
/// A command is checked completely before anything is written; then it cannot fail.
///
/// Ports: rtl/core/apus_core_pkg.sv.  Emulator twin: Sources/CApusMachine/Matrix.c
module apus_matrix_engine #(
  parameter int unsigned Ports            = apus_core_pkg::MatrixPorts,
  parameter int unsigned Rows             = apus_chip_pkg::MatrixRows,
  parameter int unsigned Columns          = apus_chip_pkg::MatrixColumns,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  parameter logic [31:0] MatrixFormats    = apus_chip_pkg::MatrixFormats
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                command_valid_i,
  output logic                command_ready_o,
  input  logic [255:0]        command_i,
  input  logic [1023:0]       descriptor_i,
  output logic                trap_valid_o,
  output logic [3:0]          trap_cause_o,
  output logic                busy_o,
  output logic [Ports-1:0]    mem_req_valid_o,
  input  logic [Ports-1:0]    mem_req_ready_i,
  output logic [Ports-1:0]    mem_req_write_o,
  output logic [32*Ports-1:0] mem_req_addr_o,
  output logic [64*Ports-1:0] mem_req_wdata_o,
  output logic [8*Ports-1:0]  mem_req_wstrb_o,
  input  logic [Ports-1:0]    mem_rsp_valid_i,
  input  logic [64*Ports-1:0] mem_rsp_rdata_i,
  // The memory itself reports errors that it cannot correct.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [Ports-1:0]    mem_rsp_error_i
  // verilator lint_on UNUSEDSIGNAL
);

  localparam int unsigned SLOTS = apus_matrix_pkg::SLOTS;
  localparam int unsigned OPERAND_WIDTH = apus_matrix_pkg::OPERAND_WIDTH;
  localparam int unsigned ACC_T_WIDTH = apus_matrix_pkg::ACC_T_WIDTH;
  localparam int unsigned TileColumns = SLOTS * Columns;
  localparam int unsigned Lanes = Rows + TileColumns;
  localparam int unsigned IndexWidth = $clog2(Rows * SLOTS);

  // Command and descriptor ---------------------------------------------------------------------

  apus_matrix_pkg::facts_t facts;
  logic [31:0] group_length, row_stride;

  apus_matrix_facts u_facts (.clk_i, .command_i, .descriptor_i, .facts_o(facts));

  assign group_length = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_GROUP_LENGTH_LSB +: 32];
  assign row_stride = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_ROW_STRIDE_LSB +: 32];

  // Strides in half bytes.
  logic [159:0] a_strides, b_strides;
  for (genvar i = 0; i < 5; i++) begin : gen_strides
    logic [31:0] a_stride, b_stride;
    assign a_stride =
        descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_A_STRIDES_LSB + 32*i +: 32];
    assign b_stride =
        descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_STRIDES_LSB + 32*i +: 32];
    assign a_strides[32*i +: 32] = facts.a_size == 2'd0 ? a_stride : {a_stride[30:0], 1'b0};
    assign b_strides[32*i +: 32] = facts.b_size == 2'd0 ? b_stride : {b_stride[30:0], 1'b0};
  end

  // Check --------------------------------------------------------------------------------------

  logic        check_start, check_done, check_empty, check_trap;
  logic [3:0]  check_cause;
  logic [31:0] m, n, k;

  apus_matrix_check #(
    .ScratchpadBytes(ScratchpadBytes), .AccumulatorBytes(AccumulatorBytes),
    .MatrixFormats(MatrixFormats)
  ) u_check (
    .clk_i, .rst_ni, .start_i(check_start), .command_i, .descriptor_i, .done_o(check_done),
    .is_empty_o(check_empty), .trap_valid_o(check_trap), .trap_cause_o(check_cause),
    .m_o(m), .n_o(n), .k_o(k)
  );

  // The sequence of tiles ------------------------------------------------------------------------

  typedef enum logic [3:0] {
    CLEAR = 4'd0, IDLE = 4'd1, CHECK = 4'd2, ROW = 4'd3, PLACE = 4'd4, LOAD = 4'd5,
    LOADING = 4'd6, STREAM = 4'd7, STREAMING = 4'd8, STORE = 4'd9, STORING = 4'd10,
    NEXT = 4'd11, FINISH = 4'd12
  } state_e;

  // After reset, zeros are pushed through the array, which has no reset of its own.
  localparam int unsigned ClearCycles = SLOTS * Rows + 8;
  localparam int unsigned CountWidth = $clog2(ClearCycles > Lanes ? ClearCycles : Lanes) + 1;

  state_e                state_q, state_d;
  logic [CountWidth-1:0] count_q;
  logic                  phase_q, new_row_q;
  logic [31:0]           rows_left_q, columns_left_q, row_address_q, tile_address_q;
  logic                  rows_done, stream_done;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      CLEAR: if (count_q == CountWidth'(ClearCycles)) state_d = IDLE;
      IDLE: if (command_valid_i) state_d = CHECK;
      CHECK: if (check_done) begin
        if (check_trap || check_empty || (k == '0 && facts.accumulates)) state_d = FINISH;
        else state_d = ROW;
      end
      ROW: state_d = PLACE;
      PLACE: if (count_q == CountWidth'(TileColumns > Rows ? TileColumns - 1 : Rows - 1)) begin
        state_d = facts.accumulates || facts.folds ? LOAD : STREAM;
      end
      LOAD: state_d = LOADING;
      LOADING: if (rows_done) state_d = STREAM;
      STREAM: state_d = STREAMING;
      STREAMING: if (stream_done) state_d = STORE;
      STORE: state_d = STORING;
      STORING: if (rows_done) state_d = NEXT;
      NEXT: begin
        if (columns_left_q > 32'(TileColumns)) state_d = PLACE;
        else state_d = rows_left_q > 32'(Rows) ? ROW : FINISH;
      end
      FINISH: state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  assign check_start = state_q == IDLE && command_valid_i;
  assign command_ready_o = state_q == FINISH;
  assign trap_valid_o = command_ready_o && check_trap;
  assign trap_cause_o = trap_valid_o ? check_cause : '0;
  assign busy_o = state_q != IDLE && state_q != CLEAR;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= CLEAR;
      count_q <= '0;
      phase_q <= 1'b0;
    end else begin
      state_q <= state_d;
      phase_q <= !phase_q;
      if (state_q == CLEAR || state_q == PLACE) count_q <= count_q + 1'b1;
      else count_q <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      CHECK: begin
        rows_left_q <= m;
        row_address_q <= command_i[apus_isa_pkg::MATMUL_ACC_LSB +: 32];
      end
      ROW: begin
        columns_left_q <= n;
        tile_address_q <= row_address_q;
        new_row_q <= 1'b1;
      end
      NEXT: begin
        columns_left_q <= columns_left_q - 32'(TileColumns);
        tile_address_q <= tile_address_q + 32'((facts.is_fixed54 ? 8 : 4) * TileColumns);
        new_row_q <= 1'b0;
        if (state_d == ROW) begin
          rows_left_q <= rows_left_q - 32'(Rows);
          row_address_q <= row_address_q + row_stride * 32'(Rows);
        end
      end
      default: ;
    endcase
  end

  // Places of lanes ------------------------------------------------------------------------------

  logic             places_a, places_b;
  logic [31:0]      a_place, b_place, a_scale_place_q, b_scale_place_q;
  logic [Lanes-1:0] place_write, place_exists;

  assign places_a = state_q == PLACE && new_row_q && count_q < CountWidth'(Rows);
  assign places_b = state_q == PLACE && count_q < CountWidth'(TileColumns);

  apus_matrix_walk u_walk_m (
    .clk_i, .restart_i(state_q == CHECK), .step_i(places_a),
    .inner_extent_i(descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_M0_LSB +: 32]),
    .inner_stride_i(a_strides[31:0]), .outer_stride_i(a_strides[63:32]), .offset_o(a_place)
  );
  apus_matrix_walk u_walk_n (
    .clk_i, .restart_i(state_q == ROW), .step_i(places_b),
    .inner_extent_i(descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_N0_LSB +: 32]),
    .inner_stride_i(b_strides[31:0]), .outer_stride_i(b_strides[63:32]), .offset_o(b_place)
  );

  logic [31:0] scale_half_bytes;
  logic [30:0] a_scale_row, b_scale_row, b_scale_base;
  assign scale_half_bytes = 32'd1 << facts.scale_size;
  assign a_scale_row =
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_A_SCALE_ROW_STRIDE_LSB +: 31];
  assign b_scale_row =
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_SCALE_ROW_STRIDE_LSB +: 31];

  always_ff @(posedge clk_i) begin
    if (state_q == CHECK) a_scale_place_q <= '0;
    else if (places_a) a_scale_place_q <= a_scale_place_q + {a_scale_row, 1'b0};
    if (state_q == ROW) b_scale_place_q <= '0;
    else if (places_b) b_scale_place_q <= b_scale_place_q + scale_half_bytes;
  end

  for (genvar i = 0; i < Lanes; i++) begin : gen_places
    if (i < Rows) begin : gen_a
      assign place_write[i] = places_a && count_q == CountWidth'(i);
      assign place_exists[i] = 32'(i) < rows_left_q;
    end else begin : gen_b
      assign place_write[i] = places_b && count_q == CountWidth'(i - Rows);
      assign place_exists[i] = 32'(i - Rows) < columns_left_q;
    end
  end

  // Along k --------------------------------------------------------------------------------------

  logic        want, is_scale, fetched, next_group;
  logic        load, next_is_scale, next_is_minimum, next_is_step;
  logic        clear_next, to_current, to_scales, to_minimums;
  logic        dequantise, dequantise_slot_next, dequantised_valid, dequantised_slot;
  logic        current_valid, step_release, fold_start, fold_done;
  logic [1:0]  element;
  logic [31:0] a_element, b_element, a_element_next, b_element_next;
  logic [31:0] a_group_q, b_group_q, a_scale_next, b_scale_next, a_next, b_next, a_scale;

  apus_matrix_stream u_stream (
    .clk_i, .rst_ni, .start_i(state_q == STREAM), .done_o(stream_done), .is_exact_i(facts.is_exact),
    .dequantises_i(facts.dequantises), .folds_i(facts.folds),
    .has_minimums_i(facts.has_minimums), .depth_i(k), .group_length_i(group_length),
    .want_o(want), .is_scale_o(is_scale), .element_o(element), .fetched_i(fetched),
    .load_o(load), .next_is_scale_o(next_is_scale), .next_is_minimum_o(next_is_minimum),
    .next_is_step_o(next_is_step), .next_group_o(next_group), .clear_next_o(clear_next),
    .to_current_o(to_current), .to_scales_o(to_scales), .to_minimums_o(to_minimums),
    .dequantise_o(dequantise), .dequantise_slot_next_o(dequantise_slot_next),
    .dequantised_valid_o(dequantised_valid), .dequantised_slot_o(dequantised_slot),
    .current_valid_o(current_valid), .release_i(step_release), .fold_start_o(fold_start),
    .fold_done_i(fold_done)
  );

  // What goes from bytes to half bytes loses its highest bit, which no local address needs.
  apus_matrix_depth_walk u_walk_k (
    .clk_i, .restart_i(state_q == PLACE), .step_i(fetched && !is_scale),
    .extent_0_i(descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_K0_LSB +: 32]),
    .extent_1_i(descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_K1_LSB +: 32]),
    .a_base_i({command_i[apus_isa_pkg::MATMUL_A_LSB +: 31], 1'b0}),
    .b_base_i({command_i[apus_isa_pkg::MATMUL_B_LSB +: 31], 1'b0}),
    .a_strides_i(a_strides[159:64]), .b_strides_i(b_strides[159:64]),
    .a_address_o(a_element), .b_address_o(b_element),
    .a_next_o(a_element_next), .b_next_o(b_element_next)
  );

  // Scales of group g: g elements further in A's rows, g rows further in B's.
  always_ff @(posedge clk_i) begin
    if (state_q == PLACE) begin
      a_group_q <= '0;
      b_group_q <= '0;
    end else if (next_group) begin
      a_group_q <= a_group_q + scale_half_bytes;
      b_group_q <= b_group_q + {b_scale_row, 1'b0};
    end
  end

  assign b_scale_base = next_is_minimum
      ? descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_MINIMUMS_LSB +: 31]
      : descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_SCALES_LSB +: 31];
  assign a_scale_next =
      {descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_A_SCALES_LSB +: 31], 1'b0} + a_group_q;
  assign b_scale_next = {b_scale_base, 1'b0} + b_group_q;

  always_comb begin
    if (next_is_scale) {a_next, b_next} = {a_scale_next, b_scale_next};
    else if (next_is_step) {a_next, b_next} = {a_element_next, b_element_next};
    else {a_next, b_next} = {a_element, b_element};
  end

  // Fetching -------------------------------------------------------------------------------------

  logic [Lanes-1:0]    raw_valid;
  logic [32*Lanes-1:0] raw;
  logic [Ports-1:0]    gather_req_valid;
  logic [32*Ports-1:0] gather_req_addr;

  apus_matrix_gather #(.Rows(Rows), .Columns(Columns), .Ports(Ports)) u_gather (
    .clk_i, .rst_ni, .forget_i(state_q == CHECK), .place_write_i(place_write),
    .place_exists_i(place_exists), .a_place_i(a_place), .b_place_i(b_place),
    .a_scale_place_i(a_scale_place_q), .b_scale_place_i(b_scale_place_q), .load_i(load),
    .next_is_scale_i(next_is_scale), .a_next_i(a_next), .b_next_i(b_next), .want_i(want),
    .want_a_i(!is_scale || facts.folds), .a_size_i(is_scale ? facts.scale_size : facts.a_size),
    .b_size_i(is_scale ? facts.scale_size : facts.b_size), .raw_valid_o(raw_valid),
    .raw_o(raw), .done_o(fetched), .req_valid_o(gather_req_valid),
    .req_ready_i(mem_req_ready_i), .req_addr_o(gather_req_addr),
    .rsp_valid_i(mem_rsp_valid_i), .rsp_rdata_i(mem_rsp_rdata_i)
  );

  // Edge, array and columns ----------------------------------------------------------------------

  logic                             issue, issue_slot, is_last_part;
  logic [1:0]                       a_part, b_part;
  logic [32*Columns-1:0]            column_element, column_scale, column_minimum, dequantised;
  logic [OPERAND_WIDTH*Rows-1:0]    a_operands;
  logic [OPERAND_WIDTH*Columns-1:0] b_operands;
  logic [ACC_T_WIDTH*Columns-1:0]   above, below;
  logic                             rows_shift_next, fold_shift_next, fold_shift, shift_next;
  logic                             multiply_slot, multiply, hold_sum, add, fold_write;
  logic [$clog2(Rows)-1:0]          multiply_row;
  logic [IndexWidth-1:0]            fold_read_next, fold_write_index, rows_index, column_index_q;
  logic                             rows_write, is_moving_rows;
  logic [32*Columns-1:0]            rows_write_data, fold_data;

  apus_matrix_steps u_steps (
    .clk_i, .rst_ni, .passes_i(facts.passes), .phase_i(phase_q), .valid_i(current_valid),
    .release_o(step_release), .issue_o(issue), .slot_o(issue_slot), .a_part_o(a_part),
    .b_part_o(b_part), .is_last_part_o(is_last_part)
  );

  apus_matrix_edge #(.Rows(Rows), .Columns(Columns)) u_edge (
    .clk_i, .is_exact_i(facts.is_exact), .is_scale_i(is_scale), .a_format_i(facts.a_format),
    .b_format_i(facts.b_format), .scale_format_i(facts.scale_format),
    .has_minimums_i(facts.has_minimums), .clear_next_i(clear_next), .element_i(element),
    .raw_valid_i(raw_valid), .raw_i(raw), .to_current_i(to_current), .to_scales_i(to_scales),
    .to_minimums_i(to_minimums), .element_o(column_element), .scale_o(column_scale),
    .slot_next_i(facts.folds ? multiply_slot : dequantise_slot_next), .minimum_o(column_minimum),
    .dequantised_valid_i(dequantised_valid), .dequantised_slot_i(dequantised_slot),
    .dequantised_i(dequantised), .scale_row_i(multiply_row), .a_scale_o(a_scale),
    .issue_i(issue), .issue_slot_i(issue_slot), .a_part_i(a_part), .b_part_i(b_part),
    .is_last_part_i(is_last_part), .a_o(a_operands), .b_o(b_operands)
  );

  // All rows enter as zeros before the first command.
  assign shift_next = rows_shift_next || fold_shift_next || state_q == CLEAR;

  apus_matrix_array #(.Rows(Rows), .Columns(Columns)) u_array (
    .clk_i, .mode_i(facts.mode), .a_i(a_operands), .b_i(b_operands), .shift_next_i(shift_next),
    .above_i(above), .below_o(below)
  );

  apus_matrix_fold #(.Rows(Rows)) u_fold (
    .clk_i, .rst_ni, .start_i(fold_start), .done_o(fold_done), .slot_i(phase_q),
    .shift_next_o(fold_shift_next), .shift_o(fold_shift), .multiply_o(multiply),
    .multiply_slot_o(multiply_slot), .multiply_row_o(multiply_row), .hold_sum_o(hold_sum),
    .add_o(add), .read_next_o(fold_read_next), .write_o(fold_write),
    .write_index_o(fold_write_index)
  );

  assign is_moving_rows = state_q == LOADING || state_q == STORING;

  // A row's index is there a cycle before the row moves.
  always_ff @(posedge clk_i) column_index_q <= is_moving_rows ? rows_index : fold_read_next;

  for (genvar c = 0; c < Columns; c++) begin : gen_columns
    apus_matrix_column #(.Rows(Rows)) u_column (
      .clk_i, .dequantise_i(dequantise), .element_i(column_element[32*c +: 32]),
      .scale_i(column_scale[32*c +: 32]), .minimum_i(column_minimum[32*c +: 32]),
      .a_scale_i(a_scale), .element_o(dequantised[32*c +: 32]), .capture_i(fold_shift),
      .is_integer_i(facts.is_integer), .below_i(below[ACC_T_WIDTH*c +: ACC_T_WIDTH]),
      .convert_i(multiply), .hold_sum_i(hold_sum), .add_i(add),
      .read_index_i(column_index_q),
      .read_o(fold_data[32*c +: 32]), .write_i(fold_write || rows_write),
      .write_index_i(is_moving_rows ? rows_index : fold_write_index),
      .is_loading_i(is_moving_rows), .load_i(rows_write_data[32*c +: 32])
    );
  end

  // Rows of accumulators -------------------------------------------------------------------------

  logic [Ports-1:0]    rows_req_valid;
  logic                rows_req_write;
  logic [32*Ports-1:0] rows_req_addr;

  apus_matrix_rows #(.Rows(Rows), .Columns(Columns), .Ports(Ports)) u_rows (
    .clk_i, .rst_ni, .start_i(state_q == LOAD || state_q == STORE), .done_o(rows_done),
    .is_load_i(state_q == LOAD || state_q == LOADING), .accumulate_i(facts.accumulates),
    .is_fold_i(facts.folds), .is_fixed54_i(facts.is_fixed54), .address_i(tile_address_q),
    .row_stride_i(row_stride), .rows_left_i(rows_left_q), .columns_left_i(columns_left_q),
    .slot_i(phase_q), .shift_next_o(rows_shift_next), .above_o(above), .below_i(below),
    .fold_index_o(rows_index), .fold_write_o(rows_write),
    .fold_write_data_o(rows_write_data), .fold_read_data_i(fold_data),
    .req_valid_o(rows_req_valid), .req_ready_i(mem_req_ready_i), .req_write_o(rows_req_write),
    .req_addr_o(rows_req_addr), .req_wdata_o(mem_req_wdata_o), .req_wstrb_o(mem_req_wstrb_o),
    .rsp_valid_i(mem_rsp_valid_i), .rsp_rdata_i(mem_rsp_rdata_i)
  );

  assign mem_req_valid_o = is_moving_rows ? rows_req_valid : gather_req_valid;
  assign mem_req_addr_o = is_moving_rows ? rows_req_addr : gather_req_addr;
  assign mem_req_write_o = {Ports{is_moving_rows && rows_req_write}};

`ifndef SYNTHESIS
  // A trap leaves memory as it was.
  assert property (@(posedge clk_i) disable iff (state_q == CLEAR)
      mem_req_valid_o != '0 |-> state_q == LOADING || state_q == STREAMING || state_q == STORING);
`endif

endmodule
