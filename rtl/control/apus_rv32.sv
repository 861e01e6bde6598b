/// The control processor: RV32IM with Zicsr and Zifencei, machine mode, one instruction at a time.
///
/// Program memory answers a fetch in the next cycle, and the address of the next fetch is known at
/// the end of an instruction, so that instruction and fetch overlap: a two-stage pipeline without
/// a hazard. Cycles: 1 for an instruction that needs nobody else, taken jumps included; 3 for a
/// product, 35 for a quotient; for loads and stores as many as the bus takes. A trap takes 1 more.
///
/// The bus: `data_valid_o` with its address, strobes and data stays until `data_ready_i`; then
/// `data_rdata_i` holds the addressed word and `data_fault_i` says that nothing is there.
///
/// With `StopOnException` an exception ends the run, as a fault of the kernel does in a core:
/// `stopped_o`, with cause, value and place. Else the handler is entered; `stopped_o` then means
/// that its first instruction cannot be fetched.
///
/// Emulator twin: Sources/CApusMachine/RV32Run.c
module apus_rv32 #(
  parameter int unsigned ProgramBytes    = apus_chip_pkg::ProgramBytes,
  parameter bit          StopOnException = 1'b1
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] entry_i,
  input  logic [31:0] hart_i,
  // Holds the processor between two instructions, or in a bus access.
  input  logic        hold_i,
  input  logic        interrupt_software_i,
  input  logic        interrupt_timer_i,
  input  logic        interrupt_external_i,

  output logic [31:0] fetch_addr_o,
  input  logic [31:0] fetch_rdata_i,

  output logic        data_valid_o,
  input  logic        data_ready_i,
  output logic        data_write_o,
  output logic [31:0] data_addr_o,
  output logic [3:0]  data_wstrb_o,
  output logic [31:0] data_wdata_o,
  // Whether the instruction wants a whole word, which is all that registers answer to.
  output logic        data_is_word_o,
  input  logic [31:0] data_rdata_i,
  input  logic        data_fault_i,

  output logic        stopped_o,
  output logic [31:0] stop_cause_o,
  output logic [31:0] stop_value_o,
  output logic [31:0] pc_o,
  // High in the last cycle of each instruction.
  output logic        step_o
);

  logic [31:0] pc_q, pc_d;
  // Low in the first cycle after reset: the fetch at `entry_i` is on its way.
  logic        fetched_q, fetched_d;
  logic        stopped_q, stopped_d;
  logic [31:0] stop_cause_q, stop_value_q;
  // The handler's address has been taken and its first instruction was not looked at yet.
  logic        in_entry_q, in_entry_d;
  logic [31:0] entry_cause_q, entry_value_q;

  // What becomes of the instruction in this cycle.
  logic        is_active, is_fetchable, is_misaligned, accessing_q;
  logic        takes_interrupt, enters_handler, retires, ends, is_exception, is_locked;
  logic [31:0] exception_cause, exception_value;

  // Decode and read registers.
  logic [31:0]             instruction;
  apus_rv32_pkg::control_t control;
  logic [4:0]              rs1, rs2, rd;
  logic [2:0]              funct3;
  assign instruction = fetch_rdata_i;
  assign rs1 = instruction[19:15];
  assign rs2 = instruction[24:20];
  assign rd = instruction[11:7];
  assign funct3 = instruction[14:12];

  apus_rv32_decoder u_decoder (.instruction_i(instruction), .control_o(control));

  logic [31:0] registers_q [32];
  logic [31:0] a, b;
  assign a = registers_q[rs1];
  assign b = registers_q[rs2];

  // Compute.
  logic [31:0] alu_a, alu_b, alu_result;
  assign alu_a = control.a_is_pc ? pc_q : a;
  assign alu_b = control.b_is_immediate ? control.immediate : b;
  apus_rv32_alu u_alu (
    .operation_i(control.alu), .a_i(alu_a), .b_i(alu_b), .result_o(alu_result)
  );

  logic is_equal, is_less, is_taken;
  assign is_equal = a == b;
  assign is_less = funct3[1] ? a < b : $signed(a) < $signed(b);
  assign is_taken = (funct3[2] ? is_less : is_equal) != funct3[0];

  assign is_fetchable = pc_q < 32'(ProgramBytes);
  assign is_active = fetched_q && !stopped_q && !hold_i;

  logic        muldiv_valid, muldiv_ready;
  logic [31:0] muldiv_result;
  assign muldiv_valid = fetched_q && !stopped_q && is_fetchable && !takes_interrupt
      && control.kind == apus_rv32_pkg::KIND_MULDIV;
  apus_rv32_muldiv u_muldiv (
    .clk_i, .rst_ni, .valid_i(muldiv_valid), .ready_o(muldiv_ready), .funct3_i(funct3),
    .a_i(a), .b_i(b), .result_o(muldiv_result)
  );

  // Loads and stores. Their address has an adder of its own: what it leads to answers late.
  logic        is_access;
  logic [31:0] address;
  logic [4:0]  lane;
  logic [31:0] loaded, loaded_word;
  assign is_access = control.kind == apus_rv32_pkg::KIND_LOAD
      || control.kind == apus_rv32_pkg::KIND_STORE;
  assign address = a + control.immediate;
  assign is_misaligned = (funct3[1:0] == 2'd1 && address[0])
      || (funct3[1:0] == 2'd2 && address[1:0] != '0);
  assign data_valid_o = is_active && is_fetchable && !takes_interrupt && is_access
      && !is_misaligned;
  assign data_write_o = control.kind == apus_rv32_pkg::KIND_STORE;
  assign data_addr_o = address;
  assign data_is_word_o = funct3[1:0] == 2'd2;
  assign lane = {address[1:0], 3'b000};
  always_comb begin
    unique case (funct3[1:0])
      2'd0: data_wstrb_o = 4'b0001 << address[1:0];
      2'd1: data_wstrb_o = 4'b0011 << address[1:0];
      default: data_wstrb_o = 4'b1111;
    endcase
  end
  assign data_wdata_o = b << lane;
  assign loaded_word = data_rdata_i >> lane;
  always_comb begin
    unique case (funct3)
      3'd0: loaded = {{24{loaded_word[7]}}, loaded_word[7:0]};
      3'd1: loaded = {{16{loaded_word[15]}}, loaded_word[15:0]};
      3'd4: loaded = {24'd0, loaded_word[7:0]};
      3'd5: loaded = {16'd0, loaded_word[15:0]};
      default: loaded = loaded_word;
    endcase
  end

  // Control registers.
  logic        csr_legal, interrupt;
  logic [31:0] csr_read, interrupt_cause, handler, return_address;
  apus_rv32_csr u_csr (
    .clk_i, .rst_ni, .hart_i, .interrupt_software_i, .interrupt_timer_i, .interrupt_external_i,
    .instruction_i(instruction), .source_i(a), .legal_o(csr_legal), .read_o(csr_read),
    .step_i(step_o), .retired_i(retires),
    .write_i(retires && control.kind == apus_rv32_pkg::KIND_CSR),
    .mret_i(retires && control.kind == apus_rv32_pkg::KIND_MRET),
    .trap_i(enters_handler),
    .trap_cause_i(takes_interrupt ? interrupt_cause : exception_cause),
    .trap_value_i(takes_interrupt ? 32'd0 : exception_value),
    .pc_i(pc_q), .interrupt_o(interrupt), .interrupt_cause_o(interrupt_cause),
    .handler_o(handler), .return_o(return_address)
  );
  // An access that has begun is finished first: the bus may have performed it.
  assign takes_interrupt = interrupt && !accessing_q && !in_entry_q;

  // Where the instruction goes, and whether it may.
  logic [31:0] target, next_pc;
  logic        jumps;
  always_comb begin
    jumps = 1'b0;
    target = alu_result;
    unique case (control.kind)
      apus_rv32_pkg::KIND_JAL: jumps = 1'b1;
      apus_rv32_pkg::KIND_JALR: begin
        jumps = 1'b1;
        target = {alu_result[31:1], 1'b0};
      end
      apus_rv32_pkg::KIND_BRANCH: jumps = is_taken;
      default: ;
    endcase
    next_pc = pc_q + 32'd4;
    if (jumps) next_pc = target;
    if (control.kind == apus_rv32_pkg::KIND_MRET) next_pc = return_address;
  end

  always_comb begin
    is_exception = 1'b1;
    exception_cause = apus_rv32_pkg::EXCEPTION_ILLEGAL;
    exception_value = instruction;
    if (!is_fetchable) begin
      exception_cause = apus_rv32_pkg::EXCEPTION_FETCH_FAULT;
      exception_value = pc_q;
    end else if (jumps && target[1]) begin
      exception_cause = apus_rv32_pkg::EXCEPTION_FETCH_MISALIGNED;
      exception_value = target;
    end else if (is_access && (is_misaligned || (data_ready_i && data_fault_i))) begin
      exception_value = address;
      if (control.kind == apus_rv32_pkg::KIND_STORE) begin
        exception_cause = is_misaligned ? apus_rv32_pkg::EXCEPTION_STORE_MISALIGNED
            : apus_rv32_pkg::EXCEPTION_STORE_FAULT;
      end else begin
        exception_cause = is_misaligned ? apus_rv32_pkg::EXCEPTION_LOAD_MISALIGNED
            : apus_rv32_pkg::EXCEPTION_LOAD_FAULT;
      end
    end else begin
      unique case (control.kind)
        apus_rv32_pkg::KIND_ILLEGAL: ;
        apus_rv32_pkg::KIND_CSR: is_exception = !csr_legal;
        apus_rv32_pkg::KIND_ECALL: begin
          exception_cause = apus_rv32_pkg::EXCEPTION_ECALL;
          exception_value = '0;
        end
        apus_rv32_pkg::KIND_EBREAK: begin
          exception_cause = apus_rv32_pkg::EXCEPTION_BREAKPOINT;
          exception_value = pc_q;
        end
        default: is_exception = 1'b0;
      endcase
    end
  end

  // The end of an instruction.
  logic is_waiting;
  assign is_waiting = is_fetchable && (
      (is_access && !is_misaligned && !data_ready_i)
      || (control.kind == apus_rv32_pkg::KIND_MULDIV && !muldiv_ready));

  // A handler that cannot be fetched ends the run, with the cause that led to it.
  assign is_locked = in_entry_q && !is_fetchable;
  assign ends = is_active && !takes_interrupt && !is_waiting && !is_locked;
  assign step_o = ends && !(is_exception && StopOnException);
  assign retires = ends && !is_exception;
  assign enters_handler = is_active && !is_locked
      && (takes_interrupt || (ends && is_exception && !StopOnException));

  always_comb begin
    pc_d = pc_q;
    fetched_d = 1'b1;
    stopped_d = stopped_q;
    in_entry_d = in_entry_q;
    if (is_active) in_entry_d = 1'b0;
    if (enters_handler) begin
      pc_d = handler;
      in_entry_d = 1'b1;
    end else if (retires) begin
      pc_d = next_pc;
    end
    if (!fetched_q) pc_d = entry_i;
    if (is_active && is_locked) stopped_d = 1'b1;
    if (ends && is_exception && StopOnException) stopped_d = 1'b1;
  end
  // The word that was asked for stays at the memory's output while the address does.
  assign fetch_addr_o = pc_d;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pc_q <= '0;
      fetched_q <= 1'b0;
      stopped_q <= 1'b0;
      in_entry_q <= 1'b0;
      accessing_q <= 1'b0;
      stop_cause_q <= '0;
      stop_value_q <= '0;
      entry_cause_q <= '0;
      entry_value_q <= '0;
    end else begin
      pc_q <= pc_d;
      fetched_q <= fetched_d;
      stopped_q <= stopped_d;
      in_entry_q <= in_entry_d;
      accessing_q <= data_valid_o && !data_ready_i;
      if (enters_handler) begin
        entry_cause_q <= takes_interrupt ? interrupt_cause : exception_cause;
        entry_value_q <= takes_interrupt ? 32'd0 : exception_value;
      end
      if (stopped_d && !stopped_q) begin
        stop_cause_q <= is_locked ? entry_cause_q : exception_cause;
        stop_value_q <= is_locked ? entry_value_q : exception_value;
      end
    end
  end

  logic [31:0] result;
  always_comb begin
    unique case (control.kind)
      apus_rv32_pkg::KIND_JAL, apus_rv32_pkg::KIND_JALR: result = pc_q + 32'd4;
      apus_rv32_pkg::KIND_LOAD: result = loaded;
      apus_rv32_pkg::KIND_MULDIV: result = muldiv_result;
      apus_rv32_pkg::KIND_CSR: result = csr_read;
      default: result = alu_result;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int i = 0; i < 32; i++) registers_q[i] <= '0;
    end else if (retires && control.writes_rd && rd != '0) begin
      registers_q[rd] <= result;
    end
  end

  assign stopped_o = stopped_q;
  assign stop_cause_o = stop_cause_q;
  assign stop_value_o = stop_value_q;
  assign pc_o = pc_q;

`ifndef SYNTHESIS
  // An access keeps its address and data until it is answered.
  logic [67:0] access_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      access_q <= '0;
    end else begin
      access_q <= {data_addr_o, data_wdata_o, data_wstrb_o};
      if (accessing_q && data_valid_o) begin
        access_is_stable :
        assert (access_q == {data_addr_o, data_wdata_o, data_wstrb_o});
      end
    end
  end
`endif

endmodule
