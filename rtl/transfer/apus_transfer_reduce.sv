/// Writes elements that need what memory holds: reductions, and 4-bit elements, whose neighbour in
/// the byte stays.
///
///     global[place] ← convert(op(compute(global[place]), compute(bits)))
///
/// Computed in FP32 or INT32, as the global format is. One word, or two that an element crosses, is
/// held; elements that fall into it are combined there one after another, in order. It goes back,
/// and memory confirms it, before another is read: so an element that comes again sees its earlier
/// sum.
///
/// Latency: about 12 cycles for an element, and a round trip to memory for each word.
/// Emulator twin: OracleTransfer.reduced, Sources/ApusMachine/Engines/OracleTransfer.swift
module apus_transfer_reduce #(
  localparam int unsigned PlaceWidth = apus_transfer_pkg::GLOBAL_WIDTH,
  localparam int unsigned WordWidth  = PlaceWidth - 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // Of the command.
  input  logic [4:0]            format_i,
  /// Half bytes of an element of the format.
  input  logic [4:0]            nibbles_i,
  input  logic [2:0]            reduction_i,

  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [PlaceWidth-1:0] place_i,
  /// In the global format.
  input  logic [31:0]           bits_i,
  /// No element is on its way: what is held goes back.
  input  logic                  flush_i,
  output logic                  busy_o,

  output logic                  read_valid_o,
  input  logic                  read_ready_i,
  output logic [WordWidth-1:0]  read_word_o,
  input  logic                  read_data_valid_i,
  output logic                  read_data_ready_o,
  input  logic [63:0]           read_data_i,

  output logic                  write_valid_o,
  input  logic                  write_ready_i,
  output logic [WordWidth-1:0]  write_word_o,
  output logic [63:0]           write_data_o,
  output logic [7:0]            write_strobe_o,
  output logic                  write_flush_o,
  input  logic                  write_busy_i
);

  typedef enum logic [3:0] {
    REST, WRITE_FIRST, WRITE_SECOND, CONFIRM, ASK_FIRST, ASK_SECOND, TAKE_FIRST, TAKE_SECOND,
    WIDEN_NEW, WIDEN_OLD, TAKE_NEW, TAKE_OLD, OPERATE, NARROW, TAKE_RESULT
  } state_e;

  localparam int unsigned AddStages = 3;

  state_e               state_q, state_d;
  logic [WordWidth-1:0] held_word_q;
  logic                 holds_first_q, holds_second_q;
  logic [127:0]         held_q, held_d;
  logic [15:0]          dirty_q, dirty_d;
  logic [31:0]          old_q, new_q;
  logic [1:0]           operate_q;

  // The element at hand, among what is held.
  logic         is_split, is_held, is_replaced;
  logic [31:0]  mask, old_bits;
  logic [127:0] place_mask;
  logic [31:0]  touched;

  always_comb begin
    mask = 32'(apus_convert_pkg::element_mask(format_i));
    is_split = 5'(place_i[3:0]) + nibbles_i > 5'd16;
    is_held = holds_first_q && held_word_q == place_i[PlaceWidth-1:4]
        && (!is_split || holds_second_q);
    is_replaced = reduction_i == apus_transfer_pkg::REDUCTION_NONE;
    old_bits = 32'(held_q >> {place_i[3:0], 2'd0}) & mask;
    place_mask = {96'd0, mask} << {place_i[3:0], 2'd0};
    for (int unsigned n = 0; n < 32; n++) touched[n] = |place_mask[4*n +: 4];
  end

  // Formats: one converter, used four times for an element ---------------------------------------

  logic        is_floating, convert_valid, convert_ready, converted_valid;
  logic [4:0]  compute_format;
  logic [31:0] convert_bits, result;
  // verilator lint_off UNUSEDSIGNAL
  logic [63:0] converted;  // no format here has more than 32 bits
  logic        unused_tag, unused_busy;
  // verilator lint_on UNUSEDSIGNAL

  always_comb begin
    is_floating = apus_convert_pkg::is_floating(format_i);
    compute_format = is_floating ? apus_isa_pkg::FORMAT_FP32 : apus_isa_pkg::FORMAT_INT32;
    convert_valid = state_q == WIDEN_NEW || state_q == WIDEN_OLD || state_q == NARROW;
    unique case (state_q)
      WIDEN_NEW: convert_bits = bits_i;
      WIDEN_OLD: convert_bits = old_bits;
      default: convert_bits = result;
    endcase
  end

  apus_convert #(
    .HasFixed54(1'b0)
  ) u_convert (
    .clk_i,
    .rst_ni,
    .valid_i(convert_valid),
    .ready_o(convert_ready),
    .bits_i({32'd0, convert_bits}),
    .source_i(state_q == NARROW ? compute_format : format_i),
    .destination_i(state_q == NARROW ? format_i : compute_format),
    .rounding_i(apus_isa_pkg::ROUND_NEAREST_EVEN),
    .tag_i(1'b0),
    .valid_o(converted_valid),
    .ready_i(1'b1),
    .bits_o(converted),
    .tag_o(unused_tag),
    .busy_o(unused_busy)
  );

  // Arithmetic -----------------------------------------------------------------------------------

  logic [31:0] float_sum, extreme;
  logic        has_nan, is_equal, is_less, wants_new;

  // old · 1 + new is rounded once, as a sum is.
  apus_fma_fp32 #(
    .Stages(AddStages)
  ) u_add (
    .clk_i,
    .a_i(old_q),
    .b_i(32'h3F80_0000),
    .c_i(new_q),
    .result_o(float_sum)
  );

  always_comb begin
    has_nan = old_q[30:0] > 31'h7F80_0000 || new_q[30:0] > 31'h7F80_0000;
    is_equal = old_q == new_q || (old_q[30:0] == 31'd0 && new_q[30:0] == 31'd0);
    // Of floats that are below zero the larger magnitude is the smaller number.
    is_less = $signed(old_q) < $signed(new_q);
    if (is_floating && old_q[31] && new_q[31]) is_less = old_q[30:0] > new_q[30:0];
    wants_new = is_less == (reduction_i == apus_transfer_pkg::REDUCTION_MAX);
    extreme = wants_new ? new_q : old_q;
    if (is_floating && is_equal) begin
      // +0 is above −0.
      extreme = reduction_i == apus_transfer_pkg::REDUCTION_MAX ? old_q & new_q : old_q | new_q;
    end
    if (is_floating && has_nan) extreme = 32'h7FC0_0000;
    result = extreme;
    if (reduction_i == apus_transfer_pkg::REDUCTION_ADD) begin
      result = is_floating ? float_sum : old_q + new_q;
    end
  end

  // The steps ------------------------------------------------------------------------------------

  logic        inserts;
  logic [31:0] inserted;

  always_comb begin
    state_d = state_q;
    inserts = 1'b0;
    unique case (state_q)
      REST: begin
        if (valid_i && is_held) begin
          if (is_replaced) inserts = 1'b1;
          else state_d = WIDEN_NEW;
        end else if (valid_i || (flush_i && dirty_q != 16'd0)) begin
          state_d = dirty_q != 16'd0 ? WRITE_FIRST : ASK_FIRST;
        end
      end
      WRITE_FIRST: if (write_ready_i || dirty_q[7:0] == 8'd0) state_d = WRITE_SECOND;
      WRITE_SECOND: if (write_ready_i || dirty_q[15:8] == 8'd0) state_d = CONFIRM;
      CONFIRM: if (!write_busy_i) state_d = valid_i ? ASK_FIRST : REST;
      ASK_FIRST: if (read_ready_i) state_d = is_split ? ASK_SECOND : TAKE_FIRST;
      ASK_SECOND: if (read_ready_i) state_d = TAKE_FIRST;
      TAKE_FIRST: if (read_data_valid_i) state_d = is_split ? TAKE_SECOND : REST;
      TAKE_SECOND: if (read_data_valid_i) state_d = REST;
      WIDEN_NEW: if (convert_ready) state_d = WIDEN_OLD;
      WIDEN_OLD: if (convert_ready) state_d = TAKE_NEW;
      TAKE_NEW: if (converted_valid) state_d = TAKE_OLD;
      TAKE_OLD: if (converted_valid) state_d = OPERATE;
      OPERATE: if (operate_q == 2'(AddStages)) state_d = NARROW;
      NARROW: if (convert_ready) state_d = TAKE_RESULT;
      default: begin
        inserts = converted_valid;
        if (converted_valid) state_d = REST;
      end
    endcase
  end

  assign inserted = state_q == REST ? bits_i : converted[31:0];
  assign ready_o = inserts;
  assign busy_o = state_q != REST || dirty_q != 16'd0;

  always_comb begin
    held_d = held_q;
    dirty_d = dirty_q;
    if (state_q == TAKE_FIRST && read_data_valid_i) held_d = {64'd0, read_data_i};
    if (state_q == TAKE_SECOND && read_data_valid_i) held_d = {read_data_i, held_q[63:0]};
    if (state_q == CONFIRM) dirty_d = 16'd0;
    if (inserts) begin
      held_d = (held_q & ~place_mask) | ({96'd0, inserted & mask} << {place_i[3:0], 2'd0});
      for (int unsigned b = 0; b < 16; b++) dirty_d[b] = dirty_q[b] | (|touched[2*b +: 2]);
    end
  end

  assign read_valid_o = state_q == ASK_FIRST || state_q == ASK_SECOND;
  assign read_word_o = place_i[PlaceWidth-1:4] + WordWidth'(state_q == ASK_SECOND);
  assign read_data_ready_o = state_q == TAKE_FIRST || state_q == TAKE_SECOND;
  assign write_valid_o = (state_q == WRITE_FIRST && dirty_q[7:0] != 8'd0)
      || (state_q == WRITE_SECOND && dirty_q[15:8] != 8'd0);
  assign write_word_o = held_word_q + WordWidth'(state_q == WRITE_SECOND);
  assign write_data_o = state_q == WRITE_SECOND ? held_q[127:64] : held_q[63:0];
  assign write_strobe_o = state_q == WRITE_SECOND ? dirty_q[15:8] : dirty_q[7:0];
  assign write_flush_o = state_q == CONFIRM;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= REST;
      holds_first_q <= 1'b0;
      holds_second_q <= 1'b0;
      dirty_q <= 16'd0;
    end else begin
      state_q <= state_d;
      dirty_q <= dirty_d;
      // A word that went back is read again: others may write it between two commands.
      if (state_q == CONFIRM || (state_q == REST && !valid_i && flush_i)) holds_first_q <= 1'b0;
      else if (state_q == TAKE_FIRST && read_data_valid_i) holds_first_q <= 1'b1;
      if (state_q == ASK_FIRST) holds_second_q <= is_split;
    end
  end

  always_ff @(posedge clk_i) begin
    held_q <= held_d;
    if (state_q == ASK_FIRST) held_word_q <= place_i[PlaceWidth-1:4];
    if (state_q == TAKE_NEW && converted_valid) new_q <= converted[31:0];
    if (state_q == TAKE_OLD && converted_valid) old_q <= converted[31:0];
    operate_q <= state_q == OPERATE ? operate_q + 2'd1 : 2'd0;
  end

endmodule
