/// Moves the elements of a strip between local memory and the registers of LanesEach lanes,
/// converting them on the way.
///
///     memory ── word ── element's bits ── convert ── register        a fill
///     register ── convert ── word under construction ── memory       a drain
///
/// Elements may lie anywhere, at any distance, across words too. Places are counted in half bytes.
/// A fill asks for a word once as long as its elements follow one another; a drain puts elements of
/// one word together before it writes. Bytes of which a drain has one half only are read first.
///
/// Ports of one drain of 4-bit elements take turns (`go_i`), because two may share a byte.
///
/// Latency of a fill: 2 cycles a word and 1 an element, and memory's; of a drain: 1 an element and
/// 1 a word.
module apus_vector_port #(
  parameter int unsigned Lanes     = 8,
  parameter int unsigned LanesEach = 2,
  parameter int unsigned Beats     = 4,
  /// The first lane.
  parameter int unsigned LaneFirst = 0,
  localparam int unsigned BeatWidth = $clog2(Beats),
  localparam int unsigned PlaceWidth = $clog2(LanesEach) + (LanesEach == 1 ? 1 : 0),
  localparam int unsigned CountWidth = $clog2(Lanes * Beats + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // A job; all of it is stable while the port is busy.
  input  logic                  start_i,
  input  logic                  is_drain_i,
  input  logic                  go_i,
  output logic                  busy_o,
  /// Elements of the strip, of all ports.
  input  logic [CountWidth-1:0] count_i,
  /// Half bytes: the strip's first element, and from one element to the next.
  input  logic [32:0]           base_i,
  input  logic [32:0]           stride_i,
  input  logic [4:0]            source_i,
  input  logic [4:0]            destination_i,
  input  logic [2:0]            rounding_i,
  /// A drain makes every NaN of FP32 the canonical one.
  input  logic                  is_float_i,
  /// A fill with one value.
  input  logic                  is_constant_i,
  input  logic [31:0]           constant_i,
  // Registers.
  output logic [PlaceWidth-1:0] read_lane_o,
  output logic [BeatWidth-1:0]  read_beat_o,
  input  logic [31:0]           read_value_i,
  output logic                  write_o,
  output logic [PlaceWidth-1:0] write_lane_o,
  output logic [BeatWidth-1:0]  write_beat_o,
  output logic [31:0]           write_value_o,
  // Local memory.
  output logic                  mem_req_valid_o,
  input  logic                  mem_req_ready_i,
  output logic                  mem_req_write_o,
  output logic [31:0]           mem_req_addr_o,
  output logic [63:0]           mem_req_wdata_o,
  output logic [7:0]            mem_req_wstrb_o,
  input  logic                  mem_rsp_valid_i,
  input  logic [63:0]           mem_rsp_rdata_i
);

  typedef enum logic [3:0] {
    STATE_IDLE,
    // Fill: ask for the word of the element's first bits, wait for it, the next one likewise.
    STATE_LOW,
    STATE_LOW_WAIT,
    STATE_HIGH,
    STATE_HIGH_WAIT,
    STATE_EMIT,
    STATE_SETTLE,
    // Drain: put elements together, write a word, after reading it if half bytes are missing.
    STATE_GATHER,
    STATE_READ,
    STATE_READ_WAIT,
    STATE_WRITE
  } state_e;

  state_e state_d, state_q;

  // The element at hand ---------------------------------------------------------------------------

  logic [PlaceWidth-1:0] lane_q;
  logic [BeatWidth-1:0]  beat_q;
  logic [32:0]           place_q;
  logic [CountWidth-1:0] index;
  logic                  has_element, is_lane_last, steps, all_taken_q;
  // From the port's last lane to its first one of the next beat.
  logic [32:0]           next_place, beat_stride_q;

  assign index = CountWidth'(Lanes) * CountWidth'(beat_q) + CountWidth'(LaneFirst)
      + CountWidth'(lane_q);
  assign has_element = !all_taken_q && index < count_i;
  assign is_lane_last = lane_q == PlaceWidth'(LanesEach - 1);
  assign next_place = place_q + (is_lane_last ? beat_stride_q : stride_i);

  always_ff @(posedge clk_i) begin
    if (start_i && state_q == STATE_IDLE) begin
      lane_q <= '0;
      beat_q <= '0;
      place_q <= base_i + 33'(LaneFirst) * stride_i;
      beat_stride_q <= 33'(Lanes - LanesEach + 1) * stride_i;
      all_taken_q <= 1'b0;
    end else if (steps) begin
      lane_q <= is_lane_last ? '0 : lane_q + 1'b1;
      if (is_lane_last) beat_q <= beat_q + 1'b1;
      if (is_lane_last && beat_q == BeatWidth'(Beats - 1)) all_taken_q <= 1'b1;
      place_q <= next_place;
    end
  end

  // Half bytes of the element in memory: a mask over two words ------------------------------------

  logic [4:0]  memory_format;
  logic [6:0]  width;
  logic [4:0]  nibbles;
  logic [28:0] word;
  logic        is_split;

  assign memory_format = is_drain_i ? destination_i : source_i;
  assign width = apus_convert_pkg::element_width(memory_format);
  assign nibbles = width[6:2];
  assign word = place_q[32:4];
  assign is_split = {1'b0, place_q[3:0]} + nibbles > 5'd16;

  // Conversion; what belongs to an element goes beside it -----------------------------------------

  /// The element's way in memory or to a register.
  typedef struct packed {
    logic [PlaceWidth-1:0] lane;
    logic [BeatWidth-1:0]  beat;
    logic [32:0]           place;
  } tag_t;

  tag_t        tag, converted_tag;
  logic        convert_valid, convert_ready, convert_busy, converted_valid, converted_ready;
  logic [63:0] convert_bits, converted;

  assign tag.lane = lane_q;
  assign tag.beat = beat_q;
  assign tag.place = place_q;

  localparam int unsigned TagWidth = PlaceWidth + BeatWidth + 33;

  apus_convert #(.TagWidth(TagWidth)) u_convert (
    .clk_i,
    .rst_ni,
    .valid_i(convert_valid),
    .ready_o(convert_ready),
    .bits_i(convert_bits),
    .source_i,
    .destination_i,
    .rounding_i,
    .tag_i(tag),
    .valid_o(converted_valid),
    .ready_i(converted_ready),
    .bits_o(converted),
    .tag_o(converted_tag),
    .busy_o(convert_busy)
  );

  // Fill: the word in hand, and the one before ----------------------------------------------------

  logic        held_valid_q;
  logic [28:0] held_word_q;
  logic [63:0] low_q, held_q;
  logic        is_held;
  logic [63:0] raw;

  assign is_held = held_valid_q && held_word_q == word;
  // In EMIT low_q has the element's first bits, held_q what follows if it goes on.
  assign raw = 64'({held_q, low_q} >> {place_q[3:0], 2'b00});

  // Drain: half bytes of one word -----------------------------------------------------------------

  logic        pending_valid_q;
  logic [28:0] pending_word_q;
  logic [63:0] pending_data_q;
  logic [15:0] pending_mask_q;
  // The part that lies in the element's second word is in turn.
  logic        is_second_q;

  logic [31:0]  element_mask;
  logic [127:0] element_data;
  logic [15:0]  part_mask;
  logic [63:0]  part_data, part_bits;
  logic [28:0]  part_word;
  logic         joins, part_is_last, merges;
  logic [7:0]   strobes, halves;

  assign element_mask = ((32'd1 << nibbles) - 32'd1) << converted_tag.place[3:0];
  assign element_data = {64'b0, converted} << {converted_tag.place[3:0], 2'b00};
  assign part_mask = is_second_q ? element_mask[31:16] : element_mask[15:0];
  assign part_data = is_second_q ? element_data[127:64] : element_data[63:0];
  assign part_word = converted_tag.place[32:4] + 29'(is_second_q);
  assign part_is_last = is_second_q || element_mask[31:16] == '0;
  assign joins = !pending_valid_q || pending_word_q == part_word;

  for (genvar n = 0; n < 16; n++) begin : gen_nibbles
    assign part_bits[4*n +: 4] = {4{part_mask[n]}};
  end
  for (genvar b = 0; b < 8; b++) begin : gen_bytes
    assign strobes[b] = pending_mask_q[2*b] || pending_mask_q[2*b+1];
    assign halves[b] = pending_mask_q[2*b] != pending_mask_q[2*b+1];
  end

  // Control ---------------------------------------------------------------------------------------

  logic [31:0] read_value;
  assign read_value = is_float_i && read_value_i[30:0] > 31'h7F80_0000
      ? 32'h7FC0_0000 : read_value_i;

  always_comb begin
    state_d = state_q;
    steps = 1'b0;
    convert_valid = 1'b0;
    convert_bits = is_constant_i ? {32'b0, constant_i} : raw;
    converted_ready = 1'b1;
    merges = 1'b0;
    mem_req_valid_o = 1'b0;
    mem_req_write_o = 1'b0;
    mem_req_addr_o = {word, 3'b000};
    unique case (state_q)
      STATE_IDLE: begin
        if (start_i) begin
          if (is_drain_i) state_d = STATE_GATHER;
          else state_d = is_constant_i ? STATE_EMIT : STATE_LOW;
        end
      end
      STATE_LOW: begin
        if (!has_element) state_d = STATE_SETTLE;
        else if (is_held) state_d = is_split ? STATE_HIGH : STATE_EMIT;
        else begin
          mem_req_valid_o = 1'b1;
          if (mem_req_ready_i) state_d = STATE_LOW_WAIT;
        end
      end
      STATE_LOW_WAIT: if (mem_rsp_valid_i) state_d = is_split ? STATE_HIGH : STATE_EMIT;
      STATE_HIGH: begin
        mem_req_valid_o = 1'b1;
        mem_req_addr_o = {word + 29'd1, 3'b000};
        if (mem_req_ready_i) state_d = STATE_HIGH_WAIT;
      end
      STATE_HIGH_WAIT: if (mem_rsp_valid_i) state_d = STATE_EMIT;
      STATE_EMIT: begin
        if (!has_element) state_d = STATE_SETTLE;
        else begin
          convert_valid = 1'b1;
          steps = 1'b1;
          // The next element often lies in the same word.
          if (!is_constant_i && !(next_place[32:4] == word && !is_split
              && {1'b0, next_place[3:0]} + nibbles <= 5'd16)) begin
            state_d = STATE_LOW;
          end
        end
      end
      STATE_SETTLE: if (!convert_busy) state_d = STATE_IDLE;
      STATE_GATHER: begin
        convert_bits = {32'b0, read_value};
        convert_valid = has_element && go_i;
        steps = convert_valid && convert_ready;
        merges = converted_valid && joins;
        converted_ready = merges && part_is_last;
        if (converted_valid && !joins || (!has_element && !convert_busy && pending_valid_q))
        begin
          state_d = halves != '0 ? STATE_READ : STATE_WRITE;
        end else if (!has_element && !convert_busy) begin
          state_d = STATE_IDLE;
        end
      end
      STATE_READ: begin
        converted_ready = 1'b0;
        mem_req_valid_o = 1'b1;
        mem_req_addr_o = {pending_word_q, 3'b000};
        if (mem_req_ready_i) state_d = STATE_READ_WAIT;
      end
      STATE_READ_WAIT: begin
        converted_ready = 1'b0;
        if (mem_rsp_valid_i) state_d = STATE_WRITE;
      end
      default: begin
        converted_ready = 1'b0;
        mem_req_valid_o = 1'b1;
        mem_req_write_o = 1'b1;
        mem_req_addr_o = {pending_word_q, 3'b000};
        if (mem_req_ready_i) state_d = STATE_GATHER;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= STATE_IDLE;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_valid_q <= 1'b0;
      pending_valid_q <= 1'b0;
      is_second_q <= 1'b0;
    end else begin
      unique case (state_q)
        STATE_IDLE: held_valid_q <= 1'b0;
        STATE_LOW_WAIT, STATE_HIGH_WAIT: if (mem_rsp_valid_i) held_valid_q <= 1'b1;
        STATE_GATHER: begin
          if (merges) begin
            pending_valid_q <= 1'b1;
            is_second_q <= !part_is_last;
          end
        end
        STATE_WRITE: if (mem_req_ready_i) pending_valid_q <= 1'b0;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      STATE_LOW: if (is_held) low_q <= held_q;
      STATE_LOW_WAIT: begin
        if (mem_rsp_valid_i) begin
          low_q <= mem_rsp_rdata_i;
          held_q <= mem_rsp_rdata_i;
          held_word_q <= word;
        end
      end
      STATE_HIGH_WAIT: begin
        if (mem_rsp_valid_i) begin
          held_q <= mem_rsp_rdata_i;
          held_word_q <= word + 29'd1;
        end
      end
      STATE_GATHER: begin
        if (merges) begin
          pending_word_q <= part_word;
          pending_mask_q <= pending_valid_q ? pending_mask_q | part_mask : part_mask;
          pending_data_q <= (pending_data_q & ~part_bits) | (part_data & part_bits);
        end
      end
      STATE_READ_WAIT: begin
        // Half bytes that the drain has stay; the others are memory's.
        if (mem_rsp_valid_i) begin
          for (int unsigned n = 0; n < 16; n++) begin
            if (!pending_mask_q[n]) pending_data_q[4*n +: 4] <= mem_rsp_rdata_i[4*n +: 4];
          end
        end
      end
      default: ;
    endcase
  end

  assign mem_req_wdata_o = pending_data_q;
  assign mem_req_wstrb_o = strobes;
  assign read_lane_o = lane_q;
  assign read_beat_o = beat_q;
  assign write_o = converted_valid && !is_drain_i;
  assign write_lane_o = converted_tag.lane;
  assign write_beat_o = converted_tag.beat;
  assign write_value_o = converted[31:0];
  assign busy_o = state_q != STATE_IDLE;

  logic unused_bits;
  assign unused_bits = ^{width[1:0], converted[63:32], converted_tag.place, 1'b0};

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// A request that was not taken stays as it is.
  RequestIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      mem_req_valid_o && !mem_req_ready_i
      |=> mem_req_valid_o && $stable(mem_req_addr_o) && $stable(mem_req_write_o));
  /// An answer comes only where one is awaited.
  AnswerIsAwaited: assert property (@(posedge clk_i) disable iff (!is_running_q)
      mem_rsp_valid_i |-> state_q == STATE_LOW_WAIT || state_q == STATE_HIGH_WAIT
          || state_q == STATE_READ_WAIT);
`endif

endmodule
