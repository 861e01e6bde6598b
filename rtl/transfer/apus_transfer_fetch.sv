/// Turns places of elements into their bits: asks for the words that they lie in, each once for
/// elements that follow one another, and takes the elements out of them.
///
/// Words come back in the order in which they were asked for, however long they take; an element
/// that lies in two words uses the last two. Elements that are not wanted pass through with zeros,
/// in order.
///
/// Latency: 2 cycles and the memory's.  Throughput: 1 element per cycle, 1 word per cycle.
module apus_transfer_fetch #(
  /// Of a place, in nibbles.
  parameter int unsigned PlaceWidth = apus_transfer_pkg::GLOBAL_WIDTH,
  /// What accompanies an element.
  parameter int unsigned TagWidth   = 1,
  parameter int unsigned Depth      = 16,
  localparam int unsigned WordWidth = PlaceWidth - 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  /// Half bytes of an element; steady while elements are under way.
  input  logic [4:0]            nibbles_i,
  /// One cycle between commands: what was read before is old.
  input  logic                  forget_i,

  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [PlaceWidth-1:0] place_i,
  input  logic                  is_wanted_i,
  input  logic [TagWidth-1:0]   tag_i,

  output logic                  word_valid_o,
  input  logic                  word_ready_i,
  output logic [WordWidth-1:0]  word_o,
  /// No word follows before earlier ones have come.
  output logic                  is_full_o,

  input  logic                  data_valid_i,
  output logic                  data_ready_o,
  input  logic [63:0]           data_i,

  output logic                  valid_o,
  input  logic                  ready_i,
  output logic [63:0]           bits_o,
  output logic                  is_wanted_o,
  output logic [TagWidth-1:0]   tag_o,
  output logic                  busy_o
);

  // Asking ---------------------------------------------------------------------------------------

  logic                  has_word_q, is_second_q;
  logic [WordWidth-1:0]  word_q, first_word, last_word;
  logic                  is_split, is_same, asks, is_last_ask;
  logic [1:0]            takes;
  logic                  entry_ready;

  always_comb begin
    first_word = place_i[PlaceWidth-1:4];
    is_split = {1'b0, place_i[3:0]} + nibbles_i > 5'd16;
    last_word = first_word + WordWidth'(is_split);
    is_same = has_word_q && word_q == first_word;
    takes = is_wanted_i ? 2'(is_split) + 2'(!is_same) : 2'd0;
    // A second cycle asks for the second of two words.
    if (is_second_q) takes = 2'd2;
    asks = valid_i && entry_ready && takes != 2'd0;
    is_last_ask = takes != 2'd2 || is_second_q;
  end

  assign word_valid_o = asks;
  assign word_o = (takes == 2'd2 && !is_second_q) ? first_word : last_word;
  assign ready_o = entry_ready && (takes == 2'd0 || (word_ready_i && is_last_ask));
  assign is_full_o = !entry_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      has_word_q <= 1'b0;
      is_second_q <= 1'b0;
    end else if (forget_i) begin
      has_word_q <= 1'b0;
    end else if (asks && word_ready_i) begin
      has_word_q <= 1'b1;
      is_second_q <= !is_last_ask;
    end
  end

  always_ff @(posedge clk_i) begin
    if (asks && word_ready_i && is_last_ask) word_q <= last_word;
  end

  // Elements whose words are on the way ----------------------------------------------------------

  localparam int unsigned EntryWidth = TagWidth + 8;

  logic                     pushes, head_valid, head_ready;
  logic [EntryWidth-1:0]    head;
  logic [$clog2(Depth):0]   waiting;
  logic                     head_wanted, head_split;
  logic [1:0]               head_takes;
  logic [3:0]               head_offset;
  logic [TagWidth-1:0]      head_tag;

  assign pushes = valid_i && ready_o;

  apus_transfer_fifo #(
    .Width(EntryWidth),
    .Depth(Depth)
  ) u_entries (
    .clk_i,
    .rst_ni,
    .valid_i(pushes),
    .ready_o(entry_ready),
    .data_i({tag_i, is_wanted_i, takes, is_split, place_i[3:0]}),
    .valid_o(head_valid),
    .ready_i(head_ready),
    .data_o(head),
    .count_o(waiting)
  );

  assign {head_tag, head_wanted, head_takes, head_split, head_offset} = head;

  // Taking out -----------------------------------------------------------------------------------

  logic [63:0]  newest_q, previous_q;
  logic         took_one_q, is_complete, takes_word;
  logic [127:0] pair;

  always_comb begin
    // The word that comes now is the last one that the element lacks.
    is_complete = head_takes == 2'd0
        || (data_valid_i && (head_takes == 2'd1 || took_one_q));
    if (head_takes == 2'd0) pair = {newest_q, previous_q};
    else pair = {data_i, newest_q};
    if (!head_split) pair = {64'd0, pair[127:64]};
  end

  assign valid_o = head_valid && is_complete;
  assign head_ready = valid_o && ready_i;
  assign takes_word = head_valid && head_takes != 2'd0 && data_valid_i
      && (!is_complete || ready_i);
  assign data_ready_o = takes_word;
  assign bits_o = head_wanted ? 64'(pair >> {head_offset, 2'd0}) : 64'd0;
  assign is_wanted_o = head_wanted;
  assign tag_o = head_tag;
  assign busy_o = waiting != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) took_one_q <= 1'b0;
    else if (takes_word) took_one_q <= !is_complete;
  end

  always_ff @(posedge clk_i) begin
    if (takes_word) begin
      newest_q <= data_i;
      previous_q <= newest_q;
    end
  end

endmodule
