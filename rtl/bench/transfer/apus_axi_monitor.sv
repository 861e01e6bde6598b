/// Holds an AXI4 master against the protocol: what is offered stays until it is taken, bursts are
/// of whole words and stay within 4 KiB, and last beats are where the lengths say. For simulation.
module apus_axi_monitor (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        axi_awvalid_i,
  input logic        axi_awready_i,
  input logic [63:0] axi_awaddr_i,
  input logic [7:0]  axi_awlen_i,
  input logic [2:0]  axi_awsize_i,
  input logic [1:0]  axi_awburst_i,
  input logic        axi_wvalid_i,
  input logic        axi_wready_i,
  input logic [63:0] axi_wdata_i,
  input logic [7:0]  axi_wstrb_i,
  input logic        axi_wlast_i,
  input logic        axi_bvalid_i,
  input logic        axi_bready_i,
  input logic [1:0]  axi_bresp_i,
  input logic        axi_arvalid_i,
  input logic        axi_arready_i,
  input logic [63:0] axi_araddr_i,
  input logic [7:0]  axi_arlen_i,
  input logic [2:0]  axi_arsize_i,
  input logic [1:0]  axi_arburst_i,
  input logic        axi_rvalid_i,
  input logic        axi_rready_i,
  input logic [1:0]  axi_rresp_i,
  input logic        axi_rlast_i
);

`ifndef SYNTHESIS
  // Lengths of the bursts whose beats have not all come, oldest first; beats of the oldest.
  localparam int unsigned Depth = 64;
  logic [7:0]  read_lengths_q [Depth];
  logic [7:0]  write_lengths_q [Depth];
  logic [5:0]  read_head_q, read_tail_q, write_head_q, write_tail_q;
  logic [7:0]  read_beat_q, write_beat_q;
  logic [15:0] unconfirmed_q;
  logic        is_running_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_running_q <= 1'b0;
      read_head_q <= '0;
      read_tail_q <= '0;
      write_head_q <= '0;
      write_tail_q <= '0;
      read_beat_q <= '0;
      write_beat_q <= '0;
      unconfirmed_q <= '0;
    end else begin
      is_running_q <= 1'b1;
      if (axi_arvalid_i && axi_arready_i) begin
        read_lengths_q[read_tail_q] <= axi_arlen_i;
        read_tail_q <= read_tail_q + 1'b1;
      end
      if (axi_rvalid_i && axi_rready_i) begin
        read_beat_q <= axi_rlast_i ? '0 : read_beat_q + 1'b1;
        if (axi_rlast_i) read_head_q <= read_head_q + 1'b1;
      end
      if (axi_awvalid_i && axi_awready_i) begin
        write_lengths_q[write_tail_q] <= axi_awlen_i;
        write_tail_q <= write_tail_q + 1'b1;
      end
      if (axi_wvalid_i && axi_wready_i) begin
        write_beat_q <= axi_wlast_i ? '0 : write_beat_q + 1'b1;
        if (axi_wlast_i) write_head_q <= write_head_q + 1'b1;
      end
      unconfirmed_q <= unconfirmed_q + 16'(axi_awvalid_i && axi_awready_i)
          - 16'(axi_bvalid_i && axi_bready_i);
    end
  end

  /// A read address stays until it is taken.
  ReadAddressIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_arvalid_i && !axi_arready_i
      |=> axi_arvalid_i && $stable(axi_araddr_i) && $stable(axi_arlen_i));
  /// A write address stays until it is taken.
  WriteAddressIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_awvalid_i && !axi_awready_i
      |=> axi_awvalid_i && $stable(axi_awaddr_i) && $stable(axi_awlen_i));
  /// Write data stays until it is taken.
  WriteDataIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_wvalid_i && !axi_wready_i
      |=> axi_wvalid_i && $stable({axi_wdata_i, axi_wstrb_i, axi_wlast_i}));
  /// A read burst lies in one page of 4 KiB.
  ReadStaysInPage: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_arvalid_i |-> 13'(axi_araddr_i[11:0]) + {2'd0, axi_arlen_i, 3'd0} < 13'd4096);
  /// A write burst lies in one page of 4 KiB.
  WriteStaysInPage: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_awvalid_i |-> 13'(axi_awaddr_i[11:0]) + {2'd0, axi_awlen_i, 3'd0} < 13'd4096);
  /// Bursts are INCR, of words of 8 bytes, at multiples of 8.
  ReadIsWhole: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_arvalid_i |-> axi_arburst_i == apus_core_pkg::AXI_BURST_INCR
          && axi_arsize_i == apus_core_pkg::AXI_SIZE_8_BYTES && axi_araddr_i[2:0] == 3'd0);
  /// The same of writes.
  WriteIsWhole: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_awvalid_i |-> axi_awburst_i == apus_core_pkg::AXI_BURST_INCR
          && axi_awsize_i == apus_core_pkg::AXI_SIZE_8_BYTES && axi_awaddr_i[2:0] == 3'd0);
  /// A read's last beat is where its length says.
  ReadEndsAtLength: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_rvalid_i && axi_rready_i |-> read_head_q != read_tail_q
          && axi_rlast_i == (read_beat_q == read_lengths_q[read_head_q]));
  /// A write's last beat is where its length says; its address went before.
  WriteEndsAtLength: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_wvalid_i && axi_wready_i && write_head_q != write_tail_q
      |-> axi_wlast_i == (write_beat_q == write_lengths_q[write_head_q]));
  /// Confirmations belong to writes.
  ConfirmedWasWritten: assert property (@(posedge clk_i) disable iff (!is_running_q)
      axi_bvalid_i |-> unconfirmed_q != '0);
  /// Addresses were checked: memory answers OKAY.
  AnswersAreOkay: assert property (@(posedge clk_i) disable iff (!is_running_q)
      (axi_rvalid_i |-> axi_rresp_i == 2'd0) and (axi_bvalid_i |-> axi_bresp_i == 2'd0));
`endif

endmodule
