/// Takes commands from the head of one queue to its engine, in order, one at a time.
///
/// A command waits for its two semaphores, is checked as far as its word goes, gets its descriptor
/// from argument memory, runs, posts, and only then leaves the queue. A command that is refused, by
/// the check or by the engine, stays at the head and its queue with it: `trap_valid_o`.
///
///     idle ─ waits pass ─► check ─► fetch ─► run ─► post ─► idle
///                            │ nop ──────────────────▲
///                            └──────────► trap ◄─ run
///
/// Latency: check 1 cycle, fetch 9 (16 words: 5) when nobody else fetches, post 1.
module apus_dispatch #(
  parameter logic [1:0]  Queue           = 2'd0,
  parameter int unsigned DescriptorWords = 32,
  parameter int unsigned ArgumentBytes   = apus_chip_pkg::ArgumentBytes
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // No further command begins while this is high.
  input  logic         halt_i,
  input  logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] semaphores_i,

  input  logic         head_valid_i,
  input  logic [255:0] head_i,
  output logic         pop_o,

  // The descriptor: a request that stays until its last beat of four words has come.
  output logic         fetch_valid_o,
  output logic [31:0]  fetch_addr_o,
  output logic [5:0]   fetch_words_o,
  input  logic         beat_valid_i,
  input  logic [2:0]   beat_index_i,
  input  logic         beat_last_i,
  input  logic [127:0] beat_data_i,

  output logic                          command_valid_o,
  input  logic                          command_ready_i,
  output logic [32*DescriptorWords-1:0] descriptor_o,
  input  logic                          engine_trap_valid_i,
  input  logic [3:0]                    engine_trap_cause_i,

  output logic         post_valid_o,
  input  logic         post_ready_i,
  output logic [4:0]   post_semaphore_o,
  output logic [15:0]  post_count_o,

  output logic         trap_valid_o,
  output logic [3:0]   trap_cause_o,
  // Nothing is under way, though a command may wait for its semaphores.
  output logic         idle_o,
  // Idle, and nothing that could begin.
  output logic         quiet_o
);

  localparam int unsigned ALIGNMENT_BITS = 4;

  typedef enum logic [2:0] {
    STATE_IDLE, STATE_CHECK, STATE_FETCH, STATE_RUN, STATE_POST, STATE_TRAP
  } state_e;
  state_e state_q, state_d;

  logic [3:0] cause_q, cause_d;

  // Waits.
  logic passes_a, passes_b, may_begin;
  apus_wait u_wait_a (
    .values_i(semaphores_i),
    .semaphore_i(head_i[apus_isa_pkg::SYNC_WAIT_A_LSB +: apus_isa_pkg::SYNC_WAIT_A_WIDTH]),
    .value_i(head_i[apus_isa_pkg::SYNC_WAIT_A_VALUE_LSB +: 16]), .passes_o(passes_a)
  );
  apus_wait u_wait_b (
    .values_i(semaphores_i),
    .semaphore_i(head_i[apus_isa_pkg::SYNC_WAIT_B_LSB +: apus_isa_pkg::SYNC_WAIT_B_WIDTH]),
    .value_i(head_i[apus_isa_pkg::SYNC_WAIT_B_VALUE_LSB +: 16]), .passes_o(passes_b)
  );
  assign may_begin = head_valid_i && passes_a && passes_b;

  // The word, and where its descriptor lies.
  logic [3:0]  check_cause;
  logic        is_nop, is_misplaced;
  logic [31:0] descriptor_address;
  logic [32:0] descriptor_end;
  logic [5:0]  descriptor_words;
  apus_command_check u_check (
    .command_i(head_i), .queue_i(Queue), .cause_o(check_cause), .is_nop_o(is_nop),
    .descriptor_o(descriptor_address), .descriptor_words_o(descriptor_words)
  );
  assign descriptor_end = {1'b0, descriptor_address} + {25'd0, descriptor_words, 2'b00};
  assign is_misplaced = descriptor_address[ALIGNMENT_BITS-1:0] != '0
      || descriptor_end > 33'(ArgumentBytes);

  always_comb begin
    state_d = state_q;
    cause_d = cause_q;
    unique case (state_q)
      STATE_IDLE: begin
        if (may_begin && !halt_i) state_d = STATE_CHECK;
      end
      STATE_CHECK: begin
        cause_d = check_cause;
        if (check_cause != '0) begin
          state_d = STATE_TRAP;
        end else if (is_nop) begin
          state_d = STATE_POST;
        end else if (is_misplaced) begin
          cause_d = apus_isa_pkg::CAUSE_BAD_DESCRIPTOR;
          state_d = STATE_TRAP;
        end else begin
          state_d = STATE_FETCH;
        end
      end
      STATE_FETCH: begin
        if (beat_valid_i && beat_last_i) state_d = STATE_RUN;
      end
      STATE_RUN: begin
        if (command_ready_i) begin
          cause_d = engine_trap_cause_i;
          state_d = engine_trap_valid_i ? STATE_TRAP : STATE_POST;
        end
      end
      STATE_POST: begin
        if (post_ready_i || !post_valid_o) state_d = STATE_IDLE;
      end
      default: state_d = STATE_TRAP;
    endcase
  end

  logic [32*DescriptorWords-1:0] descriptor_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= STATE_IDLE;
      cause_q <= '0;
    end else begin
      state_q <= state_d;
      cause_q <= cause_d;
    end
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DescriptorWords / 4; i++) begin
      if (beat_valid_i && beat_index_i == 3'(i)) descriptor_q[128*i +: 128] <= beat_data_i;
    end
  end

  assign fetch_valid_o = state_q == STATE_FETCH;
  assign fetch_addr_o = descriptor_address;
  assign fetch_words_o = descriptor_words;
  assign command_valid_o = state_q == STATE_RUN;
  assign descriptor_o = descriptor_q;
  assign post_semaphore_o =
      head_i[apus_isa_pkg::SYNC_POST_LSB +: apus_isa_pkg::SYNC_POST_WIDTH];
  assign post_count_o =
      {12'd0, head_i[apus_isa_pkg::SYNC_POST_COUNT_LSB +: apus_isa_pkg::SYNC_POST_COUNT_WIDTH]};
  assign post_valid_o = state_q == STATE_POST && post_semaphore_o != '0;
  assign pop_o = state_q == STATE_POST && state_d == STATE_IDLE;
  assign trap_valid_o = state_q == STATE_TRAP;
  assign trap_cause_o = cause_q;
  assign idle_o = state_q == STATE_IDLE || state_q == STATE_TRAP;
  assign quiet_o = state_q == STATE_TRAP || (state_q == STATE_IDLE && !may_begin);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (state_q == STATE_RUN && command_ready_i) begin
      refusal_has_a_cause :
      assert (engine_trap_valid_i == (engine_trap_cause_i != '0));
    end
  end
`endif

endmodule
