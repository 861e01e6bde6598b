/// The Vector engine: planes of rows of columns, element by element, reduced, scanned, selected or
/// generated, in FP32 or INT32, with conversion from and to memory.
///
///     check ─► for each row:   [row] for each result of a top-k: [start]
///                                for each strip: fetch a, b, c ─► step ─► store d
///                              [finish] ─► store d, and a top-k's indices
///
/// Brackets are micro-programs that only some forms have. A strip is Lanes · Beats columns of a
/// row; of a reduction or a top-k sixteen columns, whatever the lanes, so that the order of
/// summation is the law's; of a scan one column of Lanes · Beats rows, which are independent of
/// each other.
///
/// Latency: docs/hardware/vector.md.
/// Emulator twin: Sources/ApusMachine/Engines/OracleVector.swift, Sources/CApusMachine/Vector.c
module apus_vector_engine #(
  parameter int unsigned Ports            = apus_core_pkg::VectorPorts,
  parameter int unsigned Lanes            = apus_chip_pkg::VectorLanes,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                command_valid_i,
  output logic                command_ready_o,
  input  logic [255:0]        command_i,
  // A Vector descriptor is half as long as others.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [1023:0]       descriptor_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                trap_valid_o,
  output logic [3:0]          trap_cause_o,
  output logic                busy_o,
  output logic [Ports-1:0]    mem_req_valid_o,
  input  logic [Ports-1:0]    mem_req_ready_i,
  output logic [Ports-1:0]    mem_req_write_o,
  output logic [32*Ports-1:0] mem_req_addr_o,
  output logic [64*Ports-1:0] mem_req_wdata_o,
  output logic [8*Ports-1:0]  mem_req_wstrb_o,
  input  logic [Ports-1:0]    mem_rsp_valid_i,
  input  logic [64*Ports-1:0] mem_rsp_rdata_i,
  // The memory reports errors itself, and stops the core.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [Ports-1:0]    mem_rsp_error_i
  // verilator lint_on UNUSEDSIGNAL
);

  // Elements of a lane: as many as a step takes cycles.
  localparam int unsigned Beats = 4;
  localparam int unsigned StripElements = Lanes * Beats;
  localparam int unsigned Partials = apus_vector_pkg::PARTIAL_COUNT;
  localparam int unsigned LanesEach = Lanes / Ports;
  localparam int unsigned BeatWidth = $clog2(Beats);
  localparam int unsigned PlaceWidth = $clog2(LanesEach) + (LanesEach == 1 ? 1 : 0);
  localparam int unsigned CountWidth = $clog2(StripElements + 1);

  localparam int unsigned OPERAND_D = 0;
  localparam int unsigned OPERAND_A = 1;
  localparam int unsigned OPERAND_B = 2;
  localparam int unsigned OPERAND_C = 3;

  typedef enum logic [3:0] {
    STATE_IDLE,
    STATE_CHECK,
    STATE_ROW,
    STATE_PASS,
    STATE_STRIP,
    STATE_FETCH,
    STATE_FETCH_WAIT,
    STATE_PROGRAM,
    STATE_PROGRAM_WAIT,
    STATE_STORE,
    STATE_STORE_WAIT,
    STATE_NEXT_STRIP,
    STATE_NEXT_ROW,
    STATE_FINISH
  } state_e;

  // The command -----------------------------------------------------------------------------------

  logic [7:0]  opcode;
  logic [31:0] columns, rows, planes, immediate_b, immediate_c;
  logic        is_exclusive, is_reverse;
  logic [4:0]  format [4];
  logic [32:0] address [4];
  logic [32:0] column_stride [4];
  logic [32:0] row_stride [4];
  logic [32:0] plane_stride [4];
  // Whether elements are half bytes; of the command, from its check on.
  logic [3:0]  is_half_q;

  assign opcode = command_i[apus_isa_pkg::SYNC_OPCODE_LSB +: 8];
  assign columns = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_COLUMNS_LSB +: 32];
  assign rows = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_ROWS_LSB +: 32];
  assign planes = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_PLANES_LSB +: 32];
  assign immediate_b = command_i[apus_isa_pkg::VECTOR_B_LSB +: 32];
  assign immediate_c = command_i[apus_isa_pkg::VECTOR_C_LSB +: 32];
  assign is_exclusive = command_i[apus_isa_pkg::VECTOR_EXCLUSIVE_LSB];
  assign is_reverse = command_i[apus_isa_pkg::VECTOR_REVERSE_LSB];
  assign format[OPERAND_D] = command_i[apus_isa_pkg::VECTOR_D_FORMAT_LSB +: 5];
  assign format[OPERAND_A] = command_i[apus_isa_pkg::VECTOR_A_FORMAT_LSB +: 5];
  assign format[OPERAND_B] = command_i[apus_isa_pkg::VECTOR_B_FORMAT_LSB +: 5];
  assign format[OPERAND_C] = command_i[apus_isa_pkg::VECTOR_C_FORMAT_LSB +: 5];

  // Places count half bytes; strides do so where elements are half bytes.
  for (genvar o = 0; o < 4; o++) begin : gen_operands
    localparam int unsigned Address = apus_isa_pkg::VECTOR_D_LSB + 32 * o;
    localparam int unsigned Strides = apus_isa_pkg::VECTOR_DESCRIPTOR_D_STRIDES_LSB + 96 * o;
    logic [31:0] by_column, by_row, by_plane;
    logic        is_half;
    assign is_half = is_half_q[o];
    assign by_column = descriptor_i[Strides +: 32];
    assign by_row = descriptor_i[Strides+32 +: 32];
    assign by_plane = descriptor_i[Strides+64 +: 32];
    assign address[o] = {command_i[Address +: 32], 1'b0};
    assign column_stride[o] = is_half ? {by_column[31], by_column} : {by_column, 1'b0};
    assign row_stride[o] = is_half ? {by_row[31], by_row} : {by_row, 1'b0};
    assign plane_stride[o] = is_half ? {by_plane[31], by_plane} : {by_plane, 1'b0};
  end

  // Check -----------------------------------------------------------------------------------------

  state_e          state_d, state_q;
  logic            check_done, is_empty, is_floating;
  logic [3:0]      cause, cause_q;
  logic [2:0]      form, form_q;
  logic [33*4-1:0] column_reach;

  apus_vector_check #(
    .ScratchpadBytes(ScratchpadBytes),
    .AccumulatorBytes(AccumulatorBytes)
  ) u_check (
    .clk_i,
    .rst_ni,
    .start_i(state_q == STATE_IDLE && command_valid_i),
    .command_i,
    .descriptor_i(descriptor_i[511:0]),
    .done_o(check_done),
    .cause_o(cause),
    .is_empty_o(is_empty),
    .form_o(form),
    .is_floating_o(is_floating),
    .column_reach_o(column_reach)
  );

  // The command's form, from its check on.
  logic is_scan, is_topk, is_reduction, has_result, has_a, has_b, has_c, is_argument;
  assign is_scan = form_q == apus_vector_pkg::FORM_SCAN;
  assign is_topk = form_q == apus_vector_pkg::FORM_TOPK;
  assign is_reduction = form_q == apus_vector_pkg::FORM_REDUCTION;
  // What comes of a whole row, and not of each strip.
  assign has_result = is_reduction || is_topk;
  assign has_a = form_q < apus_vector_pkg::FORM_IOTA;
  assign has_b = form_q == apus_vector_pkg::FORM_BINARY || form_q == apus_vector_pkg::FORM_TERNARY;
  assign has_c = form_q == apus_vector_pkg::FORM_TERNARY;
  assign is_argument = opcode == apus_isa_pkg::OP_RARGMAX || opcode == apus_isa_pkg::OP_RARGMIN;

  // Where the engine is: plane, row, column, result of a top-k ------------------------------------

  logic [31:0] plane_q, row_q, column_q, pass_q;
  logic [63:0] row_counter_q;
  logic [32:0] plane_base_q [4];
  logic [32:0] row_base_q [4];
  logic [32:0] base_q [4];
  // The operand that is fetched or stored.
  logic [1:0]  operand_d, operand_q;
  logic [2:0]  phase_d, phase_q;

  logic [31:0]           left, row_advance;
  logic [CountWidth-1:0] strip_count, count_q;
  logic                  is_row_done, is_last_row, is_last_plane, is_last_pass;

  always_comb begin
    left = is_scan ? rows - row_q : columns - column_q;
    strip_count = CountWidth'(has_result ? Partials : StripElements);
    if (left < 32'(strip_count)) strip_count = CountWidth'(left);
  end
  // Of a scan as many rows as a strip has elements, or all that are left.
  assign row_advance = is_scan ? 32'(StripElements) : 32'd1;
  assign is_row_done = column_q >= columns;
  assign is_last_row = rows - row_q <= row_advance;
  assign is_last_plane = plane_q + 32'd1 >= planes;
  assign is_last_pass = pass_q + 32'd1 >= immediate_b;

  // Lanes and ports -------------------------------------------------------------------------------

  logic                                      program_done, is_absent;
  logic [apus_vector_pkg::ADDRESS_WIDTH-1:0] entry;
  logic [PlaceWidth*Ports-1:0]               read_lane, write_lane;
  logic [BeatWidth*Ports-1:0]                read_beat, write_beat;
  logic [32*Ports-1:0]                       read_value, write_value;
  logic [Ports-1:0]                          writes, port_busy, port_go;
  logic [3:0]                                fetch_register;

  apus_vector_entry u_entry (
    .opcode_i(opcode),
    .is_floating_i(is_floating),
    .phase_i(phase_q),
    .address_o(entry),
    .is_absent_o(is_absent)
  );

  apus_vector_lanes #(.Lanes(Lanes), .Beats(Beats), .Ports(Ports)) u_lanes (
    .clk_i,
    .rst_ni,
    .start_i(state_q == STATE_PROGRAM),
    .address_i(entry),
    .done_o(program_done),
    .count_i(count_q),
    .column_i(column_q),
    .counter_i(row_counter_q + 64'(column_q)),
    .immediate_b_i(immediate_b),
    .immediate_c_i(immediate_c),
    .read_lane_i(read_lane),
    .read_beat_i(read_beat),
    .next_read_register_i(operand_d == 2'(OPERAND_C) ? 4'd1 : 4'd0),
    .read_value_o(read_value),
    .write_i(writes),
    .write_lane_i(write_lane),
    .write_beat_i(write_beat),
    .write_register_i(fetch_register),
    .write_value_i(write_value)
  );

  // Registers 0, 1, 2 take a, b, c.
  assign fetch_register = {2'b0, operand_q} - 4'd1;

  logic                  is_store, is_constant, result_is_float, is_half_store;
  logic [4:0]            source, destination, compute_format, result_format;
  logic [2:0]            rounding;
  logic [32:0]           element_stride;
  logic [CountWidth-1:0] move_count;

  assign compute_format = is_floating ? apus_isa_pkg::FORMAT_FP32 : apus_isa_pkg::FORMAT_INT32;
  assign result_is_float = is_floating && !is_argument;
  assign result_format = result_is_float ? apus_isa_pkg::FORMAT_FP32 : apus_isa_pkg::FORMAT_INT32;
  assign is_store = state_q == STATE_STORE || state_q == STATE_STORE_WAIT;
  assign is_constant = !is_store
      && ((operand_q == 2'(OPERAND_B) && command_i[apus_isa_pkg::VECTOR_B_IMMEDIATE_LSB])
          || (operand_q == 2'(OPERAND_C) && command_i[apus_isa_pkg::VECTOR_C_IMMEDIATE_LSB]));
  assign is_half_store = is_store && is_half_q[operand_q];
  assign element_stride = is_scan ? row_stride[operand_q] : column_stride[operand_q];
  assign move_count = is_store && has_result ? CountWidth'(1) : count_q;

  always_comb begin
    source = is_constant ? compute_format : format[operand_q];
    destination = compute_format;
    rounding = apus_isa_pkg::ROUND_NEAREST_EVEN;
    if (is_store) begin
      // A top-k's indices go to c.
      source = operand_q == 2'(OPERAND_C) ? apus_isa_pkg::FORMAT_INT32 : result_format;
      destination = format[operand_q];
      rounding = command_i[apus_isa_pkg::VECTOR_ROUNDING_LSB +: 3];
    end
  end

  for (genvar p = 0; p < Ports; p++) begin : gen_ports
    // Two 4-bit elements of one byte may belong to different ports.
    if (p == 0) begin : gen_first
      assign port_go[p] = 1'b1;
    end else begin : gen_later
      assign port_go[p] = !is_half_store || port_busy[p-1:0] == '0;
    end

    apus_vector_port #(
      .Lanes(Lanes),
      .LanesEach(LanesEach),
      .Beats(Beats),
      .LaneFirst(p * LanesEach)
    ) u_port (
      .clk_i,
      .rst_ni,
      .start_i(state_q == STATE_FETCH || state_q == STATE_STORE),
      .is_drain_i(is_store),
      .go_i(port_go[p]),
      .busy_o(port_busy[p]),
      .count_i(move_count),
      .base_i(base_q[operand_q]),
      .stride_i(element_stride),
      .source_i(source),
      .destination_i(destination),
      .rounding_i(rounding),
      .is_float_i(is_store && operand_q == 2'(OPERAND_D) && result_is_float),
      .is_constant_i(is_constant),
      .constant_i(operand_q == 2'(OPERAND_B) ? immediate_b : immediate_c),
      .read_lane_o(read_lane[PlaceWidth*p +: PlaceWidth]),
      .read_beat_o(read_beat[BeatWidth*p +: BeatWidth]),
      .read_value_i(read_value[32*p +: 32]),
      .write_o(writes[p]),
      .write_lane_o(write_lane[PlaceWidth*p +: PlaceWidth]),
      .write_beat_o(write_beat[BeatWidth*p +: BeatWidth]),
      .write_value_o(write_value[32*p +: 32]),
      .mem_req_valid_o(mem_req_valid_o[p]),
      .mem_req_ready_i(mem_req_ready_i[p]),
      .mem_req_write_o(mem_req_write_o[p]),
      .mem_req_addr_o(mem_req_addr_o[32*p +: 32]),
      .mem_req_wdata_o(mem_req_wdata_o[64*p +: 64]),
      .mem_req_wstrb_o(mem_req_wstrb_o[8*p +: 8]),
      .mem_rsp_valid_i(mem_rsp_valid_i[p]),
      .mem_rsp_rdata_i(mem_rsp_rdata_i[64*p +: 64])
    );
  end

  // Control ---------------------------------------------------------------------------------------

  always_comb begin
    state_d = state_q;
    operand_d = operand_q;
    phase_d = phase_q;
    unique case (state_q)
      STATE_IDLE: if (command_valid_i) state_d = STATE_CHECK;
      STATE_CHECK: begin
        if (check_done) state_d = cause != '0 || is_empty ? STATE_FINISH : STATE_ROW;
      end
      STATE_ROW: begin
        phase_d = apus_vector_pkg::PHASE_ROW;
        state_d = is_topk ? STATE_PROGRAM : STATE_PASS;
      end
      STATE_PASS: begin
        phase_d = apus_vector_pkg::PHASE_START;
        state_d = has_result || is_scan ? STATE_PROGRAM : STATE_STRIP;
      end
      STATE_STRIP: begin
        operand_d = 2'(OPERAND_A);
        phase_d = is_scan && is_exclusive
            ? apus_vector_pkg::PHASE_EXCLUSIVE_STEP : apus_vector_pkg::PHASE_STEP;
        if (is_row_done) begin
          phase_d = apus_vector_pkg::PHASE_FINISH;
          state_d = has_result ? STATE_PROGRAM : STATE_NEXT_ROW;
        end else begin
          state_d = has_a ? STATE_FETCH : STATE_PROGRAM;
        end
      end
      STATE_FETCH: state_d = STATE_FETCH_WAIT;
      STATE_FETCH_WAIT: begin
        if (port_busy == '0) begin
          state_d = STATE_PROGRAM;
          if (operand_q == 2'(OPERAND_A) && has_b) begin
            operand_d = 2'(OPERAND_B);
            state_d = STATE_FETCH;
          end else if (operand_q == 2'(OPERAND_B) && has_c) begin
            operand_d = 2'(OPERAND_C);
            state_d = STATE_FETCH;
          end
        end
      end
      STATE_PROGRAM: state_d = STATE_PROGRAM_WAIT;
      STATE_PROGRAM_WAIT: begin
        if (program_done) begin
          operand_d = 2'(OPERAND_D);
          unique case (phase_q)
            apus_vector_pkg::PHASE_ROW: state_d = STATE_PASS;
            apus_vector_pkg::PHASE_START: state_d = STATE_STRIP;
            apus_vector_pkg::PHASE_FINISH: state_d = STATE_STORE;
            default: state_d = has_result ? STATE_NEXT_STRIP : STATE_STORE;
          endcase
        end
      end
      STATE_STORE: state_d = STATE_STORE_WAIT;
      STATE_STORE_WAIT: begin
        if (port_busy == '0) begin
          state_d = STATE_NEXT_STRIP;
          if (is_reduction) state_d = STATE_NEXT_ROW;
          if (is_topk) begin
            if (operand_q == 2'(OPERAND_D)) begin
              operand_d = 2'(OPERAND_C);
              state_d = STATE_STORE;
            end else begin
              state_d = is_last_pass ? STATE_NEXT_ROW : STATE_PASS;
            end
          end
        end
      end
      STATE_NEXT_STRIP: state_d = STATE_STRIP;
      STATE_NEXT_ROW: state_d = is_last_row && is_last_plane ? STATE_FINISH : STATE_ROW;
      default: state_d = STATE_IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= STATE_IDLE;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    operand_q <= operand_d;
    phase_q <= phase_d;
    unique case (state_q)
      STATE_CHECK: begin
        cause_q <= cause;
        form_q <= form;
        for (int unsigned o = 0; o < 4; o++) begin
          is_half_q[o] <= apus_convert_pkg::element_width(format[o]) == 7'd4;
        end
        plane_q <= '0;
        row_q <= '0;
        row_counter_q <= '0;
      end
      STATE_ROW: pass_q <= '0;
      STATE_PASS: column_q <= '0;
      STATE_STRIP: count_q <= strip_count;
      STATE_STORE_WAIT: begin
        if (port_busy == '0 && operand_q == 2'(OPERAND_C)) pass_q <= pass_q + 32'd1;
      end
      STATE_NEXT_STRIP: column_q <= column_q + (is_scan ? 32'd1 : 32'(count_q));
      STATE_NEXT_ROW: begin
        row_q <= is_last_row ? '0 : row_q + row_advance;
        if (is_last_row) plane_q <= plane_q + 32'd1;
        row_counter_q <= row_counter_q + 64'(columns);
      end
      default: ;
    endcase
  end

  // Places of the operands: of the plane, of the row, of what is next to be moved.
  for (genvar o = 0; o < 4; o++) begin : gen_bases
    logic [32:0] first_in_row, strip_advance, next_plane, next_row;
    logic        is_result;

    // A scan from the last column on begins there.
    assign first_in_row = row_base_q[o]
        + (is_scan && is_reverse ? column_reach[33*o +: 33] : '0);
    always_comb begin
      strip_advance = column_stride[o] * 33'(StripElements);
      if (has_result) strip_advance = column_stride[o] * 33'(Partials);
      if (is_scan) strip_advance = is_reverse ? -column_stride[o] : column_stride[o];
    end
    assign next_plane = plane_base_q[o] + plane_stride[o];
    assign next_row = row_base_q[o]
        + (is_scan ? row_stride[o] * 33'(StripElements) : row_stride[o]);
    // Results of a row, one after another.
    assign is_result = o == OPERAND_D || (o == OPERAND_C && is_topk);

    always_ff @(posedge clk_i) begin
      unique case (state_q)
        STATE_CHECK: begin
          plane_base_q[o] <= address[o];
          row_base_q[o] <= address[o];
        end
        STATE_ROW: base_q[o] <= first_in_row;
        STATE_PASS: if (!(is_topk && is_result)) base_q[o] <= first_in_row;
        STATE_STORE_WAIT: begin
          if (is_topk && port_busy == '0 && operand_q == 2'(o)) begin
            base_q[o] <= base_q[o] + column_stride[o];
          end
        end
        STATE_NEXT_STRIP: if (!(has_result && is_result)) base_q[o] <= base_q[o] + strip_advance;
        STATE_NEXT_ROW: begin
          if (is_last_row) plane_base_q[o] <= next_plane;
          row_base_q[o] <= is_last_row ? next_plane : next_row;
        end
        default: ;
      endcase
    end
  end

  assign command_ready_o = state_q == STATE_FINISH;
  assign trap_valid_o = state_q == STATE_FINISH && cause_q != '0;
  assign trap_cause_o = cause_q;
  assign busy_o = state_q != STATE_IDLE;

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// Only phases that the command has are run.
  ProgramExists: assert property (@(posedge clk_i) disable iff (!is_running_q)
      state_q == STATE_PROGRAM |-> !is_absent);
  /// Nothing is written before the checks have passed.
  TrapWritesNothing: assert property (@(posedge clk_i) disable iff (!is_running_q)
      state_q == STATE_IDLE || state_q == STATE_CHECK |-> mem_req_valid_o == '0);
`endif

endmodule
