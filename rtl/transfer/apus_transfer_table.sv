/// Reads one int32 of local memory at any byte address: an entry of an index table.
///
/// `valid_i` and the address stay until `done_o`, which is high for one cycle.
///
/// Latency: 3 cycles and the memory's, one or two words.
module apus_transfer_table (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic [31:0] address_i,
  output logic        done_o,
  output logic [31:0] entry_o,

  output logic        read_valid_o,
  input  logic        read_ready_i,
  output logic [31:0] read_address_o,
  input  logic        read_data_valid_i,
  input  logic [63:0] read_data_i
);

  // Words of the entry asked for and received; it crosses a word's end at offsets 5 to 7.
  logic [1:0]  words, asked_q, received_q;
  logic [31:0] low_q;
  logic [63:0] pair;

  assign words = address_i[2:0] > 3'd4 ? 2'd2 : 2'd1;
  assign read_valid_o = valid_i && asked_q < words;
  assign read_address_o = {address_i[31:3] + 29'(asked_q), 3'd0};

  // Only the upper half of the first word can belong to an entry that has a second.
  assign pair = words == 2'd2 ? {read_data_i[31:0], low_q} : read_data_i >> {address_i[2], 5'd0};
  assign entry_o = 32'(pair >> {address_i[1:0], 3'd0});
  assign done_o = valid_i && read_data_valid_i && received_q + 2'd1 == words;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      asked_q <= 2'd0;
      received_q <= 2'd0;
    end else if (done_o) begin
      asked_q <= 2'd0;
      received_q <= 2'd0;
    end else begin
      if (read_valid_o && read_ready_i) asked_q <= asked_q + 2'd1;
      if (read_data_valid_i) received_q <= received_q + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_data_valid_i) low_q <= read_data_i[63:32];
  end

endmodule
