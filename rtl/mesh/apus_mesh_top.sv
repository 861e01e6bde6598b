/// A chip of several cores: each with its way into the mesh and out of it, one memory port, and the
/// barrier of all.
///
///     core ─ requester ─┐              ┌─ responder ─ core's scratchpad, semaphores
///                       ├─ networks ───┤
///     core ─ requester ─┘   (requests, └─ responder ─ memory port (AXI4)
///      │                     answers)
///      └── barrier
///
/// `launch_i` starts a launch on all cores; `ended_o` says of each core whether its part has ended.
/// Outputs that say how are slices, core 0's lowest, as those of `apus_core`. Nothing moves any more
/// when all bits of `quiet_o` are high.
module apus_mesh_top #(
  localparam int unsigned Cores = apus_chip_pkg::CoreCount
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               launch_i,
  input  logic [31:0]        entry_i,
  input  logic [31:0]        argument_bytes_i,
  input  logic [63:0]        arena_base_i,
  input  logic [63:0]        arena_bytes_i,

  output logic [Cores-1:0]     ended_o,
  output logic [Cores-1:0]     quiet_o,
  output logic [Cores-1:0]     done_o,
  output logic [32*Cores-1:0]  status_o,
  output logic [Cores-1:0]     trap_valid_o,
  output logic [2*Cores-1:0]   trap_engine_o,
  output logic [4*Cores-1:0]   trap_cause_o,
  output logic [256*Cores-1:0] trap_command_o,
  output logic [Cores-1:0]     stopped_o,
  output logic [32*Cores-1:0]  stop_cause_o,
  output logic [32*Cores-1:0]  stop_value_o,
  output logic [32*Cores-1:0]  pc_o,
  output logic [Cores-1:0]     memory_failed_o,
  output logic [32*Cores-1:0]  memory_failed_addr_o,
  output logic [32*Cores-1:0]  memory_corrected_o,
  output logic [16*apus_isa_pkg::SEMAPHORE_COUNT*Cores-1:0] semaphores_o,
  output logic [Cores-1:0]     console_valid_o,
  output logic [8*Cores-1:0]   console_o,
  output logic [Cores-1:0]     step_o,
  output logic [4*Cores-1:0]   commands_done_o,

  input  logic [Cores-1:0]   inject_enable_i,
  input  logic [31:0]        inject_addr_i,
  input  logic [71:0]        inject_mask_i,

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
  // One id, and addresses that were checked.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [3:0]   axi_bid_i,
  input  logic [1:0]   axi_bresp_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic         axi_arvalid_o,
  input  logic         axi_arready_i,
  output logic [3:0]   axi_arid_o,
  output logic [63:0]  axi_araddr_o,
  output logic [7:0]   axi_arlen_o,
  output logic [2:0]   axi_arsize_o,
  output logic [1:0]   axi_arburst_o,
  input  logic         axi_rvalid_i,
  output logic         axi_rready_o,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [3:0]   axi_rid_i,
  input  logic [1:0]   axi_rresp_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [63:0]  axi_rdata_i,
  input  logic         axi_rlast_i
);

  localparam int unsigned Width = apus_mesh_pkg::FLIT_WIDTH;
  localparam int unsigned Ends = Cores + 1;
  localparam int unsigned Semaphores = apus_isa_pkg::SEMAPHORE_COUNT;

  // A launch resets the cores; the reset comes from a register, so it has no glitches.
  logic             launch_q, core_rst_n, has_launched_q, is_mesh_busy;
  logic [Cores-1:0] ended, quiet, responder_busy;
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
  // A post may be on its way when the cores have ended; the next launch must not find it.
  assign ended_o = has_launched_q && !launch_q && !is_mesh_busy ? ended : '0;
  assign quiet_o = is_mesh_busy ? '0 : quiet;

  // Requests and answers, from and to the cores and memory (the last).
  logic [Ends-1:0]       asked_valid, asked_ready, request_valid, request_ready;
  logic [Ends-1:0]       given_valid, given_ready, answer_valid, answer_ready;
  logic [Width*Ends-1:0] asked, request, given, answer;
  logic                  requests_busy, answers_busy, memory_busy;

  apus_mesh_network u_requests (
    .clk_i, .rst_ni(core_rst_n), .valid_i(asked_valid), .ready_o(asked_ready), .flit_i(asked),
    .valid_o(request_valid), .ready_i(request_ready), .flit_o(request), .busy_o(requests_busy)
  );
  apus_mesh_network u_answers (
    .clk_i, .rst_ni(core_rst_n), .valid_i(given_valid), .ready_o(given_ready), .flit_i(given),
    .valid_o(answer_valid), .ready_i(answer_ready), .flit_o(answer), .busy_o(answers_busy)
  );
  assign is_mesh_busy = requests_busy || answers_busy || memory_busy || |responder_busy;

  logic [Cores-1:0] arrived, release_all;
  apus_barrier u_barrier (
    .clk_i, .rst_ni(core_rst_n), .arrived_i(arrived), .release_o(release_all)
  );

  generate
    for (genvar n = 0; n < int'(Cores); n++) begin : gen_core
      logic        awvalid, awready, wvalid, wready, wlast, bvalid, bready;
      logic        arvalid, arready, rvalid, rready, rlast;
      logic [3:0]  awid, bid, arid, rid;
      logic [63:0] awaddr, wdata, araddr, rdata;
      logic [7:0]  awlen, wstrb, arlen;
      logic        post_valid, post_ready, posted_valid, posted_ready;
      logic [7:0]  post_core;
      logic [4:0]  post_semaphore, posted_semaphore;
      logic [15:0] post_count, posted_count;
      logic        target_awvalid, target_awready, target_wvalid, target_wready, target_wlast;
      logic        target_bvalid, target_bready, target_arvalid, target_arready;
      logic        target_rvalid, target_rready, target_rlast;
      logic [63:0] target_awaddr, target_wdata, target_araddr, target_rdata;
      logic [7:0]  target_wstrb, target_arlen;
      // Sizes and bursts are always the same, the slave has one id, and its words' lengths come
      // from their last.
      // verilator lint_off UNUSEDSIGNAL
      logic [2:0]  awsize, arsize;
      logic [1:0]  awburst, arburst;
      logic [3:0]  target_bid, target_rid;
      logic [7:0]  target_awlen;
      // verilator lint_on UNUSEDSIGNAL

      apus_core u_core (
        .clk_i, .rst_ni(core_rst_n), .entry_i, .core_index_i(32'(n)), .core_count_i(Cores),
        .argument_bytes_i, .arena_base_i, .arena_bytes_i, .interrupt_external_i(1'b0),
        .ended_o(ended[n]), .quiet_o(quiet[n]), .done_o(done_o[n]),
        .status_o(status_o[32*n +: 32]), .trap_valid_o(trap_valid_o[n]),
        .trap_engine_o(trap_engine_o[2*n +: 2]), .trap_cause_o(trap_cause_o[4*n +: 4]),
        .trap_command_o(trap_command_o[256*n +: 256]), .stopped_o(stopped_o[n]),
        .stop_cause_o(stop_cause_o[32*n +: 32]), .stop_value_o(stop_value_o[32*n +: 32]),
        .pc_o(pc_o[32*n +: 32]), .memory_failed_o(memory_failed_o[n]),
        .memory_failed_addr_o(memory_failed_addr_o[32*n +: 32]),
        .memory_corrected_o(memory_corrected_o[32*n +: 32]),
        .semaphores_o(semaphores_o[16*Semaphores*n +: 16*Semaphores]),
        .console_valid_o(console_valid_o[n]), .console_o(console_o[8*n +: 8]),
        .step_o(step_o[n]), .commands_done_o(commands_done_o[4*n +: 4]),
        .inject_enable_i(inject_enable_i[n]), .inject_addr_i, .inject_mask_i,
        .remote_post_valid_i(posted_valid), .remote_post_ready_o(posted_ready),
        .remote_post_semaphore_i(posted_semaphore), .remote_post_count_i(posted_count),
        .remote_post_valid_o(post_valid), .remote_post_ready_i(post_ready),
        .remote_post_core_o(post_core), .remote_post_semaphore_o(post_semaphore),
        .remote_post_count_o(post_count), .barrier_arrived_o(arrived[n]),
        .barrier_release_i(release_all[n]),
        .axi_awvalid_o(awvalid), .axi_awready_i(awready), .axi_awid_o(awid),
        .axi_awaddr_o(awaddr), .axi_awlen_o(awlen), .axi_awsize_o(awsize),
        .axi_awburst_o(awburst), .axi_wvalid_o(wvalid), .axi_wready_i(wready),
        .axi_wdata_o(wdata), .axi_wstrb_o(wstrb), .axi_wlast_o(wlast), .axi_bvalid_i(bvalid),
        .axi_bready_o(bready), .axi_bid_i(bid), .axi_bresp_i(2'd0), .axi_arvalid_o(arvalid),
        .axi_arready_i(arready), .axi_arid_o(arid), .axi_araddr_o(araddr), .axi_arlen_o(arlen),
        .axi_arsize_o(arsize), .axi_arburst_o(arburst), .axi_rvalid_i(rvalid),
        .axi_rready_o(rready), .axi_rid_i(rid), .axi_rdata_i(rdata), .axi_rresp_i(2'd0),
        .axi_rlast_i(rlast),
        .window_awvalid_i(target_awvalid), .window_awready_o(target_awready),
        .window_awid_i(4'd0), .window_awaddr_i(target_awaddr[31:0]),
        .window_wvalid_i(target_wvalid), .window_wready_o(target_wready),
        .window_wdata_i(target_wdata), .window_wstrb_i(target_wstrb),
        .window_wlast_i(target_wlast), .window_bvalid_o(target_bvalid),
        .window_bready_i(target_bready), .window_bid_o(target_bid),
        .window_arvalid_i(target_arvalid), .window_arready_o(target_arready),
        .window_arid_i(4'd0), .window_araddr_i(target_araddr[31:0]),
        .window_arlen_i(target_arlen), .window_rvalid_o(target_rvalid),
        .window_rready_i(target_rready), .window_rid_o(target_rid),
        .window_rdata_o(target_rdata), .window_rlast_o(target_rlast)
      );

      apus_mesh_requester #(
        .Column(32'(n) % apus_chip_pkg::MeshColumns), .Row(32'(n) / apus_chip_pkg::MeshColumns)
      ) u_requester (
        .clk_i, .rst_ni(core_rst_n), .axi_awvalid_i(awvalid), .axi_awready_o(awready),
        .axi_awid_i(awid), .axi_awaddr_i(awaddr), .axi_awlen_i(awlen), .axi_wvalid_i(wvalid),
        .axi_wready_o(wready), .axi_wdata_i(wdata), .axi_wstrb_i(wstrb), .axi_wlast_i(wlast),
        .axi_bvalid_o(bvalid), .axi_bready_i(bready), .axi_bid_o(bid),
        .axi_arvalid_i(arvalid), .axi_arready_o(arready), .axi_arid_i(arid),
        .axi_araddr_i(araddr), .axi_arlen_i(arlen), .axi_rvalid_o(rvalid),
        .axi_rready_i(rready), .axi_rid_o(rid), .axi_rdata_o(rdata), .axi_rlast_o(rlast),
        .post_valid_i(post_valid), .post_ready_o(post_ready), .post_core_i(post_core),
        .post_semaphore_i(post_semaphore), .post_count_i(post_count),
        .request_valid_o(asked_valid[n]), .request_ready_i(asked_ready[n]),
        .request_o(asked[Width*n +: Width]), .answer_valid_i(answer_valid[n]),
        .answer_ready_o(answer_ready[n]), .answer_i(answer[Width*n +: Width])
      );

      apus_mesh_responder u_responder (
        .clk_i, .rst_ni(core_rst_n), .request_valid_i(request_valid[n]),
        .request_ready_o(request_ready[n]), .request_i(request[Width*n +: Width]),
        .answer_valid_o(given_valid[n]), .answer_ready_i(given_ready[n]),
        .answer_o(given[Width*n +: Width]), .busy_o(responder_busy[n]),
        .post_valid_o(posted_valid), .post_ready_i(posted_ready),
        .post_semaphore_o(posted_semaphore), .post_count_o(posted_count),
        .axi_awvalid_o(target_awvalid), .axi_awready_i(target_awready),
        .axi_awaddr_o(target_awaddr), .axi_awlen_o(target_awlen),
        .axi_wvalid_o(target_wvalid), .axi_wready_i(target_wready),
        .axi_wdata_o(target_wdata), .axi_wstrb_o(target_wstrb), .axi_wlast_o(target_wlast),
        .axi_bvalid_i(target_bvalid), .axi_bready_o(target_bready),
        .axi_arvalid_o(target_arvalid), .axi_arready_i(target_arready),
        .axi_araddr_o(target_araddr), .axi_arlen_o(target_arlen),
        .axi_rvalid_i(target_rvalid), .axi_rready_o(target_rready),
        .axi_rdata_i(target_rdata), .axi_rlast_i(target_rlast)
      );

      logic unused;
      assign unused = ^{target_awaddr[63:32], target_araddr[63:32]};
    end
  endgenerate

  // Memory asks for nothing, and nobody answers it.
  assign asked_valid[Cores] = 1'b0;
  assign asked[Width*Cores +: Width] = '0;
  assign answer_ready[Cores] = 1'b1;

  // Posts to memory there are none.
  logic        unused_post;
  logic [4:0]  unused_semaphore;
  logic [15:0] unused_count;

  apus_mesh_responder #(
    .Depth(16)
  ) u_memory (
    .clk_i, .rst_ni(core_rst_n), .request_valid_i(request_valid[Cores]),
    .request_ready_o(request_ready[Cores]), .request_i(request[Width*Cores +: Width]),
    .answer_valid_o(given_valid[Cores]), .answer_ready_i(given_ready[Cores]),
    .answer_o(given[Width*Cores +: Width]), .busy_o(memory_busy), .post_valid_o(unused_post),
    .post_ready_i(1'b1), .post_semaphore_o(unused_semaphore), .post_count_o(unused_count),
    .axi_awvalid_o, .axi_awready_i, .axi_awaddr_o, .axi_awlen_o, .axi_wvalid_o, .axi_wready_i,
    .axi_wdata_o, .axi_wstrb_o, .axi_wlast_o, .axi_bvalid_i, .axi_bready_o, .axi_arvalid_o,
    .axi_arready_i, .axi_araddr_o, .axi_arlen_o, .axi_rvalid_i, .axi_rready_o, .axi_rdata_i,
    .axi_rlast_i
  );
  assign axi_awid_o = 4'd0;
  assign axi_awsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_awburst_o = apus_core_pkg::AXI_BURST_INCR;
  assign axi_arid_o = 4'd0;
  assign axi_arsize_o = apus_core_pkg::AXI_SIZE_8_BYTES;
  assign axi_arburst_o = apus_core_pkg::AXI_BURST_INCR;

  logic unused;
  assign unused = ^{unused_post, unused_semaphore, unused_count, asked_ready[Cores],
                    answer_valid[Cores], answer[Width*Cores +: Width]};

endmodule
