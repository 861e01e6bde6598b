/// A chip of one core: the core, and the way from its AXI4 master to its own scratchpad. The port
/// that is left is a standard memory port.
///
/// `launch_i` starts a launch; `ended_o` is low from the next cycle until it has ended. The
/// outputs that say how are those of `apus_core`.
module apus_chip_top (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         launch_i,
  input  logic [31:0]  entry_i,
  input  logic [31:0]  argument_bytes_i,
  input  logic [63:0]  arena_base_i,
  input  logic [63:0]  arena_bytes_i,

  output logic         ended_o,
  output logic         quiet_o,
  output logic         done_o,
  output logic [31:0]  status_o,
  output logic         trap_valid_o,
  output logic [1:0]   trap_engine_o,
  output logic [3:0]   trap_cause_o,
  output logic [255:0] trap_command_o,
  output logic         stopped_o,
  output logic [31:0]  stop_cause_o,
  output logic [31:0]  stop_value_o,
  output logic [31:0]  pc_o,
  output logic         memory_failed_o,
  output logic [31:0]  memory_failed_addr_o,
  output logic [31:0]  memory_corrected_o,
  output logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] semaphores_o,
  output logic         console_valid_o,
  output logic [7:0]   console_o,
  output logic         step_o,
  output logic [3:0]   commands_done_o,

  input  logic         inject_enable_i,
  input  logic [31:0]  inject_addr_i,
  input  logic [71:0]  inject_mask_i,

  output logic         axi_awvalid_o,
  input  logic         axi_awready_i,
  output logic [3:0]   axi_awid_o,
  output logic [63:0]  axi_awaddr_o,
  output logic [7:0]   axi_awlen_o,
  output logic [2:0]   axi_awsize_o,
  output logic [1:0]   axi_awburst_o,
  output logic         axi_wvalid_o,
  input  logic         axi_wready_i,
  output logic [63:0]  axi_wdata_o,
  output logic [7:0]   axi_wstrb_o,
  output logic         axi_wlast_o,
  input  logic         axi_bvalid_i,
  output logic         axi_bready_o,
  input  logic [3:0]   axi_bid_i,
  input  logic [1:0]   axi_bresp_i,
  output logic         axi_arvalid_o,
  input  logic         axi_arready_i,
  output logic [3:0]   axi_arid_o,
  output logic [63:0]  axi_araddr_o,
  output logic [7:0]   axi_arlen_o,
  output logic [2:0]   axi_arsize_o,
  output logic [1:0]   axi_arburst_o,
  input  logic         axi_rvalid_i,
  output logic         axi_rready_o,
  input  logic [3:0]   axi_rid_i,
  input  logic [63:0]  axi_rdata_i,
  input  logic [1:0]   axi_rresp_i,
  input  logic         axi_rlast_i
);

  // A launch resets the core; the reset comes from a register, so it has no glitches.
  logic launch_q, core_rst_n, has_launched_q, ended;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      launch_q <= 1'b1;
      has_launched_q <= 1'b0;
    end else begin
      launch_q <= launch_i;
      has_launched_q <= has_launched_q || launch_i;
    end
  end
  assign core_rst_n = !launch_q;
  assign ended_o = has_launched_q && !launch_q && ended;

  // The core's master and slave, before the window: slice 0 scratchpad, 1 outside.
  logic        core_awvalid, core_awready, core_wvalid, core_wready, core_bvalid, core_bready;
  logic        core_arvalid, core_arready, core_rvalid, core_rready, core_rlast;
  logic [3:0]  core_rid;
  logic [63:0] core_rdata;
  logic        window_awvalid, window_awready, window_wvalid, window_wready, window_bvalid;
  logic        window_bready, window_arvalid, window_arready, window_rvalid, window_rready;
  logic        window_rlast;
  logic [3:0]  window_rid, window_bid;
  logic [63:0] window_rdata;
  logic        self_post_valid, self_post_ready, barrier_arrived;
  logic [4:0]  self_post_semaphore;
  logic [7:0]  unused_core;
  logic [15:0] self_post_count;

  apus_core u_core (
    .clk_i, .rst_ni(core_rst_n), .entry_i, .core_index_i('0), .core_count_i(32'd1),
    .argument_bytes_i, .arena_base_i, .arena_bytes_i, .interrupt_external_i(1'b0),
    .ended_o(ended), .quiet_o, .done_o, .status_o, .trap_valid_o, .trap_engine_o, .trap_cause_o,
    .trap_command_o, .stopped_o, .stop_cause_o, .stop_value_o, .pc_o, .memory_failed_o,
    .memory_failed_addr_o, .memory_corrected_o, .semaphores_o, .console_valid_o, .console_o,
    .step_o, .commands_done_o, .inject_enable_i, .inject_addr_i, .inject_mask_i,
    .remote_post_valid_i(self_post_valid), .remote_post_ready_o(self_post_ready),
    .remote_post_semaphore_i(self_post_semaphore), .remote_post_count_i(self_post_count),
    // A core that posts to itself by REMOTE_POST, and a barrier of one.
    .remote_post_valid_o(self_post_valid), .remote_post_ready_i(self_post_ready),
    .remote_post_core_o(unused_core), .remote_post_semaphore_o(self_post_semaphore),
    .remote_post_count_o(self_post_count), .barrier_arrived_o(barrier_arrived),
    .barrier_release_i(barrier_arrived),
    .axi_awvalid_o(core_awvalid), .axi_awready_i(core_awready), .axi_awid_o, .axi_awaddr_o,
    .axi_awlen_o, .axi_awsize_o, .axi_awburst_o, .axi_wvalid_o(core_wvalid),
    .axi_wready_i(core_wready), .axi_wdata_o, .axi_wstrb_o, .axi_wlast_o,
    .axi_bvalid_i(core_bvalid), .axi_bready_o(core_bready), .axi_bid_i, .axi_bresp_i,
    .axi_arvalid_o(core_arvalid), .axi_arready_i(core_arready), .axi_arid_o, .axi_araddr_o,
    .axi_arlen_o, .axi_arsize_o, .axi_arburst_o, .axi_rvalid_i(core_rvalid),
    .axi_rready_o(core_rready), .axi_rid_i(core_rid), .axi_rdata_i(core_rdata), .axi_rresp_i,
    .axi_rlast_i(core_rlast),
    .window_awvalid_i(window_awvalid), .window_awready_o(window_awready),
    .window_awid_i(axi_awid_o), .window_awaddr_i(axi_awaddr_o[31:0]),
    .window_wvalid_i(window_wvalid), .window_wready_o(window_wready),
    .window_wdata_i(axi_wdata_o), .window_wstrb_i(axi_wstrb_o), .window_wlast_i(axi_wlast_o),
    .window_bvalid_o(window_bvalid), .window_bready_i(window_bready), .window_bid_o(window_bid),
    .window_arvalid_i(window_arvalid), .window_arready_o(window_arready),
    .window_arid_i(axi_arid_o), .window_araddr_i(axi_araddr_o[31:0]),
    .window_arlen_i(axi_arlen_o), .window_rvalid_o(window_rvalid),
    .window_rready_i(window_rready), .window_rid_o(window_rid), .window_rdata_o(window_rdata),
    .window_rlast_o(window_rlast)
  );

  apus_axi_window u_window (
    .clk_i, .rst_ni(core_rst_n), .core_index_i('0),
    .awvalid_i(core_awvalid), .awready_o(core_awready),
    .awaddr_high_i(axi_awaddr_o[63:32]), .wvalid_i(core_wvalid), .wready_o(core_wready),
    .bvalid_o(core_bvalid), .bready_i(core_bready), .arvalid_i(core_arvalid), .arready_o(core_arready),
    .araddr_high_i(axi_araddr_o[63:32]), .rvalid_o(core_rvalid), .rready_i(core_rready),
    .rid_o(core_rid), .rdata_o(core_rdata), .rlast_o(core_rlast),
    .awvalid_o({axi_awvalid_o, window_awvalid}), .awready_i({axi_awready_i, window_awready}),
    .wvalid_o({axi_wvalid_o, window_wvalid}), .wready_i({axi_wready_i, window_wready}),
    .bvalid_i({axi_bvalid_i, window_bvalid}), .bready_o({axi_bready_o, window_bready}),
    .arvalid_o({axi_arvalid_o, window_arvalid}), .arready_i({axi_arready_i, window_arready}),
    .rvalid_i({axi_rvalid_i, window_rvalid}), .rready_o({axi_rready_o, window_rready}),
    .rid_i({axi_rid_i, window_rid}), .rdata_i({axi_rdata_i, window_rdata}),
    .rlast_i({axi_rlast_i, window_rlast})
  );

  // Only Store has writes under way, so their answers need no name.
  logic unused;
  assign unused = ^{unused_core, window_bid};

endmodule
