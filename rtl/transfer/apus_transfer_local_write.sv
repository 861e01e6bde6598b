/// Writes words into local memory. Memory writes bytes; where only half of one is written, the word
/// is read before, and its other half kept.
///
/// Latency: combinational, or 2 cycles and the memory's for half bytes.
/// Throughput: 1 word of whole bytes per cycle.
module apus_transfer_local_write #(
  localparam int unsigned WordWidth = apus_transfer_pkg::LOCAL_WIDTH - 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 word_valid_i,
  output logic                 word_ready_o,
  input  logic [WordWidth-1:0] word_i,
  input  logic [63:0]          data_i,
  input  logic [15:0]          nibbles_i,

  output logic                 valid_o,
  input  logic                 ready_i,
  output logic                 write_o,
  output logic [31:0]          address_o,
  output logic [63:0]          data_o,
  output logic [7:0]           strobe_o,
  input  logic                 read_data_valid_i,
  input  logic [63:0]          read_data_i
);

  typedef enum logic [1:0] {WHOLE, READING, MERGED} state_e;

  state_e      state_q, state_d;
  logic [63:0] old_q, mask;
  logic        has_half_byte;

  always_comb begin
    has_half_byte = 1'b0;
    for (int unsigned b = 0; b < 8; b++) begin
      strobe_o[b] = |nibbles_i[2*b +: 2];
      if (^nibbles_i[2*b +: 2]) has_half_byte = 1'b1;
    end
    for (int unsigned n = 0; n < 16; n++) mask[4*n +: 4] = {4{nibbles_i[n]}};

    state_d = state_q;
    unique case (state_q)
      WHOLE: if (word_valid_i && has_half_byte && ready_i) state_d = READING;
      READING: if (read_data_valid_i) state_d = MERGED;
      default: if (ready_i) state_d = WHOLE;
    endcase
  end

  assign valid_o = word_valid_i && state_q != READING;
  assign write_o = !has_half_byte || state_q == MERGED;
  assign address_o = {word_i, 3'd0};
  assign data_o = has_half_byte ? (data_i & mask) | (old_q & ~mask) : data_i;
  assign word_ready_o = valid_o && write_o && ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= WHOLE;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (read_data_valid_i) old_q <= read_data_i;
  end

endmodule
