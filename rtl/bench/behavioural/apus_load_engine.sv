/// A stand-in for the Load engine: the emulator carries the command out, through the harness.
///
/// For benches only: with it, control and the other engines are tested apart from this one.
// A stand-in looks at few of its inputs.
// verilator lint_off UNUSEDSIGNAL
module apus_load_engine #(
  parameter int unsigned Ports = apus_core_pkg::LoadPorts
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                command_valid_i,
  output logic                command_ready_o,
  input  logic [255:0]        command_i,
  input  logic [1023:0]       descriptor_i,
  output logic                trap_valid_o,
  output logic [3:0]          trap_cause_o,
  output logic                busy_o,
  input  logic [63:0]         arena_base_i,
  input  logic [63:0]         arena_bytes_i,
  input  logic [15:0]         core_count_i,
  output logic                axi_awvalid_o,
  input  logic                axi_awready_i,
  output logic [3:0]          axi_awid_o,
  output logic [63:0]         axi_awaddr_o,
  output logic [7:0]          axi_awlen_o,
  output logic [2:0]          axi_awsize_o,
  output logic [1:0]          axi_awburst_o,
  output logic                axi_wvalid_o,
  input  logic                axi_wready_i,
  output logic [63:0]         axi_wdata_o,
  output logic [7:0]          axi_wstrb_o,
  output logic                axi_wlast_o,
  input  logic                axi_bvalid_i,
  output logic                axi_bready_o,
  input  logic [3:0]          axi_bid_i,
  input  logic [1:0]          axi_bresp_i,
  output logic                axi_arvalid_o,
  input  logic                axi_arready_i,
  output logic [3:0]          axi_arid_o,
  output logic [63:0]         axi_araddr_o,
  output logic [7:0]          axi_arlen_o,
  output logic [2:0]          axi_arsize_o,
  output logic [1:0]          axi_arburst_o,
  input  logic                axi_rvalid_i,
  output logic                axi_rready_o,
  input  logic [3:0]          axi_rid_i,
  input  logic [63:0]         axi_rdata_i,
  input  logic [1:0]          axi_rresp_i,
  input  logic                axi_rlast_i,
  output logic [Ports-1:0]    mem_req_valid_o,
  input  logic [Ports-1:0]    mem_req_ready_i,
  output logic [Ports-1:0]    mem_req_write_o,
  output logic [32*Ports-1:0] mem_req_addr_o,
  output logic [64*Ports-1:0] mem_req_wdata_o,
  output logic [8*Ports-1:0]  mem_req_wstrb_o,
  input  logic [Ports-1:0]    mem_rsp_valid_i,
  input  logic [64*Ports-1:0] mem_rsp_rdata_i,
  input  logic [Ports-1:0]    mem_rsp_error_i
);

  import "DPI-C" context function int unsigned apus_behavioural_execute(
    input int unsigned engine, input bit [255:0] command, input bit [1023:0] descriptor);

  // Carried out in one cycle, answered in the next.
  logic        is_done_q;
  logic [31:0] cause_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_done_q <= 1'b0;
      cause_q <= '0;
    end else begin
      is_done_q <= command_valid_i && !is_done_q;
      if (command_valid_i && !is_done_q) begin
        cause_q <= apus_behavioural_execute(32'd0, command_i, descriptor_i);
      end
    end
  end
  assign command_ready_o = is_done_q;
  assign trap_valid_o = is_done_q && cause_q != '0;
  assign trap_cause_o = is_done_q ? cause_q[3:0] : '0;
  assign busy_o = command_valid_i;

  assign axi_awvalid_o = 1'b0;
  assign axi_awid_o = '0;
  assign axi_awaddr_o = '0;
  assign axi_awlen_o = '0;
  assign axi_awsize_o = '0;
  assign axi_awburst_o = '0;
  assign axi_wvalid_o = 1'b0;
  assign axi_wdata_o = '0;
  assign axi_wstrb_o = '0;
  assign axi_wlast_o = 1'b0;
  assign axi_bready_o = 1'b0;
  assign axi_arvalid_o = 1'b0;
  assign axi_arid_o = '0;
  assign axi_araddr_o = '0;
  assign axi_arlen_o = '0;
  assign axi_arsize_o = '0;
  assign axi_arburst_o = '0;
  assign axi_rready_o = 1'b0;

  assign mem_req_valid_o = '0;
  assign mem_req_write_o = '0;
  assign mem_req_addr_o = '0;
  assign mem_req_wdata_o = '0;
  assign mem_req_wstrb_o = '0;

endmodule
// verilator lint_on UNUSEDSIGNAL
