/// The control half of a core: processor, program and argument memory, registers, semaphores,
/// queues and dispatch. The engines and the local memory are outside.
///
///     processor ── bus ─┬─ program memory
///                       ├─ argument memory ◄─────────── descriptors
///                       ├─ (scratchpad)                      │
///                       └─ registers ─► queues ─► dispatch ──┴─► engines
///                               └── semaphores ◄─────┘ post
///
/// A launch: `rst_ni` low for a cycle, then the processor begins at `entry_i`. The launch has ended
/// when `ended_o` is high; the other outputs then say how.
module apus_control #(
  parameter int unsigned ProgramBytes     = apus_chip_pkg::ProgramBytes,
  parameter int unsigned ArgumentBytes    = apus_chip_pkg::ArgumentBytes,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  parameter int unsigned QueueDepth       = apus_chip_pkg::QueueDepth
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [31:0]   entry_i,
  input  logic [31:0]   core_index_i,
  input  logic [31:0]   core_count_i,
  input  logic [31:0]   argument_bytes_i,
  input  logic          interrupt_external_i,
  // An uncorrectable error of local memory: nothing more begins.
  input  logic          memory_failed_i,

  // Engines: Load, Store, Matrix, Vector.
  output logic [3:0]    command_valid_o,
  input  logic [3:0]    command_ready_i,
  output logic [1023:0] command_o,
  output logic [4095:0] descriptor_o,
  input  logic [3:0]    engine_trap_valid_i,
  input  logic [15:0]   engine_trap_cause_i,

  // The processor's port of local memory.
  output logic          mem_req_valid_o,
  input  logic          mem_req_ready_i,
  output logic          mem_req_write_o,
  output logic [31:0]   mem_req_addr_o,
  output logic [63:0]   mem_req_wdata_o,
  output logic [7:0]    mem_req_wstrb_o,
  input  logic          mem_rsp_valid_i,
  input  logic [63:0]   mem_rsp_rdata_i,

  // Posts from other cores: taken when valid and ready.
  input  logic          remote_post_valid_i,
  output logic          remote_post_ready_o,
  input  logic [4:0]    remote_post_semaphore_i,
  input  logic [15:0]   remote_post_count_i,

  // Posts to other cores, whose semaphore and count are in the low bits of what is stored.
  output logic          remote_post_valid_o,
  input  logic          remote_post_ready_i,
  output logic [7:0]    remote_post_core_o,
  output logic [4:0]    remote_post_semaphore_o,
  output logic [15:0]   remote_post_count_o,
  output logic          barrier_arrived_o,
  input  logic          barrier_release_i,

  output logic          console_valid_o,
  output logic [7:0]    console_o,
  output logic          step_o,
  output logic [3:0]    commands_done_o,
  output logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] semaphores_o,

  // How the launch stands.
  output logic          ended_o,
  output logic          done_o,
  output logic [31:0]   status_o,
  output logic          trap_valid_o,
  output logic [1:0]    trap_engine_o,
  output logic [3:0]    trap_cause_o,
  output logic [255:0]  trap_command_o,
  output logic          stopped_o,
  output logic [31:0]   stop_cause_o,
  output logic [31:0]   stop_value_o,
  output logic [31:0]   pc_o,
  // Nothing can move but by a post from another core.
  output logic          quiet_o
);

  localparam int unsigned Queues = apus_core_pkg::ENGINE_COUNT;
  localparam int unsigned Posters = Queues + 2;

  logic [31:0] fetch_addr, fetch_rdata, data_addr, data_wdata, data_rdata;
  logic [3:0]  data_wstrb;
  logic        data_valid, data_ready, data_write, data_is_word, data_fault;
  logic        holds, waits, halts;

  apus_rv32 #(.ProgramBytes(ProgramBytes), .StopOnException(1'b1)) u_processor (
    .clk_i, .rst_ni, .entry_i, .hart_i(core_index_i), .hold_i(holds),
    .interrupt_software_i(1'b0), .interrupt_timer_i(1'b0), .interrupt_external_i,
    .fetch_addr_o(fetch_addr), .fetch_rdata_i(fetch_rdata),
    .data_valid_o(data_valid), .data_ready_i(data_ready), .data_write_o(data_write),
    .data_addr_o(data_addr), .data_wstrb_o(data_wstrb), .data_wdata_o(data_wdata),
    .data_is_word_o(data_is_word), .data_rdata_i(data_rdata), .data_fault_i(data_fault),
    .stopped_o, .stop_cause_o, .stop_value_o, .pc_o, .step_o
  );

  logic        program_valid, argument_valid, register_valid, register_ready, register_fault;
  logic [31:0] program_rdata, argument_rdata, register_rdata, register_offset;
  apus_core_bus #(
    .ProgramBytes(ProgramBytes), .ArgumentBytes(ArgumentBytes), .ScratchpadBytes(ScratchpadBytes)
  ) u_bus (
    .clk_i, .rst_ni, .data_valid_i(data_valid), .data_ready_o(data_ready),
    .data_write_i(data_write), .data_addr_i(data_addr), .data_wstrb_i(data_wstrb),
    .data_wdata_i(data_wdata), .data_is_word_i(data_is_word), .data_rdata_o(data_rdata),
    .data_fault_o(data_fault), .program_valid_o(program_valid), .program_rdata_i(program_rdata),
    .argument_valid_o(argument_valid), .argument_rdata_i(argument_rdata),
    .register_valid_o(register_valid), .register_offset_o(register_offset),
    .register_ready_i(register_ready), .register_rdata_i(register_rdata),
    .register_fault_i(register_fault), .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o,
    .mem_req_addr_o, .mem_req_wdata_o, .mem_req_wstrb_o, .mem_rsp_valid_i, .mem_rsp_rdata_i
  );

  apus_program_memory #(.Bytes(ProgramBytes)) u_program (
    .clk_i, .fetch_addr_i(fetch_addr), .fetch_rdata_o(fetch_rdata),
    .data_valid_i(program_valid), .data_write_i(data_write), .data_addr_i(data_addr),
    .data_wstrb_i(data_wstrb), .data_wdata_i(data_wdata), .data_rdata_o(program_rdata)
  );

  logic [3:0]   fetch_valid, beat_valid;
  logic [127:0] fetch_addrs, beat_data;
  logic [23:0]  fetch_words;
  logic [2:0]   beat_index;
  logic         beat_last;
  apus_argument_memory #(.Bytes(ArgumentBytes)) u_arguments (
    .clk_i, .rst_ni, .data_valid_i(argument_valid), .data_write_i(data_write),
    .data_addr_i(data_addr - apus_isa_pkg::BASE_ARGUMENTS), .data_wstrb_i(data_wstrb),
    .data_wdata_i(data_wdata), .data_rdata_o(argument_rdata), .fetch_valid_i(fetch_valid),
    .fetch_addr_i(fetch_addrs), .fetch_words_i(fetch_words), .beat_valid_o(beat_valid),
    .beat_index_o(beat_index), .beat_last_o(beat_last), .beat_data_o(beat_data)
  );

  logic [3:0]            queue_valid, queue_ready;
  logic [2:0]            queue_word;
  logic [Posters-1:0]    post_valid, post_ready;
  logic [5*Posters-1:0]  post_semaphore;
  logic [16*Posters-1:0] post_count;
  apus_core_registers #(
    .ScratchpadBytes(ScratchpadBytes), .AccumulatorBytes(AccumulatorBytes)
  ) u_registers (
    .clk_i, .rst_ni, .core_index_i, .core_count_i, .argument_bytes_i,
    .semaphores_i(semaphores_o), .valid_i(register_valid), .ready_o(register_ready),
    .write_i(data_write), .offset_i(register_offset), .wdata_i(data_wdata),
    .rdata_o(register_rdata), .fault_o(register_fault), .queue_valid_o(queue_valid),
    .queue_ready_i(queue_ready), .queue_word_o(queue_word), .post_valid_o(post_valid[0]),
    .post_semaphore_o(post_semaphore[4:0]), .post_count_o(post_count[15:0]), .console_valid_o,
    .console_o, .done_o, .status_o, .remote_post_valid_o, .remote_post_ready_i,
    .remote_post_core_o, .barrier_arrived_o, .barrier_release_i, .waits_o(waits)
  );
  assign remote_post_semaphore_o = post_semaphore[4:0];
  assign remote_post_count_o = post_count[15:0];

  // The processor posts first, then the queues in order, then other cores.
  assign post_valid[Posters-1] = remote_post_valid_i;
  assign remote_post_ready_o = post_ready[Posters-1];
  assign post_semaphore[5*(Posters-1) +: 5] = remote_post_semaphore_i;
  assign post_count[16*(Posters-1) +: 16] = remote_post_count_i;
  apus_semaphores #(.Posters(Posters)) u_semaphores (
    .clk_i, .rst_ni, .post_valid_i(post_valid), .post_ready_o(post_ready),
    .post_semaphore_i(post_semaphore), .post_count_i(post_count), .values_o(semaphores_o)
  );

  logic [3:0]    head_valid, pops, trap_valid, idle, quiet;
  logic [1023:0] heads;
  logic [15:0]   trap_causes;
  assign command_o = heads;
  assign commands_done_o = pops;
  generate
    for (genvar i = 0; i < Queues; i++) begin : gen_queue
      // Only Vector's descriptors are short.
      localparam int unsigned Words = i == 32'(apus_isa_pkg::ENGINE_VECTOR) ? 16 : 32;
      logic [32*Words-1:0] descriptor;
      assign descriptor_o[1024*i +: 1024] = 1024'(descriptor);
      apus_command_queue #(.Depth(QueueDepth)) u_queue (
        .clk_i, .rst_ni, .store_valid_i(queue_valid[i]), .store_ready_o(queue_ready[i]),
        .store_word_i(queue_word), .store_data_i(data_wdata), .head_valid_o(head_valid[i]),
        .head_o(heads[256*i +: 256]), .pop_i(pops[i])
      );
      apus_dispatch #(
        .Queue(2'(i)), .DescriptorWords(Words), .ArgumentBytes(ArgumentBytes)
      ) u_dispatch (
        .clk_i, .rst_ni, .halt_i(halts), .semaphores_i(semaphores_o),
        .head_valid_i(head_valid[i]), .head_i(heads[256*i +: 256]), .pop_o(pops[i]),
        .fetch_valid_o(fetch_valid[i]), .fetch_addr_o(fetch_addrs[32*i +: 32]),
        .fetch_words_o(fetch_words[6*i +: 6]), .beat_valid_i(beat_valid[i]),
        .beat_index_i(beat_index), .beat_last_i(beat_last), .beat_data_i(beat_data),
        .command_valid_o(command_valid_o[i]), .command_ready_i(command_ready_i[i]),
        .descriptor_o(descriptor), .engine_trap_valid_i(engine_trap_valid_i[i]),
        .engine_trap_cause_i(engine_trap_cause_i[4*i +: 4]), .post_valid_o(post_valid[i + 1]),
        .post_ready_i(post_ready[i + 1]), .post_semaphore_o(post_semaphore[5*(i + 1) +: 5]),
        .post_count_o(post_count[16*(i + 1) +: 16]), .trap_valid_o(trap_valid[i]),
        .trap_cause_o(trap_causes[4*i +: 4]), .idle_o(idle[i]), .quiet_o(quiet[i])
      );
    end
  endgenerate

  // The first trap is the launch's; of two in one cycle, that of the lower queue.
  logic         trap_valid_q;
  logic [1:0]   trap_engine_q, trap_engine_d;
  logic [3:0]   trap_cause_q;
  logic [255:0] trap_command_q;
  always_comb begin
    trap_engine_d = '0;
    for (int i = Queues - 1; i >= 0; i--) begin
      if (trap_valid[i]) trap_engine_d = 2'(i);
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      trap_valid_q <= 1'b0;
      trap_engine_q <= '0;
      trap_cause_q <= '0;
      trap_command_q <= '0;
    end else if (!trap_valid_q && trap_valid != '0) begin
      trap_valid_q <= 1'b1;
      trap_engine_q <= trap_engine_d;
      trap_cause_q <= trap_causes[4*trap_engine_d +: 4];
      trap_command_q <= heads[256*trap_engine_d +: 256];
    end
  end
  assign trap_valid_o = trap_valid_q;
  assign trap_engine_o = trap_engine_q;
  assign trap_cause_o = trap_cause_q;
  assign trap_command_o = trap_command_q;

  // A trap halts the core: nothing begins, what runs is finished. After an exception of the
  // processor the queues go on as long as they can.
  assign halts = trap_valid != '0 || trap_valid_q || memory_failed_i;
  assign holds = done_o || halts;

  logic is_drained, unused;
  assign is_drained = head_valid == '0;
  assign quiet_o = (holds || stopped_o || waits) && quiet == '1;
  assign ended_o = (halts && idle == '1 && (trap_valid_q || memory_failed_i))
      || (done_o && is_drained && idle == '1)
      || (stopped_o && quiet == '1);
  assign unused = post_ready[0];

endmodule
