/// What the parts of the control processor agree on. Names are those of the RISC-V manuals.
// No single design uses every constant.
// verilator lint_off UNUSEDPARAM
package apus_rv32_pkg;

  typedef enum logic [3:0] {
    ALU_ADD, ALU_SUB, ALU_SLL, ALU_SLT, ALU_SLTU, ALU_XOR, ALU_SRL, ALU_SRA, ALU_OR, ALU_AND,
    ALU_COPY_B
  } alu_e;

  // What an instruction is, as far as its sequencing is concerned.
  typedef enum logic [3:0] {
    KIND_ALU, KIND_JAL, KIND_JALR, KIND_BRANCH, KIND_LOAD, KIND_STORE, KIND_MULDIV, KIND_CSR,
    KIND_FENCE, KIND_ECALL, KIND_EBREAK, KIND_MRET, KIND_WFI, KIND_ILLEGAL
  } kind_e;

  typedef struct packed {
    kind_e       kind;
    alu_e        alu;
    logic        a_is_pc;
    logic        b_is_immediate;
    logic        writes_rd;
    logic [31:0] immediate;
  } control_t;

  // Exception causes (mcause).
  parameter logic [31:0] EXCEPTION_FETCH_MISALIGNED = 32'd0;
  parameter logic [31:0] EXCEPTION_FETCH_FAULT = 32'd1;
  parameter logic [31:0] EXCEPTION_ILLEGAL = 32'd2;
  parameter logic [31:0] EXCEPTION_BREAKPOINT = 32'd3;
  parameter logic [31:0] EXCEPTION_LOAD_MISALIGNED = 32'd4;
  parameter logic [31:0] EXCEPTION_LOAD_FAULT = 32'd5;
  parameter logic [31:0] EXCEPTION_STORE_MISALIGNED = 32'd6;
  parameter logic [31:0] EXCEPTION_STORE_FAULT = 32'd7;
  parameter logic [31:0] EXCEPTION_ECALL = 32'd11;

  // Bits of mstatus, and the interrupts' bits in mie and mip.
  parameter int unsigned MSTATUS_MIE = 3;
  parameter int unsigned MSTATUS_MPIE = 7;
  parameter int unsigned INTERRUPT_SOFTWARE = 3;
  parameter int unsigned INTERRUPT_TIMER = 7;
  parameter int unsigned INTERRUPT_EXTERNAL = 11;

endpackage
// verilator lint_on UNUSEDPARAM
