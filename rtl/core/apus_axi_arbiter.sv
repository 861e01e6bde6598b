/// Joins the AXI4 masters of Load and Store to one port.
///
/// Reads take turns; the identifier tells whose they are (0 Load, 1 Store), and answers find their
/// way back by it. Only Store writes, so the write channels are its own.
///
/// Latency: combinational.
module apus_axi_arbiter (
  input  logic         clk_i,
  input  logic         rst_ni,

  // Bit or slice 0 is Load's, 1 is Store's.
  input  logic [1:0]   arvalid_i,
  output logic [1:0]   arready_o,
  input  logic [127:0] araddr_i,
  input  logic [15:0]  arlen_i,
  output logic [1:0]   rvalid_o,
  input  logic [1:0]   rready_i,

  output logic         axi_arvalid_o,
  input  logic         axi_arready_i,
  output logic [3:0]   axi_arid_o,
  output logic [63:0]  axi_araddr_o,
  output logic [7:0]   axi_arlen_o,
  input  logic         axi_rvalid_i,
  output logic         axi_rready_o,
  input  logic [3:0]   axi_rid_i
);

  logic [1:0] grant, grant_q, grant_now;
  // A request that was shown stays until it is taken.
  logic       is_shown_q;

  apus_round_robin #(.Count(2)) u_turn (
    .clk_i, .rst_ni, .req_i(arvalid_i), .taken_i(axi_arvalid_o && axi_arready_i),
    .grant_o(grant)
  );
  assign grant_now = is_shown_q ? grant_q : grant;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_shown_q <= 1'b0;
      grant_q <= '0;
    end else begin
      is_shown_q <= axi_arvalid_o && !axi_arready_i;
      grant_q <= grant_now;
    end
  end

  assign axi_arvalid_o = (arvalid_i & grant_now) != '0;
  assign arready_o = axi_arready_i ? grant_now : '0;
  assign axi_arid_o = {3'd0, grant_now[1]};
  assign axi_araddr_o = grant_now[1] ? araddr_i[127:64] : araddr_i[63:0];
  assign axi_arlen_o = grant_now[1] ? arlen_i[15:8] : arlen_i[7:0];
  assign rvalid_o = {axi_rvalid_i && axi_rid_i[0], axi_rvalid_i && !axi_rid_i[0]};
  assign axi_rready_o = axi_rid_i[0] ? rready_i[1] : rready_i[0];

  logic unused;
  assign unused = ^axi_rid_i[3:1];

endmodule
