/// Writes words by way of AXI4: words that follow one another become one INCR burst, in which
/// strobes tell the bytes that are written.
///
/// A burst ends where the next word is another's, at 4 KiB, at `BurstLength` words, or when
/// `flush_i` says that no word follows. The next burst is gathered while one leaves.
///
/// Latency: the length of a burst.  Throughput: 1 word per cycle.
module apus_axi_write #(
  parameter int unsigned BurstLength = 16,
  parameter logic [apus_core_pkg::AXI_ID_WIDTH-1:0] Id = '0,
  localparam int unsigned WordWidth  = apus_transfer_pkg::GLOBAL_WIDTH - 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 word_valid_i,
  output logic                 word_ready_o,
  input  logic [WordWidth-1:0] word_i,
  input  logic [63:0]          data_i,
  input  logic [7:0]           strobe_i,
  input  logic                 flush_i,
  /// Words that memory has not confirmed.
  output logic                 busy_o,

  output logic                                        axi_awvalid_o,
  input  logic                                        axi_awready_i,
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_awid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_awaddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_awlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_awsize_o,
  output logic [1:0]                                  axi_awburst_o,
  output logic                                        axi_wvalid_o,
  input  logic                                        axi_wready_i,
  output logic [63:0]                                 axi_wdata_o,
  output logic [7:0]                                  axi_wstrb_o,
  output logic                                        axi_wlast_o,
  input  logic                                        axi_bvalid_i,
  output logic                                        axi_bready_o,
  // One id; addresses were checked.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_bid_i,
  input  logic [1:0]                                  axi_bresp_i
  // verilator lint_on UNUSEDSIGNAL
);

  localparam int unsigned PageBits = 9;  // words of 4 KiB
  localparam int unsigned LengthWidth = apus_core_pkg::AXI_LENGTH_WIDTH;
  localparam int unsigned OutstandingMax = 15;

  // The burst being gathered.
  logic                   is_open_q, is_open_d;
  logic [WordWidth-1:0]   first_q, first_d, next_q, next_d;
  logic [LengthWidth-1:0] length_q, length_d;
  logic                   continues, takes, closes, fits;

  // The burst that leaves: its address until it is taken, and the words that are still to go.
  logic                   address_valid_q, address_valid_d;
  logic [WordWidth-1:0]   address_q, address_d;
  logic [LengthWidth-1:0] address_length_q, address_length_d;
  logic [LengthWidth:0]   left_q, left_d;
  logic [3:0]             outstanding_q;
  logic                   is_free;

  always_comb begin
    continues = word_i == next_q && next_q[PageBits-1:0] != '0
        && length_q != LengthWidth'(BurstLength - 1);
    takes = word_valid_i && fits && (!is_open_q || continues);
    is_free = !address_valid_q && left_q == '0 && outstanding_q != 4'(OutstandingMax);
    closes = is_open_q && is_free && !takes && (word_valid_i || flush_i);

    is_open_d = is_open_q;
    first_d = first_q;
    next_d = next_q;
    length_d = length_q;
    if (takes) begin
      is_open_d = 1'b1;
      next_d = word_i + 1'b1;
      if (is_open_q) begin
        length_d = length_q + 1'b1;
      end else begin
        first_d = word_i;
        length_d = '0;
      end
    end

    address_valid_d = address_valid_q;
    address_d = address_q;
    address_length_d = address_length_q;
    left_d = left_q;
    if (axi_awvalid_o && axi_awready_i) address_valid_d = 1'b0;
    if (axi_wvalid_o && axi_wready_i) left_d = left_q - 1'b1;
    if (closes) begin
      is_open_d = 1'b0;
      address_valid_d = 1'b1;
      address_d = first_q;
      address_length_d = length_q;
      left_d = {1'b0, length_q} + 1'b1;
    end
  end

  assign word_ready_o = takes;

  // The buffer holds a burst that leaves and one that is gathered.
  // verilator lint_off UNUSEDSIGNAL
  logic                            has_data;  // `left_q` counts words that are there
  logic [$clog2(2*BurstLength):0]  buffered;
  // verilator lint_on UNUSEDSIGNAL

  apus_transfer_fifo #(
    .Width(72),
    .Depth(2 * BurstLength)
  ) u_words (
    .clk_i,
    .rst_ni,
    .valid_i(takes),
    .ready_o(fits),
    .data_i({strobe_i, data_i}),
    .valid_o(has_data),
    .ready_i(axi_wvalid_o && axi_wready_i),
    .data_o({axi_wstrb_o, axi_wdata_o}),
    .count_o(buffered)
  );

  assign axi_awvalid_o = address_valid_q;
  assign axi_awid_o = Id;
  assign axi_awaddr_o = {1'b0, address_q, 3'd0};
  assign axi_awlen_o = address_length_q;
  assign axi_awsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_awburst_o = apus_core_pkg::AXI_BURST_INCR;
  assign axi_wvalid_o = left_q != '0;
  assign axi_wlast_o = left_q == (LengthWidth + 1)'(1);
  assign axi_bready_o = 1'b1;
  assign busy_o = is_open_q || address_valid_q || left_q != '0 || outstanding_q != 4'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_open_q <= 1'b0;
      address_valid_q <= 1'b0;
      left_q <= '0;
      outstanding_q <= 4'd0;
    end else begin
      is_open_q <= is_open_d;
      address_valid_q <= address_valid_d;
      left_q <= left_d;
      outstanding_q <= outstanding_q + 4'(closes) - 4'(axi_bvalid_i && axi_bready_o);
    end
  end

  always_ff @(posedge clk_i) begin
    first_q <= first_d;
    next_q <= next_d;
    length_q <= length_d;
    address_q <= address_d;
    address_length_q <= address_length_d;
  end

endmodule
