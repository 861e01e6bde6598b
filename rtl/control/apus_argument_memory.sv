/// Argument memory: the launch's block, read and written by the control processor in words, read
/// by the dispatchers four words at a time.
///
/// The control processor goes first; it uses the array in one cycle out of two at most, so a
/// descriptor of 32 words takes 9 to 17 cycles. Dispatchers take turns, a descriptor each.
module apus_argument_memory #(
  parameter int unsigned Bytes   = apus_chip_pkg::ArgumentBytes,
  parameter int unsigned Readers = apus_core_pkg::ENGINE_COUNT
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  // The control processor: answered in the next cycle.
  input  logic                  data_valid_i,
  input  logic                  data_write_i,
  input  logic [31:0]           data_addr_i,
  input  logic [3:0]            data_wstrb_i,
  input  logic [31:0]           data_wdata_i,
  output logic [31:0]           data_rdata_o,

  input  logic [Readers-1:0]    fetch_valid_i,
  input  logic [32*Readers-1:0] fetch_addr_i,
  input  logic [6*Readers-1:0]  fetch_words_i,
  output logic [Readers-1:0]    beat_valid_o,
  output logic [2:0]            beat_index_o,
  output logic                  beat_last_o,
  output logic [127:0]          beat_data_o
);

  localparam int unsigned Depth = Bytes / 16;
  localparam int unsigned AddressWidth = $clog2(Depth);

  // Whose descriptor is being read, and the beat that is asked for.
  logic [Readers-1:0] requests, turn, reader_q, reader_d;
  logic               is_busy_q, is_busy_d;
  logic [2:0]         beat_q, beat_d;
  logic [31:0]        address;
  logic [5:0]         words;
  logic               asks, is_last;

  // The answer of the cycle after.
  logic [Readers-1:0] beat_valid_q;
  logic [2:0]         beat_index_q;
  logic               beat_last_q;
  logic [1:0]         lane_q;

  // A reader whose last beat is on its way still shows its request.
  assign requests = fetch_valid_i & ~beat_valid_q;
  apus_round_robin #(.Count(Readers)) u_turn (
    .clk_i, .rst_ni, .req_i(requests), .taken_i(!is_busy_q && requests != '0), .grant_o(turn)
  );

  always_comb begin
    address = '0;
    words = '0;
    for (int unsigned i = 0; i < Readers; i++) begin
      if (reader_q[i]) begin
        address = fetch_addr_i[32*i +: 32];
        words = fetch_words_i[6*i +: 6];
      end
    end
  end
  assign asks = is_busy_q && !data_valid_i;
  assign is_last = {1'b0, beat_q, 2'b00} + 6'd4 == words;

  always_comb begin
    is_busy_d = is_busy_q;
    reader_d = reader_q;
    beat_d = beat_q;
    if (!is_busy_q) begin
      is_busy_d = requests != '0;
      reader_d = turn;
      beat_d = '0;
    end else if (asks) begin
      beat_d = beat_q + 3'd1;
      if (is_last) is_busy_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_busy_q <= 1'b0;
      reader_q <= '0;
      beat_q <= '0;
      beat_valid_q <= '0;
      beat_index_q <= '0;
      beat_last_q <= 1'b0;
      lane_q <= '0;
    end else begin
      is_busy_q <= is_busy_d;
      reader_q <= reader_d;
      beat_q <= beat_d;
      beat_valid_q <= asks ? reader_q : '0;
      beat_index_q <= beat_q;
      beat_last_q <= is_last;
      if (data_valid_i) lane_q <= data_addr_i[3:2];
    end
  end

  logic [15:0]  mask;
  logic [127:0] rdata;
  assign mask = {12'd0, data_wstrb_i} << {data_addr_i[3:2], 2'b00};
  apus_sram #(.Width(128), .Depth(Depth), .MaskWidth(16)) u_sram (
    .clk_i, .req_i(data_valid_i || asks), .write_i(data_valid_i && data_write_i), .mask_i(mask),
    .addr_i(data_valid_i ? AddressWidth'(data_addr_i >> 4)
            : AddressWidth'(address >> 4) + AddressWidth'(beat_q)),
    .wdata_i({4{data_wdata_i}}), .rdata_o(rdata)
  );

  assign data_rdata_o = rdata[32*lane_q +: 32];
  assign beat_valid_o = beat_valid_q;
  assign beat_index_o = beat_index_q;
  assign beat_last_o = beat_last_q;
  assign beat_data_o = rdata;

endmodule
