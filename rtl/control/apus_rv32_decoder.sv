/// Decodes one RV32IM + Zicsr + Zifencei instruction.
///
/// Latency: combinational.
/// Emulator twin: Sources/CApusMachine/RV32Decode.c
module apus_rv32_decoder (
  input  logic [31:0]             instruction_i,
  output apus_rv32_pkg::control_t control_o
);

  logic [6:0]  opcode;
  logic [2:0]  funct3;
  logic [6:0]  funct7;
  logic [31:0] immediate_i_type, immediate_s_type, immediate_b_type, immediate_j_type;

  assign opcode = instruction_i[6:0];
  assign funct3 = instruction_i[14:12];
  assign funct7 = instruction_i[31:25];
  assign immediate_i_type = {{20{instruction_i[31]}}, instruction_i[31:20]};
  assign immediate_s_type =
      {{20{instruction_i[31]}}, instruction_i[31:25], instruction_i[11:7]};
  assign immediate_b_type = {
    {20{instruction_i[31]}}, instruction_i[7], instruction_i[30:25], instruction_i[11:8], 1'b0
  };
  assign immediate_j_type = {
    {12{instruction_i[31]}}, instruction_i[19:12], instruction_i[20], instruction_i[30:21], 1'b0
  };

  // The operation of funct3 alone; bit 30 of the word chooses between the two of a pair.
  apus_rv32_pkg::alu_e alu;
  always_comb begin
    unique case (funct3)
      3'd0: alu = apus_rv32_pkg::ALU_ADD;
      3'd1: alu = apus_rv32_pkg::ALU_SLL;
      3'd2: alu = apus_rv32_pkg::ALU_SLT;
      3'd3: alu = apus_rv32_pkg::ALU_SLTU;
      3'd4: alu = apus_rv32_pkg::ALU_XOR;
      3'd5: alu = funct7[5] ? apus_rv32_pkg::ALU_SRA : apus_rv32_pkg::ALU_SRL;
      3'd6: alu = apus_rv32_pkg::ALU_OR;
      default: alu = apus_rv32_pkg::ALU_AND;
    endcase
  end

  logic shift_is_legal, register_is_legal;
  assign shift_is_legal = funct7 == 7'h00 || (funct3 == 3'd5 && funct7 == 7'h20);
  assign register_is_legal = funct7 == 7'h00 || funct7 == 7'h01
      || (funct7 == 7'h20 && (funct3 == 3'd0 || funct3 == 3'd5));

  apus_rv32_pkg::kind_e system_kind;
  always_comb begin
    system_kind = apus_rv32_pkg::KIND_ILLEGAL;
    if (funct3 == 3'd0) begin
      unique case (instruction_i)
        32'h0000_0073: system_kind = apus_rv32_pkg::KIND_ECALL;
        32'h0010_0073: system_kind = apus_rv32_pkg::KIND_EBREAK;
        32'h3020_0073: system_kind = apus_rv32_pkg::KIND_MRET;
        32'h1050_0073: system_kind = apus_rv32_pkg::KIND_WFI;
        default: system_kind = apus_rv32_pkg::KIND_ILLEGAL;
      endcase
    end else if (funct3 != 3'd4) begin
      system_kind = apus_rv32_pkg::KIND_CSR;
    end
  end

  always_comb begin
    control_o.kind = apus_rv32_pkg::KIND_ILLEGAL;
    control_o.alu = apus_rv32_pkg::ALU_ADD;
    control_o.a_is_pc = 1'b0;
    control_o.b_is_immediate = 1'b1;
    control_o.writes_rd = 1'b0;
    control_o.immediate = immediate_i_type;
    unique case (opcode)
      7'h37, 7'h17: begin  // lui, auipc
        control_o.kind = apus_rv32_pkg::KIND_ALU;
        control_o.alu = opcode[5] ? apus_rv32_pkg::ALU_COPY_B : apus_rv32_pkg::ALU_ADD;
        control_o.a_is_pc = 1'b1;
        control_o.writes_rd = 1'b1;
        control_o.immediate = {instruction_i[31:12], 12'd0};
      end
      7'h6F: begin
        control_o.kind = apus_rv32_pkg::KIND_JAL;
        control_o.a_is_pc = 1'b1;
        control_o.writes_rd = 1'b1;
        control_o.immediate = immediate_j_type;
      end
      7'h67: begin
        if (funct3 == 3'd0) control_o.kind = apus_rv32_pkg::KIND_JALR;
        control_o.writes_rd = 1'b1;
      end
      7'h63: begin
        if (funct3[2:1] != 2'b01) control_o.kind = apus_rv32_pkg::KIND_BRANCH;
        control_o.a_is_pc = 1'b1;
        control_o.immediate = immediate_b_type;
      end
      7'h03: begin
        if (funct3 <= 3'd5 && funct3 != 3'd3) control_o.kind = apus_rv32_pkg::KIND_LOAD;
        control_o.writes_rd = 1'b1;
      end
      7'h23: begin
        if (funct3 <= 3'd2) control_o.kind = apus_rv32_pkg::KIND_STORE;
        control_o.immediate = immediate_s_type;
      end
      7'h13: begin
        control_o.alu = alu;
        // addi has no twin: bit 30 belongs to its immediate.
        if ((funct3 != 3'd1 && funct3 != 3'd5) || shift_is_legal) begin
          control_o.kind = apus_rv32_pkg::KIND_ALU;
        end
        control_o.writes_rd = 1'b1;
      end
      7'h33: begin
        control_o.alu = funct3 == 3'd0 && funct7[5] ? apus_rv32_pkg::ALU_SUB : alu;
        control_o.b_is_immediate = 1'b0;
        control_o.writes_rd = 1'b1;
        if (register_is_legal) begin
          control_o.kind =
              funct7[0] ? apus_rv32_pkg::KIND_MULDIV : apus_rv32_pkg::KIND_ALU;
        end
      end
      7'h0F: begin
        if (funct3 <= 3'd1) control_o.kind = apus_rv32_pkg::KIND_FENCE;
      end
      7'h73: begin
        control_o.kind = system_kind;
        control_o.writes_rd = 1'b1;
      end
      default: control_o.kind = apus_rv32_pkg::KIND_ILLEGAL;
    endcase
  end

endmodule
