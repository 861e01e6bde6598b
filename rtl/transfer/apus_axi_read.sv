/// Reads words by way of AXI4: words that follow one another become one INCR burst.
///
/// A burst ends where the next word is another's, at 4 KiB, at `BurstLength` words, or when
/// `hurry_i` says that no word follows soon. Several bursts may be on their way, as many as have
/// room in the buffer for all their words, so that `axi_rready_o` is always high for what was
/// asked.
///
/// Latency: 3 cycles and the memory's.  Throughput: 1 word per cycle.
module apus_axi_read #(
  parameter int unsigned BurstLength = 16,
  parameter int unsigned Depth       = 64,
  parameter logic [apus_core_pkg::AXI_ID_WIDTH-1:0] Id = '0,
  localparam int unsigned WordWidth  = apus_transfer_pkg::GLOBAL_WIDTH - 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 word_valid_i,
  output logic                 word_ready_o,
  input  logic [WordWidth-1:0] word_i,
  input  logic                 hurry_i,
  output logic                 data_valid_o,
  input  logic                 data_ready_i,
  output logic [63:0]          data_o,
  output logic                 busy_o,

  output logic                                        axi_arvalid_o,
  input  logic                                        axi_arready_i,
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_arid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_araddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_arlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_arsize_o,
  output logic [1:0]                                  axi_arburst_o,
  input  logic                                        axi_rvalid_i,
  output logic                                        axi_rready_o,
  // One id; a burst's last word is known by its count, and addresses were checked.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_rid_i,
  input  logic [1:0]                                  axi_rresp_i,
  input  logic                                        axi_rlast_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [63:0]                                 axi_rdata_i
);

  localparam int unsigned CountWidth = $clog2(Depth) + 1;
  localparam int unsigned PageBits = 9;  // words of 4 KiB

  // The burst being gathered; once closed it is asked for as it is.
  logic                  is_open_q, is_open_d, is_closed_q, is_closed_d;
  logic [WordWidth-1:0]  first_q, first_d, next_q, next_d;
  logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0] length_q, length_d;
  // Words asked for that have not left the buffer.
  logic [CountWidth-1:0] claimed_q;
  logic                  has_room, continues, takes, pops;

  always_comb begin
    has_room = claimed_q != CountWidth'(Depth);
    continues = word_i == next_q && next_q[PageBits-1:0] != '0
        && length_q != apus_core_pkg::AXI_LENGTH_WIDTH'(BurstLength - 1);
    takes = word_valid_i && has_room && !is_closed_q && (!is_open_q || continues);

    is_open_d = is_open_q;
    is_closed_d = is_closed_q;
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
    end else if (is_open_q && !is_closed_q && (word_valid_i || hurry_i)) begin
      is_closed_d = 1'b1;
    end
    if (axi_arvalid_o && axi_arready_i) begin
      is_open_d = 1'b0;
      is_closed_d = 1'b0;
    end
  end

  assign word_ready_o = takes;
  assign axi_arvalid_o = is_closed_q;
  assign axi_arid_o = Id;
  assign axi_araddr_o = {1'b0, first_q, 3'd0};
  assign axi_arlen_o = length_q;
  assign axi_arsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_arburst_o = apus_core_pkg::AXI_BURST_INCR;

  // verilator lint_off UNUSEDSIGNAL
  logic [CountWidth-1:0] buffered;  // the claims are what counts
  // verilator lint_on UNUSEDSIGNAL

  apus_transfer_fifo #(
    .Width(64),
    .Depth(Depth)
  ) u_words (
    .clk_i,
    .rst_ni,
    .valid_i(axi_rvalid_i),
    .ready_o(axi_rready_o),
    .data_i(axi_rdata_i),
    .valid_o(data_valid_o),
    .ready_i(data_ready_i),
    .data_o,
    .count_o(buffered)
  );

  assign pops = data_valid_o && data_ready_i;
  assign busy_o = claimed_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_open_q <= 1'b0;
      is_closed_q <= 1'b0;
      claimed_q <= '0;
    end else begin
      is_open_q <= is_open_d;
      is_closed_q <= is_closed_d;
      claimed_q <= claimed_q + CountWidth'(takes) - CountWidth'(pops);
    end
  end

  always_ff @(posedge clk_i) begin
    first_q <= first_d;
    next_q <= next_d;
    length_q <= length_d;
  end

endmodule
