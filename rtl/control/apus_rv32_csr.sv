/// Control and status registers of the machine mode, traps and interrupts included.
///
/// One instruction a step: `step_i` is high in the cycle in which an instruction ends, `retired_i`
/// besides if it retired (`ecall`, `ebreak` and instructions that trapped do not). What a program
/// writes to a counter is what its next instruction reads.
///
/// Latency: reads combinational, writes seen by the next instruction.
/// Emulator twin: Sources/CApusMachine/RV32Csr.c
module apus_rv32_csr (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] hart_i,
  input  logic        interrupt_software_i,
  input  logic        interrupt_timer_i,
  input  logic        interrupt_external_i,

  // A CSR instruction: whether it is legal, and what it reads.
  input  logic [31:0] instruction_i,
  input  logic [31:0] source_i,
  output logic        legal_o,
  output logic [31:0] read_o,

  // The end of an instruction: `write_i` if it is a CSR instruction that retires.
  input  logic        step_i,
  input  logic        retired_i,
  input  logic        write_i,
  input  logic        mret_i,
  // Entering a handler. An interrupt is no step; an exception is one that does not retire.
  input  logic        trap_i,
  input  logic [31:0] trap_cause_i,
  input  logic [31:0] trap_value_i,
  input  logic [31:0] pc_i,

  output logic        interrupt_o,
  output logic [31:0] interrupt_cause_o,
  output logic [31:0] handler_o,
  output logic [31:0] return_o
);

  localparam logic [31:0] MISA = 32'h4000_1100;
  localparam logic [31:0] MSTATUS_RESET = 32'h0000_1800;
  localparam logic [31:0] INTERRUPTS = 32'h0000_0888;

  logic [11:0] number;
  logic [2:0]  funct3;
  logic [4:0]  source_register;
  assign number = instruction_i[31:20];
  assign funct3 = instruction_i[14:12];
  assign source_register = instruction_i[19:15];

  logic        mie_bit_q, mpie_bit_q, inhibits_cycle_q, inhibits_instret_q;
  logic [31:0] mie_q, mtvec_q, mscratch_q, mepc_q, mcause_q, mtval_q;
  logic [63:0] mcycle_q, minstret_q, time_q;
  logic [31:0] pmpaddr_q [16];
  logic [31:0] pmpcfg_q [4];

  logic [31:0] mstatus, pending;
  always_comb begin
    mstatus = MSTATUS_RESET;
    mstatus[apus_rv32_pkg::MSTATUS_MIE] = mie_bit_q;
    mstatus[apus_rv32_pkg::MSTATUS_MPIE] = mpie_bit_q;
    pending = '0;
    pending[apus_rv32_pkg::INTERRUPT_SOFTWARE] = interrupt_software_i;
    pending[apus_rv32_pkg::INTERRUPT_TIMER] = interrupt_timer_i;
    pending[apus_rv32_pkg::INTERRUPT_EXTERNAL] = interrupt_external_i;
  end

  // Reading.
  logic exists, is_zero_counter, is_zero_event, is_trigger;
  assign is_zero_counter = number[4:0] >= 5'd3
      && (number[11:5] == 7'h58 || number[11:5] == 7'h5C || number[11:5] == 7'h60
          || number[11:5] == 7'h64);
  assign is_zero_event = number >= 12'h323 && number <= 12'h33F;
  assign is_trigger = number >= 12'h7A0 && number <= 12'h7A4;

  always_comb begin
    exists = 1'b1;
    read_o = '0;
    unique case (number)
      12'h300: read_o = mstatus;
      12'h301: read_o = MISA;
      12'h304: read_o = mie_q;
      12'h305: read_o = mtvec_q;
      12'h320: read_o = {29'd0, inhibits_instret_q, 1'b0, inhibits_cycle_q};
      12'h340: read_o = mscratch_q;
      12'h341: read_o = mepc_q;
      12'h342: read_o = mcause_q;
      12'h343: read_o = mtval_q;
      12'h344: read_o = pending;
      12'hB00, 12'hC00: read_o = mcycle_q[31:0];
      12'hB80, 12'hC80: read_o = mcycle_q[63:32];
      12'hB02, 12'hC02: read_o = minstret_q[31:0];
      12'hB82, 12'hC82: read_o = minstret_q[63:32];
      12'hC01: read_o = time_q[31:0];
      12'hC81: read_o = time_q[63:32];
      12'hF14: read_o = hart_i;
      12'h310, 12'hF11, 12'hF12, 12'hF13, 12'hF15: read_o = '0;
      default: begin
        if (number[11:2] == 10'h0E8) read_o = pmpcfg_q[number[1:0]];
        else if (number[11:4] == 8'h3B) read_o = pmpaddr_q[number[3:0]];
        else exists = is_zero_counter || is_zero_event || is_trigger;
      end
    endcase
  end

  // Writing.
  logic        writes;
  logic [31:0] operand, value;
  assign writes = funct3[1:0] == 2'd1 || source_register != '0;
  assign legal_o = exists && !(writes && number[11:10] == 2'b11);
  assign operand = funct3[2] ? {27'd0, source_register} : source_i;
  always_comb begin
    unique case (funct3[1:0])
      2'd2: value = read_o | operand;
      2'd3: value = read_o & ~operand;
      default: value = operand;
    endcase
  end
  logic write;
  assign write = write_i && writes;

  logic [63:0] mcycle_d, minstret_d;
  always_comb begin
    mcycle_d = mcycle_q;
    minstret_d = minstret_q;
    if (step_i && !inhibits_cycle_q) mcycle_d = mcycle_q + 64'd1;
    if (retired_i && !inhibits_instret_q) minstret_d = minstret_q + 64'd1;
    if (write) begin
      unique case (number)
        12'hB00: mcycle_d = {mcycle_q[63:32], value};
        12'hB80: mcycle_d = {value, mcycle_q[31:0]};
        12'hB02: minstret_d = {minstret_q[63:32], value};
        12'hB82: minstret_d = {value, minstret_q[31:0]};
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mie_bit_q <= 1'b0;
      mpie_bit_q <= 1'b0;
      inhibits_cycle_q <= 1'b0;
      inhibits_instret_q <= 1'b0;
      mie_q <= '0;
      mtvec_q <= '0;
      mscratch_q <= '0;
      mepc_q <= '0;
      mcause_q <= '0;
      mtval_q <= '0;
      mcycle_q <= '0;
      minstret_q <= '0;
      time_q <= '0;
      for (int i = 0; i < 16; i++) pmpaddr_q[i] <= '0;
      for (int i = 0; i < 4; i++) pmpcfg_q[i] <= '0;
    end else begin
      mcycle_q <= mcycle_d;
      minstret_q <= minstret_d;
      if (step_i) time_q <= time_q + 64'd1;
      if (trap_i) begin
        mepc_q <= pc_i;
        mcause_q <= trap_cause_i;
        mtval_q <= trap_value_i;
        mpie_bit_q <= mie_bit_q;
        mie_bit_q <= 1'b0;
      end else if (mret_i) begin
        mie_bit_q <= mpie_bit_q;
        mpie_bit_q <= 1'b1;
      end else if (write) begin
        unique case (number)
          12'h300: begin
            mie_bit_q <= value[apus_rv32_pkg::MSTATUS_MIE];
            mpie_bit_q <= value[apus_rv32_pkg::MSTATUS_MPIE];
          end
          12'h304: mie_q <= value & INTERRUPTS;
          12'h305: mtvec_q <= {value[31:2], 1'b0, value[0]};
          12'h320: begin
            inhibits_cycle_q <= value[0];
            inhibits_instret_q <= value[2];
          end
          12'h340: mscratch_q <= value;
          12'h341: mepc_q <= {value[31:2], 2'b00};
          12'h342: mcause_q <= value;
          12'h343: mtval_q <= value;
          default: begin
            // No entry can be locked, so none has an effect on machine mode.
            if (number[11:2] == 10'h0E8) pmpcfg_q[number[1:0]] <= value & 32'h1F1F_1F1F;
            if (number[11:4] == 8'h3B) pmpaddr_q[number[3:0]] <= value;
          end
        endcase
      end
    end
  end

  // Interrupts: external before software before timer.
  logic [31:0] due;
  logic [3:0]  line;
  assign due = pending & mie_q;
  assign interrupt_o = mie_bit_q && due != '0;
  always_comb begin
    line = 4'd7;
    if (due[apus_rv32_pkg::INTERRUPT_EXTERNAL]) line = 4'd11;
    else if (due[apus_rv32_pkg::INTERRUPT_SOFTWARE]) line = 4'd3;
  end
  assign interrupt_cause_o = {1'b1, 27'd0, line};
  assign handler_o = {mtvec_q[31:2], 2'b00}
      + (mtvec_q[0] && trap_cause_i[31] ? {26'd0, trap_cause_i[3:0], 2'b00} : 32'd0);
  assign return_o = mepc_q;

  // The other bits of the instruction belong to the decoder.
  logic unused;
  assign unused = ^instruction_i[11:0];

endmodule
