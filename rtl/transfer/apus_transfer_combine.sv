/// Gathers elements into words: those that follow one another into the same word leave as one, with
/// a mark for every half byte that was written.
///
/// Elements keep their order; where two write the same half byte, the later stays.
///
/// Latency: 1 cycle after the last element of a word.  Throughput: 1 element per cycle, 2 cycles
/// for one that lies in two words.
module apus_transfer_combine #(
  /// Of a place, in nibbles.
  parameter int unsigned PlaceWidth = apus_transfer_pkg::LOCAL_WIDTH,
  localparam int unsigned WordWidth = PlaceWidth - 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [4:0]            nibbles_i,

  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [PlaceWidth-1:0] place_i,
  input  logic [63:0]           bits_i,
  /// No element is on its way: the last word leaves.
  input  logic                  flush_i,

  output logic                  word_valid_o,
  input  logic                  word_ready_i,
  output logic [WordWidth-1:0]  word_o,
  output logic [63:0]           data_o,
  output logic [15:0]           nibbles_o,
  output logic                  busy_o
);

  logic                 valid_q, valid_d, is_second_q, is_second_d;
  logic [WordWidth-1:0] word_q, word_d;
  logic [63:0]          data_q, data_d;
  logic [15:0]          marks_q, marks_d;

  // The part of the element that falls into the word at hand.
  logic [WordWidth-1:0] part_word;
  logic [127:0]         shifted_bits;
  logic [31:0]          shifted_marks;
  logic [63:0]          part_bits, part_mask;
  logic [15:0]          part_marks;
  logic                 is_split, is_other, takes;

  always_comb begin
    shifted_bits = {64'd0, bits_i} << {place_i[3:0], 2'd0};
    shifted_marks = ((32'd1 << nibbles_i) - 32'd1) << place_i[3:0];
    is_split = shifted_marks[31:16] != 16'd0;
    part_word = place_i[PlaceWidth-1:4] + WordWidth'(is_second_q);
    part_bits = is_second_q ? shifted_bits[127:64] : shifted_bits[63:0];
    part_marks = is_second_q ? shifted_marks[31:16] : shifted_marks[15:0];
    for (int unsigned n = 0; n < 16; n++) part_mask[4*n +: 4] = {4{part_marks[n]}};
    is_other = valid_q && part_word != word_q;
    takes = valid_i && (!is_other || word_ready_i);
  end

  assign word_valid_o = valid_q && (flush_i || (valid_i && is_other));
  assign word_o = word_q;
  assign data_o = data_q;
  assign nibbles_o = marks_q;
  assign ready_o = takes && (!is_split || is_second_q);
  assign busy_o = valid_q;

  always_comb begin
    valid_d = valid_q;
    word_d = word_q;
    data_d = data_q;
    marks_d = marks_q;
    is_second_d = is_second_q;
    if (word_valid_o && word_ready_i) begin
      valid_d = 1'b0;
      marks_d = 16'd0;
    end
    if (takes) begin
      valid_d = 1'b1;
      word_d = part_word;
      data_d = (data_q & ~part_mask) | (part_bits & part_mask);
      marks_d = marks_d | part_marks;
      is_second_d = is_split && !is_second_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      is_second_q <= 1'b0;
      marks_q <= 16'd0;
    end else begin
      valid_q <= valid_d;
      is_second_q <= is_second_d;
      marks_q <= marks_d;
    end
  end

  always_ff @(posedge clk_i) begin
    word_q <= word_d;
    data_q <= data_d;
  end

`ifndef SYNTHESIS
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// A word stays as it is until it is taken.
  WordIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      word_valid_o && !word_ready_i |=> word_valid_o && $stable(word_o) && $stable(data_o));
`endif

endmodule
