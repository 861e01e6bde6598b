/// Adds, shifts, compares and combines two words.
///
/// Latency: combinational.
module apus_rv32_alu (
  input  apus_rv32_pkg::alu_e operation_i,
  input  logic [31:0]         a_i,
  input  logic [31:0]         b_i,
  output logic [31:0]         result_o
);

  // One shifter: a left shift is a right shift of the reversed word.
  logic [31:0] reversed, shifted_in, unreversed;
  logic [32:0] shifted;
  logic        is_left, is_arithmetic;

  assign is_left = operation_i == apus_rv32_pkg::ALU_SLL;
  assign is_arithmetic = operation_i == apus_rv32_pkg::ALU_SRA;

  always_comb begin
    for (int i = 0; i < 32; i++) reversed[i] = a_i[31 - i];
  end
  assign shifted_in = is_left ? reversed : a_i;
  assign shifted = 33'($signed({is_arithmetic && a_i[31], shifted_in}) >>> b_i[4:0]);
  always_comb begin
    for (int i = 0; i < 32; i++) unreversed[i] = shifted[31 - i];
  end

  // One adder: a subtraction's carry is the unsigned comparison.
  logic        is_subtraction;
  logic [32:0] sum;
  assign is_subtraction = operation_i == apus_rv32_pkg::ALU_SUB
      || operation_i == apus_rv32_pkg::ALU_SLT || operation_i == apus_rv32_pkg::ALU_SLTU;
  assign sum =
      {1'b0, a_i} + {1'b0, is_subtraction ? ~b_i : b_i} + {32'd0, is_subtraction};

  logic is_less_unsigned, is_less;
  assign is_less_unsigned = !sum[32];
  assign is_less = a_i[31] != b_i[31] ? a_i[31] : is_less_unsigned;

  always_comb begin
    unique case (operation_i)
      apus_rv32_pkg::ALU_ADD, apus_rv32_pkg::ALU_SUB: result_o = sum[31:0];
      apus_rv32_pkg::ALU_SLL: result_o = unreversed;
      apus_rv32_pkg::ALU_SRL, apus_rv32_pkg::ALU_SRA: result_o = shifted[31:0];
      apus_rv32_pkg::ALU_SLT: result_o = {31'd0, is_less};
      apus_rv32_pkg::ALU_SLTU: result_o = {31'd0, is_less_unsigned};
      apus_rv32_pkg::ALU_XOR: result_o = a_i ^ b_i;
      apus_rv32_pkg::ALU_OR: result_o = a_i | b_i;
      apus_rv32_pkg::ALU_AND: result_o = a_i & b_i;
      default: result_o = b_i;
    endcase
  end

  // The bit above the word is the sign that was shifted in.
  logic unused;
  assign unused = shifted[32];

endmodule
