/// What the words of a `matmul` say, decoded once for the whole command.
///
/// The words stay as long as the command runs, and the checks take ten cycles: registers here cost
/// no time, and what they feed does not wait for the formats' decoding.
///
/// Latency: 1 cycle.
module apus_matrix_facts (
  input  logic          clk_i,
  // Opcode, waits, post and what the checks alone read.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [255:0]  command_i,
  input  logic [1023:0] descriptor_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [apus_matrix_pkg::FACTS_WIDTH-1:0] facts_o
);

  function automatic logic is_integer_format(logic [4:0] format);
    is_integer_format = format == apus_isa_pkg::FORMAT_INT8
        || format == apus_isa_pkg::FORMAT_UINT8 || format == apus_isa_pkg::FORMAT_INT4
        || format == apus_isa_pkg::FORMAT_UINT4;
  endfunction

  /// Half bytes of an element, as a power of two; of formats that may be operands or scales.
  function automatic logic [1:0] size_log2(logic [4:0] format);
    unique case (format)
      apus_isa_pkg::FORMAT_INT4, apus_isa_pkg::FORMAT_UINT4,
      apus_isa_pkg::FORMAT_E2M1: size_log2 = 2'd0;
      apus_isa_pkg::FORMAT_E4M3, apus_isa_pkg::FORMAT_E5M2, apus_isa_pkg::FORMAT_INT8,
      apus_isa_pkg::FORMAT_UINT8, apus_isa_pkg::FORMAT_E8M0: size_log2 = 2'd1;
      apus_isa_pkg::FORMAT_FP32, apus_isa_pkg::FORMAT_INT32: size_log2 = 2'd3;
      default: size_log2 = 2'd2;
    endcase
  endfunction

  apus_matrix_pkg::facts_t facts_d, facts_q;

  always_comb begin
    facts_d.a_format = command_i[apus_isa_pkg::MATMUL_A_FORMAT_LSB +: 5];
    facts_d.b_format = command_i[apus_isa_pkg::MATMUL_B_FORMAT_LSB +: 5];
    facts_d.scale_format = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_SCALE_FORMAT_LSB +: 5];
    facts_d.a_size = size_log2(facts_d.a_format);
    facts_d.b_size = size_log2(facts_d.b_format);
    facts_d.scale_size = size_log2(facts_d.scale_format);
    facts_d.passes = command_i[apus_isa_pkg::MATMUL_PASSES_LSB +: 2];
    facts_d.accumulates = command_i[apus_isa_pkg::MATMUL_ACCUMULATE_LSB];
    facts_d.dequantises = command_i[apus_isa_pkg::MATMUL_SCALING_LSB +: 3] == 3'd1;
    facts_d.folds = command_i[apus_isa_pkg::MATMUL_SCALING_LSB +: 3] == 3'd2;
    facts_d.has_minimums =
        descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_MINIMUMS_LSB +: 32] != '0;
    facts_d.is_integer = is_integer_format(facts_d.a_format);
    facts_d.is_fixed54 = !facts_d.folds && !facts_d.dequantises && facts_d.passes == 2'd0
        && facts_d.a_format == apus_isa_pkg::FORMAT_E4M3
        && facts_d.b_format == apus_isa_pkg::FORMAT_E4M3;
    facts_d.is_exact = facts_d.folds || facts_d.is_fixed54
        || (facts_d.is_integer && is_integer_format(facts_d.b_format));
    facts_d.mode = !facts_d.is_exact ? apus_matrix_pkg::MODE_FLOAT
        : facts_d.is_integer ? apus_matrix_pkg::MODE_INTEGER : apus_matrix_pkg::MODE_E4M3;
  end

  always_ff @(posedge clk_i) facts_q <= facts_d;

  assign facts_o = facts_q;

endmodule
