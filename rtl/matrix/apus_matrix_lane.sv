/// Fetches the elements of one row of A or column of B, one after the other.
///
/// Keeps the last 64-bit word that it read: elements that lie side by side cost one read for all.
/// An element that lies across two words takes both. Addresses count half bytes, so that 4-bit
/// elements have one; the address of what is wanted next comes before it is wanted.
///
/// `raw_o` and `raw_valid_o` deliver the element in the cycle in which its last word is there;
/// `done_o` stays high until `next_i`.
module apus_matrix_lane (
  input  logic        clk_i,
  input  logic        rst_ni,
  // The lane forgets its word: memory may have changed since.
  input  logic        forget_i,
  // The half byte at which the next element begins; `load_i` with every `next_i`.
  input  logic        load_i,
  input  logic [31:0] address_i,
  // An element is wanted, of 2^size_i half bytes.
  input  logic        want_i,
  input  logic [1:0]  size_i,
  // All lanes have theirs: what is wanted changes behind this cycle.
  input  logic        next_i,
  output logic        done_o,
  output logic        raw_valid_o,
  output logic [31:0] raw_o,
  // The word that is missing, and the words that arrive at the port, whoever asked for them.
  output logic        missing_o,
  output logic [27:0] word_index_o,
  input  logic        word_valid_i,
  input  logic [27:0] arriving_index_i,
  input  logic [63:0] word_i
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  logic        tag_valid_q, is_second_q, done_q;
  // The element's place in its first word, in half bytes, and the word that is looked for.
  logic [3:0]  place_q;
  logic [27:0] word_index_q, tag_q;
  logic [63:0] word_q;
  logic [23:0] first_part_q;

  // Bytes of the element beyond the first, and whether it ends in the next word.
  logic [2:0]  offset;
  logic [1:0]  bytes_more;
  logic        is_split, has_word, is_first_of_two, goes_on, arrives;

  assign offset = place_q[3:1];
  assign bytes_more = size_i == 2'd3 ? 2'd3 : size_i == 2'd2 ? 2'd1 : 2'd0;
  assign is_split = {1'b0, offset} + {2'b0, bytes_more} > 4'd7;
  assign word_index_o = word_index_q;
  assign has_word = tag_valid_q && tag_q == word_index_q;
  assign is_first_of_two = is_split && !is_second_q;
  assign arrives = word_valid_i && arriving_index_i == word_index_q;
  assign missing_o = want_i && !done_q && !has_word && !arrives;

  assign goes_on = want_i && !done_q && has_word && is_first_of_two;
  assign raw_valid_o = want_i && !done_q && has_word && !is_first_of_two;
  assign done_o = done_q || raw_valid_o || !want_i;

  // A split element begins with up to three bytes from the first word's end.
  logic [31:0] shifted, joined;

  assign shifted = 32'(word_q >> {offset, 3'b0});
  always_comb begin
    unique case (offset)
      3'd5: joined = {word_q[7:0], first_part_q};
      3'd6: joined = {word_q[15:0], first_part_q[23:8]};
      default: joined = {word_q[23:0], first_part_q[23:16]};
    endcase
    unique case (size_i)
      2'd0: raw_o = 32'(place_q[0] ? shifted[7:4] : shifted[3:0]);
      2'd1: raw_o = 32'(shifted[7:0]);
      2'd2: raw_o = 32'(is_split ? joined[15:0] : shifted[15:0]);
      default: raw_o = is_split ? joined : shifted;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tag_valid_q <= 1'b0;
      is_second_q <= 1'b0;
      done_q <= 1'b0;
    end else begin
      if (forget_i) tag_valid_q <= 1'b0;
      else if (want_i && !done_q && arrives) tag_valid_q <= 1'b1;
      if (next_i) begin
        is_second_q <= 1'b0;
        done_q <= 1'b0;
      end else begin
        if (goes_on) is_second_q <= 1'b1;
        if (raw_valid_o) done_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) {word_index_q, place_q} <= address_i;
    else if (goes_on) word_index_q <= word_index_q + 28'd1;
    if (want_i && !done_q && arrives) begin
      tag_q <= arriving_index_i;
      word_q <= word_i;
    end
    if (has_word && is_first_of_two) first_part_q <= word_q[63:40];
  end

`ifndef SYNTHESIS
  // What is wanted has its address.
  assert property (@(posedge clk_i) next_i |-> load_i);
`endif

endmodule
