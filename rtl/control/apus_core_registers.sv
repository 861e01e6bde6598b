/// The window of engine and core registers, docs/isa/machine.md: queue ports, WAIT, POST, DONE,
/// CONSOLE, REMOTE_POST, BARRIER, sizes, semaphores.
///
/// A store to a full queue, a WAIT that does not pass and a BARRIER that others have not reached
/// keep the control processor waiting. DONE
/// sets `done_o`, whereupon the core holds the processor and lets the queues drain.
///
/// Latency: combinational, but for what makes it wait.
module apus_core_registers #(
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] core_index_i,
  input  logic [31:0] core_count_i,
  input  logic [31:0] argument_bytes_i,
  input  logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] semaphores_i,

  input  logic        valid_i,
  output logic        ready_o,
  input  logic        write_i,
  input  logic [31:0] offset_i,
  input  logic [31:0] wdata_i,
  output logic [31:0] rdata_o,
  output logic        fault_o,

  output logic [3:0]  queue_valid_o,
  input  logic [3:0]  queue_ready_i,
  output logic [2:0]  queue_word_o,

  // Taken in the cycle in which it is valid.
  output logic        post_valid_o,
  output logic [4:0]  post_semaphore_o,
  output logic [15:0] post_count_o,

  // Stays until it is taken.
  output logic        remote_post_valid_o,
  input  logic        remote_post_ready_i,
  output logic [7:0]  remote_post_core_o,

  // Stays until all cores have arrived.
  output logic        barrier_arrived_o,
  input  logic        barrier_release_i,

  output logic        console_valid_o,
  output logic [7:0]  console_o,
  output logic        done_o,
  output logic [31:0] status_o,
  // The processor waits for a semaphore, other cores, or room in a queue.
  output logic        waits_o
);

  // Four ports of 0x20 bytes.
  localparam logic [31:0] QUEUES_END = 32'h80;
  localparam logic [31:0] SEMAPHORES_END =
      apus_isa_pkg::REGISTER_SEMAPHORES + 32'(4 * apus_isa_pkg::SEMAPHORE_COUNT);

  logic        is_queue, is_semaphore, names_semaphore, names_core, wait_passes;
  logic [31:0] semaphore_offset;
  assign is_queue = offset_i < QUEUES_END;
  assign is_semaphore =
      offset_i >= apus_isa_pkg::REGISTER_SEMAPHORES && offset_i < SEMAPHORES_END;
  assign semaphore_offset = offset_i - apus_isa_pkg::REGISTER_SEMAPHORES;
  assign names_semaphore = wdata_i[31:21] == '0;
  assign names_core = wdata_i[23:21] == '0 && {24'd0, wdata_i[31:24]} < core_count_i;

  apus_wait u_wait (
    .values_i(semaphores_i), .semaphore_i(wdata_i[20:16]), .value_i(wdata_i[15:0]),
    .passes_o(wait_passes)
  );

  logic stores_done;
  always_comb begin
    fault_o = 1'b0;
    rdata_o = '0;
    queue_valid_o = '0;
    post_valid_o = 1'b0;
    remote_post_valid_o = 1'b0;
    barrier_arrived_o = 1'b0;
    console_valid_o = 1'b0;
    stores_done = 1'b0;
    if (write_i) begin
      if (is_queue) begin
        queue_valid_o[offset_i[6:5]] = valid_i;
      end else begin
        unique case (offset_i)
          apus_isa_pkg::REGISTER_WAIT: fault_o = !names_semaphore;
          apus_isa_pkg::REGISTER_POST: begin
            fault_o = !names_semaphore;
            post_valid_o = valid_i && names_semaphore;
          end
          apus_isa_pkg::REGISTER_REMOTE_POST: begin
            fault_o = !names_core;
            remote_post_valid_o = valid_i && names_core;
          end
          apus_isa_pkg::REGISTER_BARRIER: barrier_arrived_o = valid_i;
          apus_isa_pkg::REGISTER_DONE: stores_done = valid_i;
          apus_isa_pkg::REGISTER_CONSOLE: console_valid_o = valid_i;
          default: fault_o = 1'b1;
        endcase
      end
    end else if (is_semaphore) begin
      rdata_o = {16'd0, semaphores_i[16*semaphore_offset[6:2] +: 16]};
    end else begin
      unique case (offset_i)
        apus_isa_pkg::REGISTER_CORE_INDEX: rdata_o = core_index_i;
        apus_isa_pkg::REGISTER_CORE_COUNT: rdata_o = core_count_i;
        apus_isa_pkg::REGISTER_SCRATCHPAD_BYTES: rdata_o = 32'(ScratchpadBytes);
        apus_isa_pkg::REGISTER_ACCUMULATOR_BYTES: rdata_o = 32'(AccumulatorBytes);
        apus_isa_pkg::REGISTER_ARGUMENT_BYTES: rdata_o = argument_bytes_i;
        default: fault_o = 1'b1;
      endcase
    end
  end

  // What a store waits for, apart from what it does: others' readiness does not make it valid.
  always_comb begin
    ready_o = 1'b1;
    if (write_i && is_queue) begin
      ready_o = queue_ready_i[offset_i[6:5]];
    end else if (write_i) begin
      unique case (offset_i)
        apus_isa_pkg::REGISTER_WAIT: ready_o = !names_semaphore || wait_passes;
        apus_isa_pkg::REGISTER_REMOTE_POST: ready_o = !names_core || remote_post_ready_i;
        apus_isa_pkg::REGISTER_BARRIER: ready_o = barrier_release_i;
        default: ;
      endcase
    end
  end

  assign queue_word_o = offset_i[4:2];
  assign post_semaphore_o = wdata_i[20:16];
  assign post_count_o = wdata_i[15:0];
  assign remote_post_core_o = wdata_i[31:24];
  assign console_o = wdata_i[7:0];
  assign waits_o = valid_i && !ready_o;

  logic        done_q;
  logic [31:0] status_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      done_q <= 1'b0;
      status_q <= '0;
    end else if (stores_done) begin
      done_q <= 1'b1;
      status_q <= wdata_i;
    end
  end
  assign done_o = done_q;
  assign status_o = status_q;

  // Words of a queue are told apart by bits 2 to 4, semaphores by 2 to 6.
  logic unused;
  assign unused = ^{semaphore_offset[31:7], semaphore_offset[1:0]};

endmodule
