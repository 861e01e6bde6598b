/// One core: control, four engines, local memory, an AXI4 master for global memory and other cores,
/// and an AXI4 slave by which others reach its scratchpad.
///
///                 ┌──────────── apus_control ────────────┐
///     console ◄───┤ processor, queues, dispatch, memories ├──► how the launch stands
///                 └──┬───────┬───────┬───────┬────────┬──┘
///                  Load    Store  Matrix  Vector      │
///        AXI ◄──────┴───────┘ │       │       │       │   ┌── AXI slave (scratchpad)
///                 └───────┴───┴───────┴───────┴───────┴───┴─► apus_local_memory
///
/// A launch: hold `rst_ni` low for a cycle while the inputs that describe it are stable. Memories
/// keep their contents. No engine has a burst open then, because a launch ends with idle engines.
module apus_core #(
  parameter int unsigned ProgramBytes     = apus_chip_pkg::ProgramBytes,
  parameter int unsigned ArgumentBytes    = apus_chip_pkg::ArgumentBytes,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  parameter int unsigned Banks            = apus_chip_pkg::ScratchpadBanks,
  parameter int unsigned QueueDepth       = apus_chip_pkg::QueueDepth
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  // The launch.
  input  logic [31:0]  entry_i,
  input  logic [31:0]  core_index_i,
  input  logic [31:0]  core_count_i,
  input  logic [31:0]  argument_bytes_i,
  input  logic [63:0]  arena_base_i,
  input  logic [63:0]  arena_bytes_i,
  input  logic         interrupt_external_i,

  // How it stands; all but the first two hold when `ended_o` is high.
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
  // For counting: an instruction ended; a command of each queue was completed.
  output logic         step_o,
  output logic [3:0]   commands_done_o,

  // Flips bits of one scratchpad word whenever it is read.
  input  logic         inject_enable_i,
  input  logic [31:0]  inject_addr_i,
  input  logic [71:0]  inject_mask_i,

  // Posts from other cores.
  input  logic         remote_post_valid_i,
  output logic         remote_post_ready_o,
  input  logic [4:0]   remote_post_semaphore_i,
  input  logic [15:0]  remote_post_count_i,

  // Posts to other cores, and the barrier of all.
  output logic         remote_post_valid_o,
  input  logic         remote_post_ready_i,
  output logic [7:0]   remote_post_core_o,
  output logic [4:0]   remote_post_semaphore_o,
  output logic [15:0]  remote_post_count_o,
  output logic         barrier_arrived_o,
  input  logic         barrier_release_i,

  // AXI4 master.
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
  input  logic         axi_rlast_i,

  // AXI4 slave of the scratchpad.
  input  logic         window_awvalid_i,
  output logic         window_awready_o,
  input  logic [3:0]   window_awid_i,
  input  logic [31:0]  window_awaddr_i,
  input  logic         window_wvalid_i,
  output logic         window_wready_o,
  input  logic [63:0]  window_wdata_i,
  input  logic [7:0]   window_wstrb_i,
  input  logic         window_wlast_i,
  output logic         window_bvalid_o,
  input  logic         window_bready_i,
  output logic [3:0]   window_bid_o,
  input  logic         window_arvalid_i,
  output logic         window_arready_o,
  input  logic [3:0]   window_arid_i,
  input  logic [31:0]  window_araddr_i,
  input  logic [7:0]   window_arlen_i,
  output logic         window_rvalid_o,
  input  logic         window_rready_i,
  output logic [3:0]   window_rid_o,
  output logic [63:0]  window_rdata_o,
  output logic         window_rlast_o
);

  // Ports of local memory: processor, AXI slave, Load, Store, Matrix, Vector.
  localparam int unsigned LoadPort = 2;
  localparam int unsigned StorePort = LoadPort + apus_core_pkg::LoadPorts;
  localparam int unsigned MatrixPort = StorePort + apus_core_pkg::StorePorts;
  localparam int unsigned VectorPort = MatrixPort + apus_core_pkg::MatrixPorts;
  localparam int unsigned Ports = VectorPort + apus_core_pkg::VectorPorts;

  logic [Ports-1:0]    req_valid, req_ready, req_write, rsp_valid, rsp_error;
  logic [32*Ports-1:0] req_addr;
  logic [64*Ports-1:0] req_wdata, rsp_rdata;
  logic [8*Ports-1:0]  req_wstrb;

  logic [3:0]    command_valid, command_ready, engine_trap_valid, busy;
  logic [15:0]   engine_trap_cause;
  logic [1023:0] commands;
  logic [4095:0] descriptors;

  // An uncorrectable error ends the launch; the first address is kept.
  logic        failed, failed_q;
  logic [7:0]  corrected_count;
  logic [31:0] failed_addr, failed_addr_q, corrected_q;

  apus_control #(
    .ProgramBytes(ProgramBytes), .ArgumentBytes(ArgumentBytes),
    .ScratchpadBytes(ScratchpadBytes), .AccumulatorBytes(AccumulatorBytes),
    .QueueDepth(QueueDepth)
  ) u_control (
    .clk_i, .rst_ni, .entry_i, .core_index_i, .core_count_i, .argument_bytes_i,
    .interrupt_external_i, .memory_failed_i(failed_q), .command_valid_o(command_valid),
    .command_ready_i(command_ready), .command_o(commands), .descriptor_o(descriptors),
    .engine_trap_valid_i(engine_trap_valid), .engine_trap_cause_i(engine_trap_cause),
    .mem_req_valid_o(req_valid[0]), .mem_req_ready_i(req_ready[0]),
    .mem_req_write_o(req_write[0]), .mem_req_addr_o(req_addr[31:0]),
    .mem_req_wdata_o(req_wdata[63:0]), .mem_req_wstrb_o(req_wstrb[7:0]),
    .mem_rsp_valid_i(rsp_valid[0]), .mem_rsp_rdata_i(rsp_rdata[63:0]),
    .remote_post_valid_i, .remote_post_ready_o, .remote_post_semaphore_i, .remote_post_count_i,
    .remote_post_valid_o, .remote_post_ready_i, .remote_post_core_o, .remote_post_semaphore_o,
    .remote_post_count_o, .barrier_arrived_o, .barrier_release_i,
    .console_valid_o, .console_o, .step_o, .commands_done_o, .semaphores_o, .ended_o, .done_o,
    .status_o, .trap_valid_o, .trap_engine_o, .trap_cause_o, .trap_command_o, .stopped_o,
    .stop_cause_o, .stop_value_o, .pc_o, .quiet_o
  );

  apus_local_memory #(
    .Ports(Ports), .ScratchpadBytes(ScratchpadBytes), .AccumulatorBytes(AccumulatorBytes),
    .Banks(Banks)
  ) u_memory (
    .clk_i, .rst_ni, .req_valid_i(req_valid), .req_ready_o(req_ready), .req_write_i(req_write),
    .req_addr_i(req_addr), .req_wdata_i(req_wdata), .req_wstrb_i(req_wstrb),
    .rsp_valid_o(rsp_valid), .rsp_rdata_o(rsp_rdata), .rsp_error_o(rsp_error), .inject_enable_i,
    .inject_addr_i, .inject_mask_i, .corrected_count_o(corrected_count), .failed_o(failed),
    .failed_addr_o(failed_addr)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      failed_q <= 1'b0;
      failed_addr_q <= '0;
      corrected_q <= '0;
    end else begin
      corrected_q <= corrected_q + {24'd0, corrected_count};
      if (failed && !failed_q) begin
        failed_q <= 1'b1;
        failed_addr_q <= failed_addr;
      end
    end
  end
  assign memory_failed_o = failed_q;
  assign memory_failed_addr_o = failed_addr_q;
  assign memory_corrected_o = corrected_q;

  apus_axi_scratchpad u_window (
    .clk_i, .rst_ni, .axi_awvalid_i(window_awvalid_i), .axi_awready_o(window_awready_o),
    .axi_awid_i(window_awid_i), .axi_awaddr_i(window_awaddr_i),
    .axi_wvalid_i(window_wvalid_i), .axi_wready_o(window_wready_o),
    .axi_wdata_i(window_wdata_i), .axi_wstrb_i(window_wstrb_i), .axi_wlast_i(window_wlast_i),
    .axi_bvalid_o(window_bvalid_o), .axi_bready_i(window_bready_i), .axi_bid_o(window_bid_o),
    .axi_arvalid_i(window_arvalid_i), .axi_arready_o(window_arready_o),
    .axi_arid_i(window_arid_i), .axi_araddr_i(window_araddr_i), .axi_arlen_i(window_arlen_i),
    .axi_rvalid_o(window_rvalid_o), .axi_rready_i(window_rready_i), .axi_rid_o(window_rid_o),
    .axi_rdata_o(window_rdata_o), .axi_rlast_o(window_rlast_o),
    .mem_req_valid_o(req_valid[1]), .mem_req_ready_i(req_ready[1]),
    .mem_req_write_o(req_write[1]), .mem_req_addr_o(req_addr[63:32]),
    .mem_req_wdata_o(req_wdata[127:64]), .mem_req_wstrb_o(req_wstrb[15:8]),
    .mem_rsp_valid_i(rsp_valid[1]), .mem_rsp_rdata_i(rsp_rdata[127:64])
  );

  // The masters of Load and Store.
  logic [1:0]   arvalid, arready, rvalid, rready;
  logic [127:0] araddr;
  logic [15:0]  arlen;
  logic [1:0]   awvalid, wvalid, bready;
  logic [127:0] awaddr, wdata;
  logic [15:0]  awlen, wstrb;
  logic [1:0]   wlast;
  logic [7:0]   unused_arid, unused_awid;
  logic [5:0]   unused_arsize, unused_awsize;
  logic [3:0]   unused_arburst, unused_awburst;

  apus_axi_arbiter u_arbiter (
    .clk_i, .rst_ni, .arvalid_i(arvalid), .arready_o(arready), .araddr_i(araddr),
    .arlen_i(arlen), .rvalid_o(rvalid), .rready_i(rready), .axi_arvalid_o, .axi_arready_i,
    .axi_arid_o, .axi_araddr_o, .axi_arlen_o, .axi_rvalid_i, .axi_rready_o, .axi_rid_i
  );
  assign axi_arsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_arburst_o = apus_core_pkg::AXI_BURST_INCR;
  assign axi_awvalid_o = awvalid[1];
  assign axi_awid_o = 4'd1;
  assign axi_awaddr_o = awaddr[127:64];
  assign axi_awlen_o = awlen[15:8];
  assign axi_awsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_awburst_o = apus_core_pkg::AXI_BURST_INCR;
  assign axi_wvalid_o = wvalid[1];
  assign axi_wdata_o = wdata[127:64];
  assign axi_wstrb_o = wstrb[15:8];
  assign axi_wlast_o = wlast[1];
  assign axi_bready_o = bready[1];

  apus_load_engine #(.Ports(apus_core_pkg::LoadPorts)) u_load (
    .clk_i, .rst_ni, .command_valid_i(command_valid[0]), .command_ready_o(command_ready[0]),
    .command_i(commands[0 +: 256]), .descriptor_i(descriptors[0 +: 1024]),
    .trap_valid_o(engine_trap_valid[0]), .trap_cause_o(engine_trap_cause[0 +: 4]),
    .busy_o(busy[0]),
    .arena_base_i, .arena_bytes_i, .core_count_i(core_count_i[15:0]),
    .axi_awvalid_o(awvalid[0]), .axi_awready_i(1'b0),
    .axi_awid_o(unused_awid[0 +: 4]), .axi_awaddr_o(awaddr[0 +: 64]),
    .axi_awlen_o(awlen[0 +: 8]), .axi_awsize_o(unused_awsize[0 +: 3]),
    .axi_awburst_o(unused_awburst[0 +: 2]), .axi_wvalid_o(wvalid[0]),
    .axi_wready_i(1'b0), .axi_wdata_o(wdata[0 +: 64]),
    .axi_wstrb_o(wstrb[0 +: 8]), .axi_wlast_o(wlast[0]),
    .axi_bvalid_i(1'b0), .axi_bready_o(bready[0]), .axi_bid_i, .axi_bresp_i,
    .axi_arvalid_o(arvalid[0]), .axi_arready_i(arready[0]),
    .axi_arid_o(unused_arid[0 +: 4]), .axi_araddr_o(araddr[0 +: 64]),
    .axi_arlen_o(arlen[0 +: 8]), .axi_arsize_o(unused_arsize[0 +: 3]),
    .axi_arburst_o(unused_arburst[0 +: 2]), .axi_rvalid_i(rvalid[0]),
    .axi_rready_o(rready[0]), .axi_rid_i, .axi_rdata_i, .axi_rresp_i, .axi_rlast_i,
    .mem_req_valid_o(req_valid[LoadPort +: apus_core_pkg::LoadPorts]),
    .mem_req_ready_i(req_ready[LoadPort +: apus_core_pkg::LoadPorts]),
    .mem_req_write_o(req_write[LoadPort +: apus_core_pkg::LoadPorts]),
    .mem_req_addr_o(req_addr[32*LoadPort +: 32*apus_core_pkg::LoadPorts]),
    .mem_req_wdata_o(req_wdata[64*LoadPort +: 64*apus_core_pkg::LoadPorts]),
    .mem_req_wstrb_o(req_wstrb[8*LoadPort +: 8*apus_core_pkg::LoadPorts]),
    .mem_rsp_valid_i(rsp_valid[LoadPort +: apus_core_pkg::LoadPorts]),
    .mem_rsp_rdata_i(rsp_rdata[64*LoadPort +: 64*apus_core_pkg::LoadPorts]),
    .mem_rsp_error_i(rsp_error[LoadPort +: apus_core_pkg::LoadPorts])
  );

  apus_store_engine #(.Ports(apus_core_pkg::StorePorts)) u_store (
    .clk_i, .rst_ni, .command_valid_i(command_valid[1]), .command_ready_o(command_ready[1]),
    .command_i(commands[256 +: 256]), .descriptor_i(descriptors[1024 +: 1024]),
    .trap_valid_o(engine_trap_valid[1]), .trap_cause_o(engine_trap_cause[4 +: 4]),
    .busy_o(busy[1]),
    .arena_base_i, .arena_bytes_i, .core_count_i(core_count_i[15:0]),
    .axi_awvalid_o(awvalid[1]), .axi_awready_i(axi_awready_i),
    .axi_awid_o(unused_awid[4 +: 4]), .axi_awaddr_o(awaddr[64 +: 64]),
    .axi_awlen_o(awlen[8 +: 8]), .axi_awsize_o(unused_awsize[3 +: 3]),
    .axi_awburst_o(unused_awburst[2 +: 2]), .axi_wvalid_o(wvalid[1]),
    .axi_wready_i(axi_wready_i), .axi_wdata_o(wdata[64 +: 64]),
    .axi_wstrb_o(wstrb[8 +: 8]), .axi_wlast_o(wlast[1]),
    .axi_bvalid_i(axi_bvalid_i), .axi_bready_o(bready[1]), .axi_bid_i, .axi_bresp_i,
    .axi_arvalid_o(arvalid[1]), .axi_arready_i(arready[1]),
    .axi_arid_o(unused_arid[4 +: 4]), .axi_araddr_o(araddr[64 +: 64]),
    .axi_arlen_o(arlen[8 +: 8]), .axi_arsize_o(unused_arsize[3 +: 3]),
    .axi_arburst_o(unused_arburst[2 +: 2]), .axi_rvalid_i(rvalid[1]),
    .axi_rready_o(rready[1]), .axi_rid_i, .axi_rdata_i, .axi_rresp_i, .axi_rlast_i,
    .mem_req_valid_o(req_valid[StorePort +: apus_core_pkg::StorePorts]),
    .mem_req_ready_i(req_ready[StorePort +: apus_core_pkg::StorePorts]),
    .mem_req_write_o(req_write[StorePort +: apus_core_pkg::StorePorts]),
    .mem_req_addr_o(req_addr[32*StorePort +: 32*apus_core_pkg::StorePorts]),
    .mem_req_wdata_o(req_wdata[64*StorePort +: 64*apus_core_pkg::StorePorts]),
    .mem_req_wstrb_o(req_wstrb[8*StorePort +: 8*apus_core_pkg::StorePorts]),
    .mem_rsp_valid_i(rsp_valid[StorePort +: apus_core_pkg::StorePorts]),
    .mem_rsp_rdata_i(rsp_rdata[64*StorePort +: 64*apus_core_pkg::StorePorts]),
    .mem_rsp_error_i(rsp_error[StorePort +: apus_core_pkg::StorePorts])
  );

  apus_matrix_engine #(.Ports(apus_core_pkg::MatrixPorts)) u_matrix (
    .clk_i, .rst_ni, .command_valid_i(command_valid[2]), .command_ready_o(command_ready[2]),
    .command_i(commands[512 +: 256]), .descriptor_i(descriptors[2048 +: 1024]),
    .trap_valid_o(engine_trap_valid[2]), .trap_cause_o(engine_trap_cause[8 +: 4]),
    .busy_o(busy[2]),
    .mem_req_valid_o(req_valid[MatrixPort +: apus_core_pkg::MatrixPorts]),
    .mem_req_ready_i(req_ready[MatrixPort +: apus_core_pkg::MatrixPorts]),
    .mem_req_write_o(req_write[MatrixPort +: apus_core_pkg::MatrixPorts]),
    .mem_req_addr_o(req_addr[32*MatrixPort +: 32*apus_core_pkg::MatrixPorts]),
    .mem_req_wdata_o(req_wdata[64*MatrixPort +: 64*apus_core_pkg::MatrixPorts]),
    .mem_req_wstrb_o(req_wstrb[8*MatrixPort +: 8*apus_core_pkg::MatrixPorts]),
    .mem_rsp_valid_i(rsp_valid[MatrixPort +: apus_core_pkg::MatrixPorts]),
    .mem_rsp_rdata_i(rsp_rdata[64*MatrixPort +: 64*apus_core_pkg::MatrixPorts]),
    .mem_rsp_error_i(rsp_error[MatrixPort +: apus_core_pkg::MatrixPorts])
  );

  apus_vector_engine #(.Ports(apus_core_pkg::VectorPorts)) u_vector (
    .clk_i, .rst_ni, .command_valid_i(command_valid[3]), .command_ready_o(command_ready[3]),
    .command_i(commands[768 +: 256]), .descriptor_i(descriptors[3072 +: 1024]),
    .trap_valid_o(engine_trap_valid[3]), .trap_cause_o(engine_trap_cause[12 +: 4]),
    .busy_o(busy[3]),
    .mem_req_valid_o(req_valid[VectorPort +: apus_core_pkg::VectorPorts]),
    .mem_req_ready_i(req_ready[VectorPort +: apus_core_pkg::VectorPorts]),
    .mem_req_write_o(req_write[VectorPort +: apus_core_pkg::VectorPorts]),
    .mem_req_addr_o(req_addr[32*VectorPort +: 32*apus_core_pkg::VectorPorts]),
    .mem_req_wdata_o(req_wdata[64*VectorPort +: 64*apus_core_pkg::VectorPorts]),
    .mem_req_wstrb_o(req_wstrb[8*VectorPort +: 8*apus_core_pkg::VectorPorts]),
    .mem_rsp_valid_i(rsp_valid[VectorPort +: apus_core_pkg::VectorPorts]),
    .mem_rsp_rdata_i(rsp_rdata[64*VectorPort +: 64*apus_core_pkg::VectorPorts]),
    .mem_rsp_error_i(rsp_error[VectorPort +: apus_core_pkg::VectorPorts])
  );

  // Load writes nothing to global memory; sizes, bursts and identifiers are those set above; the
  // processor and the AXI slave do not look at errors, which end the launch.
  logic unused;
  assign unused = ^{busy, awvalid[0], wvalid[0], bready[0], awaddr[63:0], wdata[63:0], awlen[7:0],
                    wstrb[7:0], wlast[0], unused_arid, unused_awid, unused_arsize, unused_awsize,
                    unused_arburst, unused_awburst, rsp_error[1:0]};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    load_writes_nothing :
    assert (!awvalid[0] && !wvalid[0]);
  end
`endif

endmodule
