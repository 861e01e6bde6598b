/// Conducts one tile's way along k: which elements are fetched, when they go on, when a group ends.
///
///     scales ─► elements of a group ─► … wait until all is summed ─► fold (scaling 2) ─► scales …
///
/// Fetching runs ahead of multiplying by one set of elements; only at a group's end does it wait.
module apus_matrix_stream (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  output logic        done_o,
  input  logic        is_exact_i,
  input  logic        dequantises_i,
  input  logic        folds_i,
  input  logic        has_minimums_i,
  input  logic [31:0] depth_i,
  input  logic [31:0] group_length_i,
  // Fetching.
  output logic        want_o,
  output logic        is_scale_o,
  output logic [1:0]  element_o,
  input  logic        fetched_i,
  // Addresses of what is wanted next are taken; what that is.
  output logic        load_o,
  output logic        next_is_scale_o,
  output logic        next_is_minimum_o,
  output logic        next_is_step_o,
  output logic        next_group_o,
  // The edge's registers.
  output logic        clear_next_o,
  output logic        to_current_o,
  output logic        to_scales_o,
  output logic        to_minimums_o,
  output logic        dequantise_o,
  output logic        dequantise_slot_next_o,
  output logic        dequantised_valid_o,
  output logic        dequantised_slot_o,
  // Steps and folds.
  output logic        current_valid_o,
  input  logic        release_i,
  output logic        fold_start_o,
  input  logic        fold_done_i
);

  typedef enum logic [3:0] {
    IDLE = 4'd0, SCALES = 4'd1, MOVE_SCALES = 4'd2, MINIMUMS = 4'd3, MOVE_MINIMUMS = 4'd4,
    ELEMENTS = 4'd5, GROUP_END = 4'd6, FOLD = 4'd7, TILE_END = 4'd8, FINISH = 4'd9
  } state_e;

  // From a step's last cycle until its sum is in the array's last register.
  localparam logic [2:0] SETTLE = 3'd5;
  // Multiply-adds of both slots go in at 1 and 2 and come out at 4 and 5.
  localparam logic [2:0] DEQUANTISE_END = 3'd5;

  state_e      state_q, state_d;
  logic [31:0] k_left_q, group_left_q;
  logic [1:0]  element_q;
  logic        next_full_q, current_valid_q;
  logic [2:0]  settle_q, dequantise_q;
  logic        has_scales, is_drained, takes_element, ends_group, ends_tile, fills_next;
  logic        is_fetching;

  assign has_scales = dequantises_i || folds_i;
  assign is_drained = !next_full_q && !current_valid_q && dequantise_q == '0 && settle_q == '0;
  assign takes_element = state_q == ELEMENTS && fetched_i;
  assign ends_tile = k_left_q == 32'd1;
  assign ends_group = has_scales && group_left_q == 32'd1;
  assign fills_next =
      takes_element && (!is_exact_i || element_q == 2'd3 || ends_group || ends_tile);

  assign is_scale_o = state_q == SCALES || state_q == MINIMUMS;
  assign want_o = is_scale_o || (state_q == ELEMENTS && !next_full_q);
  assign element_o = element_q;

  // A state that fetches nothing prepares the one that does; the addresses of a group's scales
  // move on when the last elements of the group before are on their way to the array.
  assign is_fetching = is_scale_o || state_q == ELEMENTS;
  assign load_o = !is_fetching || fetched_i;
  assign next_is_minimum_o = state_q == MOVE_SCALES && has_minimums_i && dequantises_i;
  assign next_is_scale_o = next_is_minimum_o
      || (has_scales && (state_q == IDLE || state_q == GROUP_END || state_q == FOLD));
  assign next_is_step_o = state_q == ELEMENTS;
  assign next_group_o = state_q == GROUP_END && to_current_o;

  assign to_scales_o = state_q == MOVE_SCALES;
  assign to_minimums_o = state_q == MOVE_MINIMUMS;
  assign to_current_o =
      next_full_q && dequantise_q == '0 && (!current_valid_q || release_i);
  assign clear_next_o = start_i || to_current_o || to_scales_o || to_minimums_o;
  assign current_valid_o = current_valid_q;
  assign dequantise_o = dequantise_q == 3'd1 || dequantise_q == 3'd2;
  assign dequantise_slot_next_o = dequantise_q == 3'd1;
  assign dequantised_valid_o = dequantise_q == 3'd4 || dequantise_q == 3'd5;
  assign dequantised_slot_o = dequantise_q == 3'd5;
  assign fold_start_o = folds_i && is_drained && (state_q == GROUP_END || state_q == TILE_END);
  assign done_o = state_q == FINISH;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      IDLE: if (start_i) begin
        if (depth_i == '0) state_d = FINISH;
        else state_d = has_scales ? SCALES : ELEMENTS;
      end
      SCALES: if (fetched_i) state_d = MOVE_SCALES;
      MOVE_SCALES: state_d = next_is_minimum_o ? MINIMUMS : ELEMENTS;
      MINIMUMS: if (fetched_i) state_d = MOVE_MINIMUMS;
      MOVE_MINIMUMS: state_d = ELEMENTS;
      ELEMENTS: if (takes_element) begin
        if (ends_tile) state_d = TILE_END;
        else if (ends_group) state_d = GROUP_END;
      end
      GROUP_END: if (is_drained) state_d = folds_i ? FOLD : SCALES;
      FOLD: if (fold_done_i) state_d = k_left_q == '0 ? FINISH : SCALES;
      TILE_END: if (is_drained) state_d = folds_i ? FOLD : FINISH;
      FINISH: state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      next_full_q <= 1'b0;
      current_valid_q <= 1'b0;
      dequantise_q <= '0;
      settle_q <= '0;
    end else begin
      state_q <= state_d;

      if (fills_next) next_full_q <= 1'b1;
      else if (to_current_o) next_full_q <= 1'b0;

      if (to_current_o) current_valid_q <= !dequantises_i;
      else if (dequantise_q == DEQUANTISE_END) current_valid_q <= 1'b1;
      else if (release_i) current_valid_q <= 1'b0;

      if (to_current_o && dequantises_i) dequantise_q <= 3'd1;
      else if (dequantise_q == DEQUANTISE_END) dequantise_q <= '0;
      else if (dequantise_q != '0) dequantise_q <= dequantise_q + 3'd1;

      if (release_i) settle_q <= SETTLE;
      else if (settle_q != '0) settle_q <= settle_q - 3'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      k_left_q <= depth_i;
      group_left_q <= group_length_i;
      element_q <= '0;
    end else if (takes_element) begin
      k_left_q <= k_left_q - 32'd1;
      group_left_q <= ends_group ? group_length_i : group_left_q - 32'd1;
      element_q <= fills_next ? '0 : element_q + 2'd1;
    end
  end

`ifndef SYNTHESIS
  // A group's end moves its last elements on, so the next scales' addresses are there in time.
  assert property (@(posedge clk_i) state_q == ELEMENTS |=> state_q != GROUP_END || next_full_q);
  // Nothing is fetched into a full register.
  assert property (@(posedge clk_i) !(next_full_q && takes_element));
  // The array's operands are complete while they are used.
  assert property (@(posedge clk_i) release_i |-> current_valid_q);
`endif

endmodule
