/// Reads words of local memory ahead of their use: as many requests as the buffer has room for.
///
/// Latency: 1 cycle and the memory's.  Throughput: 1 word per cycle.
module apus_transfer_local_read #(
  parameter int unsigned Depth      = 16,
  localparam int unsigned WordWidth = apus_transfer_pkg::LOCAL_WIDTH - 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 word_valid_i,
  output logic                 word_ready_o,
  input  logic [WordWidth-1:0] word_i,
  output logic                 data_valid_o,
  input  logic                 data_ready_i,
  output logic [63:0]          data_o,

  output logic                 read_valid_o,
  input  logic                 read_ready_i,
  output logic [31:0]          read_address_o,
  input  logic                 read_data_valid_i,
  input  logic [63:0]          read_data_i
);

  localparam int unsigned CountWidth = $clog2(Depth) + 1;

  logic [CountWidth-1:0] claimed_q;
  logic                  asks, pops;
  // verilator lint_off UNUSEDSIGNAL
  logic                  fits;  // always, by the claims
  logic [CountWidth-1:0] buffered;
  // verilator lint_on UNUSEDSIGNAL

  assign read_valid_o = word_valid_i && claimed_q != CountWidth'(Depth);
  assign read_address_o = {word_i, 3'd0};
  assign asks = read_valid_o && read_ready_i;
  assign word_ready_o = asks;
  assign pops = data_valid_o && data_ready_i;

  apus_transfer_fifo #(
    .Width(64),
    .Depth(Depth)
  ) u_words (
    .clk_i,
    .rst_ni,
    .valid_i(read_data_valid_i),
    .ready_o(fits),
    .data_i(read_data_i),
    .valid_o(data_valid_o),
    .ready_i(data_ready_i),
    .data_o,
    .count_o(buffered)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) claimed_q <= '0;
    else claimed_q <= claimed_q + CountWidth'(asks) - CountWidth'(pops);
  end

endmodule
