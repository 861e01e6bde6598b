/// The lanes with their sequencer: Lanes × Beats elements, a strip.
///
///     element e = beat · Lanes + lane
///
/// Elements meet in two kinds of step: `neighbour` reads the element that lies 8, 4, 2 or 1 further
/// on, `first` the strip's first. A distance of whole beats is another register of the same lane; a
/// shorter one is read from another lane in the same beat (the tree of a reduction asks for no
/// more).
///
/// While no program runs, port p reads and writes the registers of the lanes that it serves, those
/// from p · Lanes / Ports on.
///
/// Latency: see apus_vector_sequencer.
module apus_vector_lanes #(
  parameter int unsigned Lanes = 8,
  parameter int unsigned Beats = 4,
  parameter int unsigned Ports = 4,
  localparam int unsigned BeatWidth = $clog2(Beats),
  localparam int unsigned LanesEach = Lanes / Ports,
  localparam int unsigned PlaceWidth = $clog2(LanesEach) + (LanesEach == 1 ? 1 : 0),
  localparam int unsigned CountWidth = $clog2(Lanes * Beats + 1)
) (
  input  logic                                      clk_i,
  input  logic                                      rst_ni,
  // A program.
  input  logic                                      start_i,
  input  logic [apus_vector_pkg::ADDRESS_WIDTH-1:0] address_i,
  output logic                                      done_o,
  /// Elements of the strip that the row has.
  input  logic [CountWidth-1:0]                     count_i,
  /// Column, and running number in the command, of the strip's first element.
  input  logic [31:0]                               column_i,
  input  logic [63:0]                               counter_i,
  input  logic [31:0]                               immediate_b_i,
  input  logic [31:0]                               immediate_c_i,
  // The ports' way to registers: lane of the port, beat, and the register of the next cycle.
  input  logic [PlaceWidth*Ports-1:0]               read_lane_i,
  input  logic [BeatWidth*Ports-1:0]                read_beat_i,
  input  logic [3:0]                                next_read_register_i,
  output logic [32*Ports-1:0]                       read_value_o,
  input  logic [Ports-1:0]                          write_i,
  input  logic [PlaceWidth*Ports-1:0]               write_lane_i,
  input  logic [BeatWidth*Ports-1:0]                write_beat_i,
  input  logic [3:0]                                write_register_i,
  input  logic [32*Ports-1:0]                       write_value_i
);

  logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] instruction_bits;
  logic [BeatWidth-1:0]                          beat, beat_last;
  logic [CountWidth-1:0]                         index_last;
  logic                                          running, issue, iterate, next_running;
  logic [apus_vector_pkg::INSTRUCTION_WIDTH-1:0] next_instruction_bits;
  logic [BeatWidth-1:0]                          next_beat;
  logic [Lanes-1:0]                              busy;

  assign index_last = count_i == '0 ? '0 : count_i - 1'b1;
  assign beat_last = BeatWidth'(index_last / CountWidth'(Lanes));

  apus_vector_sequencer #(.Beats(Beats)) u_sequencer (
    .clk_i,
    .rst_ni,
    .start_i,
    .address_i,
    .beat_last_i(beat_last),
    .done_o,
    .running_o(running),
    .instruction_o(instruction_bits),
    .beat_o(beat),
    .next_running_o(next_running),
    .next_instruction_o(next_instruction_bits),
    .next_beat_o(next_beat),
    .issue_o(issue),
    .iterate_o(iterate),
    .lanes_busy_i(busy != '0)
  );

  // Only some fields matter here.
  // verilator lint_off UNUSEDSIGNAL
  apus_vector_pkg::instruction_t instruction, next_instruction;
  // verilator lint_on UNUSEDSIGNAL
  assign instruction = instruction_bits;
  assign next_instruction = next_instruction_bits;

  logic                 is_neighbour, is_first, is_next_neighbour, is_next_first;
  logic [BeatWidth-1:0] next_shared_beat, shared_beat_q;
  logic [3:0]           shared_register_q;
  logic [32*Lanes-1:0]  shared;

  assign is_neighbour = instruction.opcode == apus_vector_pkg::MICRO_NEIGHBOUR;
  assign is_first = instruction.opcode == apus_vector_pkg::MICRO_FIRST;
  assign is_next_neighbour = next_instruction.opcode == apus_vector_pkg::MICRO_NEIGHBOUR;
  assign is_next_first = next_instruction.opcode == apus_vector_pkg::MICRO_FIRST;

  always_comb begin
    next_shared_beat = next_beat;
    if (is_next_first) next_shared_beat = '0;
    else if (is_next_neighbour) begin
      next_shared_beat = next_beat + BeatWidth'({27'b0, next_instruction.value[4:0]} / Lanes);
    end
  end

  // Registers, so that a step's first operand comes as early as its others.
  always_ff @(posedge clk_i) begin
    shared_beat_q <= next_shared_beat;
    shared_register_q <= next_running ? next_instruction.a[3:0] : next_read_register_i;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lanes
    localparam int unsigned Port = l / LanesEach;
    localparam int unsigned Place = l % LanesEach;

    logic [CountWidth-1:0] index;
    logic [31:0]           neighbour;
    logic                  is_read_here, is_written;
    logic [31:0]           own;

    assign index = CountWidth'(Lanes) * CountWidth'(beat) + CountWidth'(l);
    assign shared[32*l +: 32] = own;

    // The lane that a neighbour lies in; beyond the last one nothing is asked for.
    always_comb begin
      neighbour = own;
      if (is_first) neighbour = shared[31:0];
      else begin
        for (int unsigned distance = 1; distance < Lanes && distance < 16; distance *= 2) begin
          if (instruction.value[4:0] == 5'(distance)) begin
            neighbour = shared[32 * ((l + distance) % Lanes) +: 32];
          end
        end
      end
    end

    assign is_written = write_i[Port]
        && write_lane_i[PlaceWidth*Port +: PlaceWidth] == PlaceWidth'(Place);
    assign is_read_here = !running;

    apus_vector_lane #(.Beats(Beats)) u_lane (
      .clk_i,
      .rst_ni,
      .instruction_i(instruction_bits),
      .issue_i(issue),
      .iterate_i(iterate),
      .beat_i(beat),
      .active_i(index < count_i),
      .column_i(column_i + 32'(index)),
      .counter_i(counter_i + 64'(index)),
      .immediate_b_i,
      .immediate_c_i,
      .busy_o(busy[l]),
      .take_shared_i(is_neighbour || is_first),
      .shared_i(neighbour),
      .shared_beat_i(is_read_here ? read_beat_i[BeatWidth*Port +: BeatWidth] : shared_beat_q),
      .shared_register_i(shared_register_q),
      .shared_o(own),
      .write_i(is_written),
      .write_beat_i(write_beat_i[BeatWidth*Port +: BeatWidth]),
      .write_register_i,
      .write_value_i(write_value_i[32*Port +: 32])
    );
  end

  for (genvar p = 0; p < Ports; p++) begin : gen_reads
    logic [31:0] lane_offset;
    assign lane_offset = 32'(p * LanesEach) + 32'(read_lane_i[PlaceWidth*p +: PlaceWidth]);
    assign read_value_o[32*p +: 32] = shared[32 * lane_offset +: 32];
  end

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// Memory does not write while a program runs.
  NoWriteWhileRunning: assert property (@(posedge clk_i) disable iff (!is_running_q)
      running |-> write_i == '0);
`endif

endmodule
