/// Sends a core's AXI4 traffic to its own scratchpad or outward, by the address.
///
/// Global addresses `1 << 40 | core << 32 | byte` name scratchpads; those of this core are answered
/// here, the others, and memory, outside. All bursts of a command lie in one memory and engines
/// finish one command before the next, so answers of one engine never come from both sides at once.
///
/// Latency: combinational.
module apus_axi_window (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [7:0]  core_index_i,

  // From the core; the upper half of an address says whose it is.
  input  logic        awvalid_i,
  output logic        awready_o,
  input  logic [31:0] awaddr_high_i,
  input  logic        wvalid_i,
  output logic        wready_o,
  output logic        bvalid_o,
  input  logic        bready_i,
  input  logic        arvalid_i,
  output logic        arready_o,
  input  logic [31:0] araddr_high_i,
  output logic        rvalid_o,
  input  logic        rready_i,
  output logic [3:0]  rid_o,
  output logic [63:0] rdata_o,
  output logic        rlast_o,

  // Bit or slice 0 is the scratchpad, 1 the outside.
  output logic [1:0]   awvalid_o,
  input  logic [1:0]   awready_i,
  output logic [1:0]   wvalid_o,
  input  logic [1:0]   wready_i,
  input  logic [1:0]   bvalid_i,
  output logic [1:0]   bready_o,
  output logic [1:0]   arvalid_o,
  input  logic [1:0]   arready_i,
  input  logic [1:0]   rvalid_i,
  output logic [1:0]   rready_o,
  input  logic [7:0]   rid_i,
  input  logic [127:0] rdata_i,
  input  logic [1:0]   rlast_i
);

  logic reads_outside, writes_outside;
  logic [31:0] window;
  assign window = {24'd1, core_index_i};
  assign reads_outside = araddr_high_i != window;
  assign writes_outside = awaddr_high_i != window;

  // Data go where their address went; a write's address goes first and waits for its answer.
  logic is_writing_q, is_outside_q, is_answered;
  assign is_answered = bvalid_o && bready_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_writing_q <= 1'b0;
      is_outside_q <= 1'b0;
    end else if (awvalid_i && awready_o) begin
      is_writing_q <= 1'b1;
      is_outside_q <= writes_outside;
    end else if (is_answered) begin
      is_writing_q <= 1'b0;
    end
  end

  logic may_address;
  assign may_address = !is_writing_q;
  assign awvalid_o = {awvalid_i && writes_outside && may_address,
                      awvalid_i && !writes_outside && may_address};
  assign awready_o = may_address && (writes_outside ? awready_i[1] : awready_i[0]);
  assign wvalid_o = {wvalid_i && is_writing_q && is_outside_q,
                     wvalid_i && is_writing_q && !is_outside_q};
  assign wready_o = is_writing_q && (is_outside_q ? wready_i[1] : wready_i[0]);
  assign bvalid_o = bvalid_i != '0;
  assign bready_o = {bready_i, bready_i};

  assign arvalid_o = {arvalid_i && reads_outside, arvalid_i && !reads_outside};
  assign arready_o = reads_outside ? arready_i[1] : arready_i[0];
  // The scratchpad's answers first; bursts of different engines may come from both sides.
  logic takes_outside, is_open_q, was_outside_q;
  assign takes_outside = is_open_q ? was_outside_q : !rvalid_i[0];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_open_q <= 1'b0;
      was_outside_q <= 1'b0;
    end else begin
      is_open_q <= rvalid_o && !rready_i;
      was_outside_q <= takes_outside;
    end
  end
  assign rvalid_o = takes_outside ? rvalid_i[1] : rvalid_i[0];
  assign rready_o = {takes_outside && rready_i, !takes_outside && rready_i};
  assign rid_o = takes_outside ? rid_i[7:4] : rid_i[3:0];
  assign rdata_o = takes_outside ? rdata_i[127:64] : rdata_i[63:0];
  assign rlast_o = takes_outside ? rlast_i[1] : rlast_i[0];

endmodule
