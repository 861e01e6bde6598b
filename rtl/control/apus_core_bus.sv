/// The control processor's bus: program memory, argument memory, scratchpad, registers.
///
/// Registers answer in the cycle of the access, unless they make it wait; memories in the next one
/// or, for the scratchpad, when a bank has taken and answered the access. Everything else, and a
/// register that is not accessed as a word, is a fault. A store to program memory is answered one
/// cycle later too, so that the fetch that follows sees it.
module apus_core_bus #(
  parameter int unsigned ProgramBytes    = apus_chip_pkg::ProgramBytes,
  parameter int unsigned ArgumentBytes   = apus_chip_pkg::ArgumentBytes,
  parameter int unsigned ScratchpadBytes = apus_chip_pkg::ScratchpadBytes
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        data_valid_i,
  output logic        data_ready_o,
  input  logic        data_write_i,
  input  logic [31:0] data_addr_i,
  input  logic [3:0]  data_wstrb_i,
  input  logic [31:0] data_wdata_i,
  input  logic        data_is_word_i,
  output logic [31:0] data_rdata_o,
  output logic        data_fault_o,

  output logic        program_valid_o,
  input  logic [31:0] program_rdata_i,
  output logic        argument_valid_o,
  input  logic [31:0] argument_rdata_i,

  output logic        register_valid_o,
  output logic [31:0] register_offset_o,
  input  logic        register_ready_i,
  input  logic [31:0] register_rdata_i,
  input  logic        register_fault_i,

  // A port of local memory.
  output logic        mem_req_valid_o,
  input  logic        mem_req_ready_i,
  output logic        mem_req_write_o,
  output logic [31:0] mem_req_addr_o,
  output logic [63:0] mem_req_wdata_o,
  output logic [7:0]  mem_req_wstrb_o,
  input  logic        mem_rsp_valid_i,
  input  logic [63:0] mem_rsp_rdata_i
);

  logic [31:0] argument_offset, scratchpad_offset;
  logic        is_program, is_argument, is_scratchpad, is_register;
  assign argument_offset = data_addr_i - apus_isa_pkg::BASE_ARGUMENTS;
  assign scratchpad_offset = data_addr_i - apus_isa_pkg::BASE_SCRATCHPAD;
  assign register_offset_o = data_addr_i - apus_isa_pkg::BASE_REGISTERS;
  assign is_program = data_addr_i - apus_isa_pkg::BASE_PROGRAM < 32'(ProgramBytes);
  assign is_argument = argument_offset < 32'(ArgumentBytes);
  assign is_scratchpad = scratchpad_offset < 32'(ScratchpadBytes);
  assign is_register = data_addr_i >= apus_isa_pkg::BASE_REGISTERS;

  // A memory has the access: it answers in this cycle, or (scratchpad, reading) when it can.
  logic has_asked_q, has_asked_d;

  assign program_valid_o = data_valid_i && is_program && !has_asked_q;
  assign argument_valid_o = data_valid_i && is_argument && !has_asked_q;
  assign register_valid_o = data_valid_i && is_register && data_is_word_i;
  assign mem_req_valid_o = data_valid_i && is_scratchpad && !has_asked_q;
  assign mem_req_write_o = data_write_i;
  assign mem_req_addr_o = {scratchpad_offset[31:3], 3'b000};
  assign mem_req_wdata_o = {data_wdata_i, data_wdata_i};
  assign mem_req_wstrb_o = scratchpad_offset[2] ? {data_wstrb_i, 4'd0} : {4'd0, data_wstrb_i};

  always_comb begin
    data_ready_o = data_valid_i;
    data_rdata_o = '0;
    data_fault_o = 1'b0;
    has_asked_d = 1'b0;
    if (is_program) begin
      data_ready_o = has_asked_q;
      data_rdata_o = program_rdata_i;
      has_asked_d = data_valid_i && !has_asked_q;
    end else if (is_argument) begin
      data_ready_o = has_asked_q;
      data_rdata_o = argument_rdata_i;
      has_asked_d = data_valid_i && !has_asked_q;
    end else if (is_scratchpad) begin
      data_ready_o = has_asked_q ? mem_rsp_valid_i : data_write_i && mem_req_ready_i;
      data_rdata_o = scratchpad_offset[2] ? mem_rsp_rdata_i[63:32] : mem_rsp_rdata_i[31:0];
      has_asked_d = data_valid_i && !data_ready_o && (has_asked_q || mem_req_ready_i);
    end else if (is_register && data_is_word_i) begin
      data_ready_o = register_ready_i;
      data_rdata_o = register_rdata_i;
      data_fault_o = register_fault_i;
    end else begin
      data_fault_o = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      has_asked_q <= 1'b0;
    end else begin
      has_asked_q <= has_asked_d;
    end
  end

endmodule
