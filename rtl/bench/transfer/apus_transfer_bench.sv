/// Both transfer engines for the bench: `is_store_i` chooses the one that is driven and seen.
module apus_transfer_bench #(
  localparam int unsigned Ports = 1
) (
  input  logic                                        is_store_i,
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  input  logic                                        command_valid_i,
  output logic                                        command_ready_o,
  input  logic [apus_isa_pkg::COMMAND_WIDTH-1:0]      command_i,
  input  logic [apus_core_pkg::DESCRIPTOR_WIDTH-1:0]  descriptor_i,
  output logic                                        trap_valid_o,
  output logic [apus_core_pkg::CAUSE_WIDTH-1:0]       trap_cause_o,
  output logic                                        busy_o,
  input  logic [63:0]                                 arena_base_i,
  input  logic [63:0]                                 arena_bytes_i,
  input  logic [15:0]                                 core_count_i,

  output logic [Ports-1:0]                            mem_req_valid_o,
  input  logic [Ports-1:0]                            mem_req_ready_i,
  output logic [Ports-1:0]                            mem_req_write_o,
  output logic [32*Ports-1:0]                         mem_req_addr_o,
  output logic [64*Ports-1:0]                         mem_req_wdata_o,
  output logic [8*Ports-1:0]                          mem_req_wstrb_o,
  input  logic [Ports-1:0]                            mem_rsp_valid_i,
  input  logic [64*Ports-1:0]                         mem_rsp_rdata_i,
  input  logic [Ports-1:0]                            mem_rsp_error_i,

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
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_bid_i,
  input  logic [1:0]                                  axi_bresp_i,
  output logic                                        axi_arvalid_o,
  input  logic                                        axi_arready_i,
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_arid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_araddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_arlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_arsize_o,
  output logic [1:0]                                  axi_arburst_o,
  input  logic                                        axi_rvalid_i,
  output logic                                        axi_rready_o,
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_rid_i,
  input  logic [63:0]                                 axi_rdata_i,
  input  logic [1:0]                                  axi_rresp_i,
  input  logic                                        axi_rlast_i
);

  logic load_command_ready_o, store_command_ready_o;
  logic load_trap_valid_o, store_trap_valid_o;
  logic [apus_core_pkg::CAUSE_WIDTH-1:0] load_trap_cause_o, store_trap_cause_o;
  logic load_busy_o, store_busy_o;
  logic [Ports-1:0] load_mem_req_valid_o, store_mem_req_valid_o;
  logic [Ports-1:0] load_mem_req_write_o, store_mem_req_write_o;
  logic [32*Ports-1:0] load_mem_req_addr_o, store_mem_req_addr_o;
  logic [64*Ports-1:0] load_mem_req_wdata_o, store_mem_req_wdata_o;
  logic [8*Ports-1:0] load_mem_req_wstrb_o, store_mem_req_wstrb_o;
  logic load_axi_awvalid_o, store_axi_awvalid_o;
  logic [apus_core_pkg::AXI_ID_WIDTH-1:0] load_axi_awid_o, store_axi_awid_o;
  logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] load_axi_awaddr_o, store_axi_awaddr_o;
  logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0] load_axi_awlen_o, store_axi_awlen_o;
  logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0] load_axi_awsize_o, store_axi_awsize_o;
  logic [1:0] load_axi_awburst_o, store_axi_awburst_o;
  logic load_axi_wvalid_o, store_axi_wvalid_o;
  logic [63:0] load_axi_wdata_o, store_axi_wdata_o;
  logic [7:0] load_axi_wstrb_o, store_axi_wstrb_o;
  logic load_axi_wlast_o, store_axi_wlast_o;
  logic load_axi_bready_o, store_axi_bready_o;
  logic load_axi_arvalid_o, store_axi_arvalid_o;
  logic [apus_core_pkg::AXI_ID_WIDTH-1:0] load_axi_arid_o, store_axi_arid_o;
  logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] load_axi_araddr_o, store_axi_araddr_o;
  logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0] load_axi_arlen_o, store_axi_arlen_o;
  logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0] load_axi_arsize_o, store_axi_arsize_o;
  logic [1:0] load_axi_arburst_o, store_axi_arburst_o;
  logic load_axi_rready_o, store_axi_rready_o;

  assign command_ready_o = is_store_i ? store_command_ready_o : load_command_ready_o;
  assign trap_valid_o = is_store_i ? store_trap_valid_o : load_trap_valid_o;
  assign trap_cause_o = is_store_i ? store_trap_cause_o : load_trap_cause_o;
  assign busy_o = is_store_i ? store_busy_o : load_busy_o;
  assign mem_req_valid_o = is_store_i ? store_mem_req_valid_o : load_mem_req_valid_o;
  assign mem_req_write_o = is_store_i ? store_mem_req_write_o : load_mem_req_write_o;
  assign mem_req_addr_o = is_store_i ? store_mem_req_addr_o : load_mem_req_addr_o;
  assign mem_req_wdata_o = is_store_i ? store_mem_req_wdata_o : load_mem_req_wdata_o;
  assign mem_req_wstrb_o = is_store_i ? store_mem_req_wstrb_o : load_mem_req_wstrb_o;
  assign axi_awvalid_o = is_store_i ? store_axi_awvalid_o : load_axi_awvalid_o;
  assign axi_awid_o = is_store_i ? store_axi_awid_o : load_axi_awid_o;
  assign axi_awaddr_o = is_store_i ? store_axi_awaddr_o : load_axi_awaddr_o;
  assign axi_awlen_o = is_store_i ? store_axi_awlen_o : load_axi_awlen_o;
  assign axi_awsize_o = is_store_i ? store_axi_awsize_o : load_axi_awsize_o;
  assign axi_awburst_o = is_store_i ? store_axi_awburst_o : load_axi_awburst_o;
  assign axi_wvalid_o = is_store_i ? store_axi_wvalid_o : load_axi_wvalid_o;
  assign axi_wdata_o = is_store_i ? store_axi_wdata_o : load_axi_wdata_o;
  assign axi_wstrb_o = is_store_i ? store_axi_wstrb_o : load_axi_wstrb_o;
  assign axi_wlast_o = is_store_i ? store_axi_wlast_o : load_axi_wlast_o;
  assign axi_bready_o = is_store_i ? store_axi_bready_o : load_axi_bready_o;
  assign axi_arvalid_o = is_store_i ? store_axi_arvalid_o : load_axi_arvalid_o;
  assign axi_arid_o = is_store_i ? store_axi_arid_o : load_axi_arid_o;
  assign axi_araddr_o = is_store_i ? store_axi_araddr_o : load_axi_araddr_o;
  assign axi_arlen_o = is_store_i ? store_axi_arlen_o : load_axi_arlen_o;
  assign axi_arsize_o = is_store_i ? store_axi_arsize_o : load_axi_arsize_o;
  assign axi_arburst_o = is_store_i ? store_axi_arburst_o : load_axi_arburst_o;
  assign axi_rready_o = is_store_i ? store_axi_rready_o : load_axi_rready_o;

  apus_load_engine u_load (
    .clk_i,
    .rst_ni,
    .command_valid_i(command_valid_i && !is_store_i),
    .command_ready_o(load_command_ready_o),
    .command_i,
    .descriptor_i,
    .trap_valid_o(load_trap_valid_o),
    .trap_cause_o(load_trap_cause_o),
    .busy_o(load_busy_o),
    .arena_base_i,
    .arena_bytes_i,
    .core_count_i,
    .mem_req_valid_o(load_mem_req_valid_o),
    .mem_req_ready_i,
    .mem_req_write_o(load_mem_req_write_o),
    .mem_req_addr_o(load_mem_req_addr_o),
    .mem_req_wdata_o(load_mem_req_wdata_o),
    .mem_req_wstrb_o(load_mem_req_wstrb_o),
    .mem_rsp_valid_i(mem_rsp_valid_i && !is_store_i),
    .mem_rsp_rdata_i,
    .mem_rsp_error_i,
    .axi_awvalid_o(load_axi_awvalid_o),
    .axi_awready_i,
    .axi_awid_o(load_axi_awid_o),
    .axi_awaddr_o(load_axi_awaddr_o),
    .axi_awlen_o(load_axi_awlen_o),
    .axi_awsize_o(load_axi_awsize_o),
    .axi_awburst_o(load_axi_awburst_o),
    .axi_wvalid_o(load_axi_wvalid_o),
    .axi_wready_i,
    .axi_wdata_o(load_axi_wdata_o),
    .axi_wstrb_o(load_axi_wstrb_o),
    .axi_wlast_o(load_axi_wlast_o),
    .axi_bvalid_i(axi_bvalid_i && !is_store_i),
    .axi_bready_o(load_axi_bready_o),
    .axi_bid_i,
    .axi_bresp_i,
    .axi_arvalid_o(load_axi_arvalid_o),
    .axi_arready_i,
    .axi_arid_o(load_axi_arid_o),
    .axi_araddr_o(load_axi_araddr_o),
    .axi_arlen_o(load_axi_arlen_o),
    .axi_arsize_o(load_axi_arsize_o),
    .axi_arburst_o(load_axi_arburst_o),
    .axi_rvalid_i(axi_rvalid_i && !is_store_i),
    .axi_rready_o(load_axi_rready_o),
    .axi_rid_i,
    .axi_rdata_i,
    .axi_rresp_i,
    .axi_rlast_i
  );

  apus_store_engine u_store (
    .clk_i,
    .rst_ni,
    .command_valid_i(command_valid_i && is_store_i),
    .command_ready_o(store_command_ready_o),
    .command_i,
    .descriptor_i,
    .trap_valid_o(store_trap_valid_o),
    .trap_cause_o(store_trap_cause_o),
    .busy_o(store_busy_o),
    .arena_base_i,
    .arena_bytes_i,
    .core_count_i,
    .mem_req_valid_o(store_mem_req_valid_o),
    .mem_req_ready_i,
    .mem_req_write_o(store_mem_req_write_o),
    .mem_req_addr_o(store_mem_req_addr_o),
    .mem_req_wdata_o(store_mem_req_wdata_o),
    .mem_req_wstrb_o(store_mem_req_wstrb_o),
    .mem_rsp_valid_i(mem_rsp_valid_i && is_store_i),
    .mem_rsp_rdata_i,
    .mem_rsp_error_i,
    .axi_awvalid_o(store_axi_awvalid_o),
    .axi_awready_i,
    .axi_awid_o(store_axi_awid_o),
    .axi_awaddr_o(store_axi_awaddr_o),
    .axi_awlen_o(store_axi_awlen_o),
    .axi_awsize_o(store_axi_awsize_o),
    .axi_awburst_o(store_axi_awburst_o),
    .axi_wvalid_o(store_axi_wvalid_o),
    .axi_wready_i,
    .axi_wdata_o(store_axi_wdata_o),
    .axi_wstrb_o(store_axi_wstrb_o),
    .axi_wlast_o(store_axi_wlast_o),
    .axi_bvalid_i(axi_bvalid_i && is_store_i),
    .axi_bready_o(store_axi_bready_o),
    .axi_bid_i,
    .axi_bresp_i,
    .axi_arvalid_o(store_axi_arvalid_o),
    .axi_arready_i,
    .axi_arid_o(store_axi_arid_o),
    .axi_araddr_o(store_axi_araddr_o),
    .axi_arlen_o(store_axi_arlen_o),
    .axi_arsize_o(store_axi_arsize_o),
    .axi_arburst_o(store_axi_arburst_o),
    .axi_rvalid_i(axi_rvalid_i && is_store_i),
    .axi_rready_o(store_axi_rready_o),
    .axi_rid_i,
    .axi_rdata_i,
    .axi_rresp_i,
    .axi_rlast_i
  );

  apus_axi_monitor u_monitor (
    .clk_i,
    .rst_ni,
    .axi_awvalid_i(axi_awvalid_o),
    .axi_awready_i,
    .axi_awaddr_i(axi_awaddr_o),
    .axi_awlen_i(axi_awlen_o),
    .axi_awsize_i(axi_awsize_o),
    .axi_awburst_i(axi_awburst_o),
    .axi_wvalid_i(axi_wvalid_o),
    .axi_wready_i,
    .axi_wdata_i(axi_wdata_o),
    .axi_wstrb_i(axi_wstrb_o),
    .axi_wlast_i(axi_wlast_o),
    .axi_bvalid_i,
    .axi_bready_i(axi_bready_o),
    .axi_bresp_i,
    .axi_arvalid_i(axi_arvalid_o),
    .axi_arready_i,
    .axi_araddr_i(axi_araddr_o),
    .axi_arlen_i(axi_arlen_o),
    .axi_arsize_i(axi_arsize_o),
    .axi_arburst_i(axi_arburst_o),
    .axi_rvalid_i,
    .axi_rready_i(axi_rready_o),
    .axi_rresp_i,
    .axi_rlast_i
  );

endmodule
