/// Walks through a micro-program: one step for each element of all lanes, Beats of them.
///
///     step       beat 0 1 2 3   0 1 2 3   ...       one lane's elements, cycle by cycle
///     division   drain, then each beat: begin, wait until no lane is busy
///     again      back, until it was met often enough
///     end        a last turn of Beats cycles, in which results arrive
///
/// Latency: Beats cycles for each step.
/// Emulator twin: MicroInterpreter of Sources/ApusGenerate/Microcode
module apus_vector_sequencer #(
  parameter int unsigned Beats = 4,
  localparam int unsigned BeatWidth = $clog2(Beats)
) (
  input  logic                                          clk_i,
  input  logic                                          rst_ni,
  input  logic                                          start_i,
  input  logic [apus_vector_pkg::ADDRESS_WIDTH-1:0]     address_i,
  /// The last beat that has elements.
  input  logic [BeatWidth-1:0]                          beat_last_i,
  /// High for the last cycle of a program.
  output logic                                          done_o,
  output logic                                          running_o,
  output logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] instruction_o,
  output logic [BeatWidth-1:0]                          beat_o,
  // What the three are in the next cycle.
  output logic                                          next_running_o,
  output logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] next_instruction_o,
  output logic [BeatWidth-1:0]                          next_beat_o,
  output logic                                          issue_o,
  output logic                                          iterate_o,
  /// Whether any lane's divider works.
  input  logic                                          lanes_busy_i
);

  localparam logic [BeatWidth-1:0] LastBeat = BeatWidth'(Beats - 1);

  typedef enum logic [2:0] {
    STATE_IDLE,
    STATE_FETCH,
    STATE_STEP,
    STATE_BEGIN,
    STATE_WAIT
  } state_e;

  state_e                                        state_d, state_q;
  logic [apus_vector_pkg::ADDRESS_WIDTH-1:0]     address_d, address_q;
  logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] instruction_d, instruction_q, fetched;
  logic [BeatWidth-1:0]                          beat_d, beat_q;
  // How often the loop's end was met.
  logic [7:0]                                    rounds_d, rounds_q;

  apus_vector_rom u_rom (.address_i(address_q), .instruction_o(fetched));

  // Of an instruction only what controls the sequence matters here.
  // verilator lint_off UNUSEDSIGNAL
  apus_vector_pkg::instruction_t instruction;
  // verilator lint_on UNUSEDSIGNAL
  assign instruction = instruction_q;

  logic is_end, is_again, is_iterative, takes_next;
  assign is_end = instruction.opcode == apus_vector_pkg::MICRO_END;
  assign is_again = instruction.opcode == apus_vector_pkg::MICRO_AGAIN;
  assign is_iterative = instruction.opcode >= apus_vector_pkg::MICRO_DIV
      && instruction.opcode <= apus_vector_pkg::MICRO_REM_INT;

  always_comb begin
    state_d = state_q;
    address_d = address_q;
    beat_d = beat_q;
    rounds_d = rounds_q;
    takes_next = 1'b0;
    unique case (state_q)
      STATE_IDLE: begin
        if (start_i) begin
          state_d = STATE_FETCH;
          address_d = address_i;
          rounds_d = 8'd1;
        end
      end
      STATE_FETCH: begin
        state_d = STATE_STEP;
        takes_next = 1'b1;
      end
      STATE_STEP: begin
        beat_d = beat_q + 1'b1;
        if (is_again) begin
          beat_d = '0;
          if (rounds_q == instruction.value[7:0]) begin
            rounds_d = 8'd1;
            takes_next = 1'b1;
          end else begin
            rounds_d = rounds_q + 8'd1;
            address_d = address_q - apus_vector_pkg::ADDRESS_WIDTH'(instruction.value[15:8])
                - 1'b1;
            state_d = STATE_FETCH;
          end
        end else if (beat_q == LastBeat) begin
          beat_d = '0;
          if (is_end) state_d = STATE_IDLE;
          else if (is_iterative) state_d = STATE_BEGIN;
          else takes_next = 1'b1;
        end
      end
      STATE_BEGIN: state_d = STATE_WAIT;
      default: begin
        if (!lanes_busy_i) begin
          if (beat_q == beat_last_i) begin
            beat_d = '0;
            takes_next = 1'b1;
            state_d = STATE_STEP;
          end else begin
            beat_d = beat_q + 1'b1;
            state_d = STATE_BEGIN;
          end
        end
      end
    endcase
    instruction_d = instruction_q;
    if (takes_next) begin
      instruction_d = fetched;
      address_d = address_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= STATE_IDLE;
      address_q <= '0;
      instruction_q <= '0;
      beat_q <= '0;
      rounds_q <= '0;
    end else begin
      state_q <= state_d;
      address_q <= address_d;
      instruction_q <= instruction_d;
      beat_q <= beat_d;
      rounds_q <= rounds_d;
    end
  end

  assign instruction_o = instruction_q;
  assign beat_o = beat_q;
  assign running_o = state_q != STATE_IDLE;
  assign next_running_o = state_d != STATE_IDLE;
  assign next_instruction_o = instruction_d;
  assign next_beat_o = beat_d;
  assign issue_o = state_q == STATE_STEP && !is_end && !is_again && !is_iterative;
  assign iterate_o = state_q == STATE_BEGIN;
  assign done_o = state_q == STATE_STEP && is_end && beat_q == LastBeat;

endmodule
