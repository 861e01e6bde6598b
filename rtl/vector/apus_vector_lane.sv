/// One lane of the Vector engine: registers of Beats elements, multiply-adder, divider, and what
/// works on bits.
///
/// A step is issued for one element per cycle, `beat_i` saying which. Its operands are read in that
/// cycle, and its result is written at the end of the third cycle after it, whatever the step: so
/// the next step may follow after Beats cycles without knowing of it. The divider's steps
/// (`iterate_i` begins one) are written when they are done.
///
/// Between programs the registers are written from outside and shown on `shared_o`.
///
/// Latency: 4 cycles from issue to the next read.  Throughput: one element per cycle.
module apus_vector_lane #(
  parameter int unsigned Beats = 4,
  localparam int unsigned BeatWidth = $clog2(Beats)
) (
  input  logic                                          clk_i,
  input  logic                                          rst_ni,
  // The step. Of an instruction the parts that control the sequence mean nothing here.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] instruction_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic                                          issue_i,
  input  logic                                          iterate_i,
  input  logic [BeatWidth-1:0]                          beat_i,
  /// Whether the row has this element.
  input  logic                                          active_i,
  input  logic [31:0]                                   column_i,
  input  logic [63:0]                                   counter_i,
  input  logic [31:0]                                   immediate_b_i,
  input  logic [31:0]                                   immediate_c_i,
  output logic                                          busy_o,
  // Register a of another lane, and this lane's for others.
  input  logic                                          take_shared_i,
  input  logic [31:0]                                   shared_i,
  input  logic [BeatWidth-1:0]                          shared_beat_i,
  input  logic [3:0]                                    shared_register_i,
  output logic [31:0]                                   shared_o,
  // Writes from memory, while no program runs.
  input  logic                                          write_i,
  input  logic [BeatWidth-1:0]                          write_beat_i,
  input  logic [3:0]                                    write_register_i,
  input  logic [31:0]                                   write_value_i
);

  // verilator lint_off UNUSEDSIGNAL
  apus_vector_pkg::instruction_t instruction;
  // verilator lint_on UNUSEDSIGNAL
  assign instruction = instruction_i;

  // Registers and operands ------------------------------------------------------------------------

  logic [31:0] registers_q [Beats*apus_vector_pkg::REGISTER_COUNT];
  logic [31:0] register_b, register_c, operand_a, operand_b, operand_c;
  logic [31:0] counted_a, counted_b;
  logic        is_counter;

  assign is_counter = instruction.a == apus_vector_pkg::PLACE_COUNTER_LOW
      || instruction.a == apus_vector_pkg::PLACE_COUNTER_HIGH;

  assign shared_o = registers_q[{shared_beat_i, shared_register_i}];
  assign register_b = registers_q[{beat_i, instruction.b[3:0]}];
  assign register_c = registers_q[{beat_i, instruction.c[3:0]}];

  /// What is at a place that stands in the step or the command.
  function automatic logic [31:0] standing(
    input logic [4:0] place, input logic [31:0] value, input logic [31:0] immediate_b,
    input logic [31:0] immediate_c
  );
    case (place)
      apus_vector_pkg::PLACE_CONSTANT: standing = value;
      apus_vector_pkg::PLACE_ONE: standing = 32'h3F80_0000;
      apus_vector_pkg::PLACE_IMMEDIATE_B: standing = immediate_b;
      apus_vector_pkg::PLACE_IMMEDIATE_C: standing = immediate_c;
      default: standing = '0;
    endcase
  endfunction

  always_comb begin
    operand_a = shared_o;
    if (instruction.a[4]) begin
      operand_a = standing(instruction.a, instruction.value, immediate_b_i, immediate_c_i);
    end
    operand_b = register_b;
    if (instruction.b[4]) begin
      operand_b = standing(instruction.b, instruction.value, immediate_b_i, immediate_c_i);
    end
    operand_c = register_c;
    if (instruction.c[4]) begin
      operand_c = standing(instruction.c, instruction.value, immediate_b_i, immediate_c_i);
    end
    // What other lanes have and what is counted comes late, and is only for bits and integers.
    counted_a = operand_a;
    if (take_shared_i) counted_a = shared_i;
    else if (instruction.a == apus_vector_pkg::PLACE_COLUMN) counted_a = column_i;
    else if (is_counter) counted_a = instruction.a[0] ? counter_i[63:32] : counter_i[31:0];
    counted_b = operand_b;
    if (instruction.b == apus_vector_pkg::PLACE_COLUMN) counted_b = column_i;
  end

  // Multiply-adder: a sum is a · 1 + b, a product a · b + (-0) ------------------------------------

  logic [31:0] signed_a, signed_b, signed_c, multiplicand, multiplier, addend, sum;
  logic        is_add, is_mul, is_multiply_add;

  assign is_add = instruction.opcode == apus_vector_pkg::MICRO_ADD;
  assign is_mul = instruction.opcode == apus_vector_pkg::MICRO_MUL;
  assign is_multiply_add = instruction.opcode == apus_vector_pkg::MICRO_FMA || is_add || is_mul;
  assign signed_a = operand_a ^ {instruction.negations[0], 31'b0};
  assign signed_b = operand_b ^ {instruction.negations[1], 31'b0};
  assign signed_c = operand_c ^ {instruction.negations[2], 31'b0};
  // Others leave the multiplier at rest.
  assign multiplicand = is_multiply_add ? signed_a : '0;
  always_comb begin
    multiplier = '0;
    addend = '0;
    if (is_multiply_add) begin
      multiplier = is_add ? 32'h3F80_0000 : signed_b;
      addend = is_add ? signed_b : is_mul ? 32'h8000_0000 : signed_c;
    end
  end

  apus_fma_fp32 #(.Stages(3)) u_fma (
    .clk_i,
    .a_i(multiplicand),
    .b_i(multiplier),
    .c_i(addend),
    .result_o(sum)
  );

  // Bits and integers: operands, result, and a stage to come with the multiply-adder --------------

  logic [31:0] alu_a_q, alu_b_q, alu_c_q, alu_result_d, alu_result_q, alu_waiting_q;
  logic [5:0]  alu_opcode_q;

  apus_vector_alu u_alu (
    .opcode_i(alu_opcode_q),
    .a_i(alu_a_q),
    .b_i(alu_b_q),
    .c_i(alu_c_q),
    .result_o(alu_result_d)
  );

  always_ff @(posedge clk_i) begin
    alu_opcode_q <= instruction.opcode;
    alu_a_q <= counted_a;
    alu_b_q <= counted_b;
    alu_c_q <= operand_c;
    alu_result_q <= alu_result_d;
    alu_waiting_q <= alu_result_q;
  end

  // Divider ---------------------------------------------------------------------------------------

  logic        divider_done;
  logic [31:0] quotient;
  logic [5:0]  divider_op;

  assign divider_op = instruction.opcode - apus_vector_pkg::MICRO_DIV;

  apus_divide u_divide (
    .clk_i,
    .rst_ni,
    .start_i(iterate_i && active_i),
    .op_i(divider_op[2:0]),
    .a_i(operand_a),
    .b_i(operand_b),
    .busy_o,
    .done_o(divider_done),
    .result_o(quotient)
  );

  logic unused_op;
  assign unused_op = ^divider_op[5:3];

  // Writing back ----------------------------------------------------------------------------------

  /// Where the result of an issued step goes.
  typedef struct packed {
    logic                 valid;
    logic                 is_sum;
    logic [BeatWidth-1:0] beat;
    logic [3:0]           place;
  } target_t;

  target_t issued, first_q, second_q, third_q;

  assign issued.valid = issue_i && (active_i || !instruction.is_masked);
  assign issued.is_sum = is_multiply_add;
  assign issued.beat = beat_i;
  assign issued.place = instruction.destination;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= '0;
      second_q <= '0;
      third_q <= '0;
    end else begin
      first_q <= issued;
      second_q <= first_q;
      third_q <= second_q;
    end
  end

  logic                 writes;
  logic [BeatWidth+3:0] write_place;
  logic [31:0]          write_value;

  always_comb begin
    writes = third_q.valid;
    write_place = {third_q.beat, third_q.place};
    write_value = third_q.is_sum ? sum : alu_waiting_q;
    if (divider_done) begin
      writes = 1'b1;
      write_place = {beat_i, instruction.destination};
      write_value = quotient;
    end else if (write_i) begin
      writes = 1'b1;
      write_place = {write_beat_i, write_register_i};
      write_value = write_value_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (writes) registers_q[write_place] <= write_value;
  end

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// Whether a place is that of a column or of a running number.
  function automatic logic is_count(input logic [4:0] place);
    is_count = place == apus_vector_pkg::PLACE_COLUMN
        || place == apus_vector_pkg::PLACE_COUNTER_LOW
        || place == apus_vector_pkg::PLACE_COUNTER_HIGH;
  endfunction

  /// Neither multiply-adder nor divider reads columns or running numbers.
  CountsAreIntegers: assert property (@(posedge clk_i) disable iff (!is_running_q)
      (issue_i && is_multiply_add) || iterate_i
      |-> !is_count(instruction.a) && !is_count(instruction.b) && !is_count(instruction.c));
  /// The running number is a first operand, and the column none but the first two.
  CountsComeFirst: assert property (@(posedge clk_i) disable iff (!is_running_q)
      issue_i |-> !is_count(instruction.c) && (!is_count(instruction.b)
          || instruction.b == apus_vector_pkg::PLACE_COLUMN));
  /// Only one result is written in a cycle.
  OneWrite: assert property (@(posedge clk_i) disable iff (!is_running_q)
      32'(third_q.valid) + 32'(divider_done) + 32'(write_i) <= 1);
`endif

endmodule
