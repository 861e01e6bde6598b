/// Decides whether a `matmul` may run, before anything is written.
///
/// Causes in the order of docs/machine.md: reserved words, negative extents, codes, formats that do
/// not go together, shapes, local addresses. One multiplier computes sizes and how far operands
/// reach, a product every other cycle; with scales, 32 cycles count the groups.
///
/// Latency: 10 to 75 cycles from `start_i` to `done_o`.
/// Emulator twin: Sources/CApusMachine/Matrix.c
module apus_matrix_check #(
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  parameter logic [31:0] MatrixFormats    = apus_chip_pkg::MatrixFormats
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  // Command and descriptor are stable from start_i to done_o.
  input  logic          start_i,
  // Opcode, waits and post are the dispatcher's matter; so are reserved bits.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [255:0]  command_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [1023:0] descriptor_i,
  output logic          done_o,
  // No trap, and nothing to do.
  output logic          is_empty_o,
  output logic          trap_valid_o,
  output logic [3:0]    trap_cause_o,
  output logic [31:0]   m_o,
  output logic [31:0]   n_o,
  output logic [31:0]   k_o
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  // Fields -------------------------------------------------------------------------------------

  logic [4:0]  a_format, b_format, scale_format;
  logic [1:0]  passes;
  logic [2:0]  scaling;
  logic [31:0] group_length;
  logic        has_scales, has_minimums;

  assign a_format = command_i[apus_isa_pkg::MATMUL_A_FORMAT_LSB +: 5];
  assign b_format = command_i[apus_isa_pkg::MATMUL_B_FORMAT_LSB +: 5];
  assign passes = command_i[apus_isa_pkg::MATMUL_PASSES_LSB +: 2];
  assign scaling = command_i[apus_isa_pkg::MATMUL_SCALING_LSB +: 3];
  assign has_scales = scaling != 3'd0;
  assign group_length = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_GROUP_LENGTH_LSB +: 32];
  assign scale_format = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_SCALE_FORMAT_LSB +: 5];
  assign has_minimums =
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_MINIMUMS_LSB +: 32] != '0;

  logic [31:0] a_address, b_address, acc_address, row_stride;
  assign a_address = command_i[apus_isa_pkg::MATMUL_A_LSB +: 32];
  assign b_address = command_i[apus_isa_pkg::MATMUL_B_LSB +: 32];
  assign acc_address = command_i[apus_isa_pkg::MATMUL_ACC_LSB +: 32];
  assign row_stride = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_ROW_STRIDE_LSB +: 32];

  // What the descriptor alone says -------------------------------------------------------------

  localparam int unsigned EXTENTS = 7;
  localparam int unsigned USED_BITS =
      apus_isa_pkg::MATRIX_DESCRIPTOR_SCALE_FORMAT_LSB
      + apus_isa_pkg::MATRIX_DESCRIPTOR_SCALE_FORMAT_WIDTH;
  localparam int unsigned SCALES_LSB = apus_isa_pkg::MATRIX_DESCRIPTOR_A_SCALES_LSB;

  logic [EXTENTS-1:0] is_negative;
  for (genvar i = 0; i < EXTENTS; i++) begin : gen_extents
    assign is_negative[i] = descriptor_i[32*i + 31];
  end

  // Formats that go together ---------------------------------------------------------------------

  localparam logic [31:0] INTEGERS =
      32'd1 << apus_isa_pkg::FORMAT_INT8 | 32'd1 << apus_isa_pkg::FORMAT_UINT8
      | 32'd1 << apus_isa_pkg::FORMAT_INT4 | 32'd1 << apus_isa_pkg::FORMAT_UINT4;
  localparam logic [31:0] NARROW_FLOATS =
      32'd1 << apus_isa_pkg::FORMAT_E4M3 | 32'd1 << apus_isa_pkg::FORMAT_E5M2
      | 32'd1 << apus_isa_pkg::FORMAT_E2M1;
  localparam logic [31:0] FLOATS = NARROW_FLOATS | 32'd1 << apus_isa_pkg::FORMAT_FP32
      | 32'd1 << apus_isa_pkg::FORMAT_BF16 | 32'd1 << apus_isa_pkg::FORMAT_FP16;
  localparam logic [31:0] EXACT_FLOATS =
      32'd1 << apus_isa_pkg::FORMAT_E4M3 | 32'd1 << apus_isa_pkg::FORMAT_E2M1;

  logic are_integers, are_floats, are_exact_floats, any_fp32, go_together, is_fixed54;

  assign are_integers = INTEGERS[a_format] && INTEGERS[b_format];
  assign are_floats = FLOATS[a_format] && FLOATS[b_format];
  assign are_exact_floats = EXACT_FLOATS[a_format] && EXACT_FLOATS[b_format];
  assign any_fp32 =
      a_format == apus_isa_pkg::FORMAT_FP32 || b_format == apus_isa_pkg::FORMAT_FP32;
  assign is_fixed54 = !has_scales && passes == 2'd0
      && a_format == apus_isa_pkg::FORMAT_E4M3 && b_format == apus_isa_pkg::FORMAT_E4M3;

  always_comb begin
    unique case (scaling)
      3'd0: go_together = (are_integers && passes == 2'd0)
          || (are_floats && (passes != 2'd0 || !any_fp32));
      3'd1: go_together = passes == 2'd0 && FLOATS[a_format] && !any_fp32
          && (INTEGERS[b_format] || NARROW_FLOATS[b_format]);
      default: go_together = passes == 2'd0 && (are_integers || are_exact_floats);
    endcase
    if (!MatrixFormats[a_format] || !MatrixFormats[b_format]) go_together = 1'b0;
  end

  /// Half bytes of an element, as a power of two.
  function automatic logic [2:0] size_log2(logic [4:0] format);
    unique case (format)
      apus_isa_pkg::FORMAT_INT4, apus_isa_pkg::FORMAT_UINT4,
      apus_isa_pkg::FORMAT_E2M1: size_log2 = 3'd0;
      apus_isa_pkg::FORMAT_E4M3, apus_isa_pkg::FORMAT_E5M2, apus_isa_pkg::FORMAT_INT8,
      apus_isa_pkg::FORMAT_UINT8, apus_isa_pkg::FORMAT_E8M0: size_log2 = 3'd1;
      apus_isa_pkg::FORMAT_BF16, apus_isa_pkg::FORMAT_FP16, apus_isa_pkg::FORMAT_INT16,
      apus_isa_pkg::FORMAT_UINT16: size_log2 = 3'd2;
      apus_isa_pkg::FORMAT_BITS64, apus_isa_pkg::FORMAT_FIXED54: size_log2 = 3'd4;
      default: size_log2 = 3'd3;
    endcase
  endfunction

  logic [2:0] scale_size;
  logic [3:0] scale_bytes, acc_bytes;
  assign scale_size = size_log2(scale_format);
  assign scale_bytes = 4'd1 << (scale_size - 3'd1);
  assign acc_bytes = is_fixed54 ? 4'd8 : 4'd4;

  logic       descriptor_trap;
  logic [3:0] descriptor_cause;
  always_comb begin
    descriptor_trap = 1'b1;
    descriptor_cause = apus_isa_pkg::CAUSE_UNSUPPORTED_FORMAT;
    if (descriptor_i[1023:USED_BITS] != '0) descriptor_cause = apus_isa_pkg::CAUSE_RESERVED_BITS;
    else if (is_negative != '0 || group_length[31]) begin
      descriptor_cause = apus_isa_pkg::CAUSE_BAD_SHAPE;
    end else if (descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_SCALE_FORMAT_LSB + 4 +: 28] != '0)
    begin
      descriptor_cause = apus_isa_pkg::CAUSE_UNKNOWN_CODE;
    end else if (go_together) descriptor_trap = 1'b0;
  end

  logic       scales_trap;
  logic [3:0] scales_cause;
  always_comb begin
    scales_trap = 1'b0;
    scales_cause = apus_isa_pkg::CAUSE_RESERVED_BITS;
    if (!has_scales) scales_trap = descriptor_i[USED_BITS-1:SCALES_LSB] != '0;
    else if (group_length == '0) begin
      scales_trap = 1'b1;
      scales_cause = apus_isa_pkg::CAUSE_BAD_SHAPE;
    end else if (scale_size == 3'd0 || scale_size == 3'd4) begin
      scales_trap = 1'b1;
      scales_cause = apus_isa_pkg::CAUSE_UNSUPPORTED_FORMAT;
    end
  end

  // The sequence ---------------------------------------------------------------------------------

  // Steps of the multiplier.
  localparam logic [4:0] STEP_M = 5'd0, STEP_N = 5'd1, STEP_K01 = 5'd2, STEP_K = 5'd3;
  localparam logic [4:0] STEP_A = 5'd4, STEP_A_LAST = 5'd8, STEP_B = 5'd9, STEP_B_LAST = 5'd13;
  localparam logic [4:0] STEP_B_SCALES = 5'd14, STEP_A_SCALES = 5'd16, STEP_ACC = 5'd18;

  typedef enum logic [2:0] {
    IDLE = 3'd0, DESCRIPTOR = 3'd1, MULTIPLY = 3'd2, USE = 3'd3, DIVIDE = 3'd4, DONE = 3'd5
  } state_e;

  state_e             state_q, state_d;
  logic [4:0]         step_q, step_d;
  logic [31:0]        m_q, n_q, k_q, groups_q;
  logic               trap_q, trap_d, is_empty_q, is_empty_d;
  logic [3:0]         cause_q, cause_d;
  logic signed [66:0] low_q, low_d, high_q, high_d;

  // Operands of the multiplier, chosen while the product before is used: an extent, less one where
  // a reach is computed, and a stride.
  logic [31:0]        extent, extent_q;
  logic signed [32:0] stride, stride_q;
  logic signed [65:0] product_q;
  logic               is_reach;

  /// Descriptor word `index`.
  function automatic logic [31:0] word(logic [1023:0] descriptor, logic [4:0] index);
    word = descriptor[{5'b0, index} * 10'd32 +: 32];
  endfunction

  localparam logic [4:0] WORD_A_STRIDES =
      5'(apus_isa_pkg::MATRIX_DESCRIPTOR_A_STRIDES_LSB / 32);
  localparam logic [4:0] WORD_B_STRIDES =
      5'(apus_isa_pkg::MATRIX_DESCRIPTOR_B_STRIDES_LSB / 32);
  localparam logic [4:0] WORD_N0 = 5'(apus_isa_pkg::MATRIX_DESCRIPTOR_N0_LSB / 32);
  localparam logic [4:0] WORD_K0 = 5'(apus_isa_pkg::MATRIX_DESCRIPTOR_K0_LSB / 32);

  logic [31:0] b_scale_row, a_scale_row;
  assign b_scale_row =
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_SCALE_ROW_STRIDE_LSB +: 32];
  assign a_scale_row =
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_A_SCALE_ROW_STRIDE_LSB +: 32];

  always_comb begin
    logic [4:0] dimension;
    is_reach = step_d > STEP_K;
    dimension = '0;
    unique case (step_d)
      STEP_M: begin
        extent = word(descriptor_i, 5'd0);
        stride = $signed({1'b0, word(descriptor_i, 5'd1)});
      end
      STEP_N: begin
        extent = word(descriptor_i, WORD_N0);
        stride = $signed({1'b0, word(descriptor_i, WORD_N0 + 5'd1)});
      end
      STEP_K01: begin
        extent = word(descriptor_i, WORD_K0);
        stride = $signed({1'b0, word(descriptor_i, WORD_K0 + 5'd1)});
      end
      STEP_K: begin
        extent = product_q[31:0];
        stride = $signed({1'b0, word(descriptor_i, WORD_K0 + 5'd2)});
      end
      STEP_B_SCALES: begin
        extent = groups_q;
        stride = $signed({b_scale_row[31], b_scale_row});
      end
      STEP_B_SCALES + 5'd1: begin
        extent = n_q;
        stride = $signed({29'b0, scale_bytes});
      end
      STEP_A_SCALES: begin
        extent = m_q;
        stride = $signed({a_scale_row[31], a_scale_row});
      end
      STEP_A_SCALES + 5'd1: begin
        extent = groups_q;
        stride = $signed({29'b0, scale_bytes});
      end
      STEP_ACC: begin
        extent = m_q;
        stride = $signed({row_stride[31], row_stride});
      end
      STEP_ACC + 5'd1: begin
        extent = n_q;
        stride = $signed({29'b0, acc_bytes});
        is_reach = 1'b0;
      end
      default: begin
        // A's and B's dimensions: m0, m1 (n0, n1), k0, k1, k2.
        dimension = step_d < STEP_B ? step_d - STEP_A : step_d - STEP_B;
        if (dimension >= 5'd2) extent = word(descriptor_i, WORD_K0 + dimension - 5'd2);
        else extent = word(descriptor_i, (step_d < STEP_B ? 5'd0 : WORD_N0) + dimension);
        stride = $signed({1'b0, word(descriptor_i,
            (step_d < STEP_B ? WORD_A_STRIDES : WORD_B_STRIDES) + dimension)});
        stride[32] = stride[31];
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (state_q != MULTIPLY) begin
      extent_q <= extent - 32'(is_reach);
      stride_q <= stride;
    end
    product_q <= $signed({34'b0, extent_q}) * 66'(stride_q);
  end

  // Where the elements that were reached lie ---------------------------------------------------

  logic [31:0]        base;
  logic [2:0]         size;
  logic signed [66:0] lowest, end_of;
  logic               leaves_scratchpad, leaves_with_minimums, leaves_accumulators;

  always_comb begin
    unique case (step_q)
      STEP_A_LAST: base = a_address;
      STEP_B_LAST: base = b_address;
      STEP_B_SCALES + 5'd1:
          base = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_SCALES_LSB +: 32];
      default: base = descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_A_SCALES_LSB +: 32];
    endcase
    if (step_q == STEP_A_LAST) size = size_log2(a_format);
    else if (step_q == STEP_B_LAST) size = size_log2(b_format);
    else size = scale_size;
    low_d = low_q + (product_q < 0 ? 67'(product_q) : '0);
    high_d = high_q + (product_q < 0 ? '0 : 67'(product_q));
    lowest = size == '0 ? low_d >>> 1 : low_d;
    end_of = size == '0 ? (high_d >>> 1) + 67'sd1 : high_d + $signed(67'd1 << (size - 3'd1));
  end

  localparam logic signed [66:0] SCRATCHPAD_END = 67'(ScratchpadBytes);
  localparam logic signed [66:0] ACC_BEGIN = {35'b0, apus_isa_pkg::LOCAL_ACCUMULATORS};
  localparam logic signed [66:0] ACC_END =
      {35'b0, apus_isa_pkg::LOCAL_ACCUMULATORS} + 67'(AccumulatorBytes);

  function automatic logic leaves(
      logic [31:0] address, logic signed [66:0] low, logic signed [66:0] high);
    leaves = $signed({35'b0, address}) + low < 0
        || $signed({35'b0, address}) + high > SCRATCHPAD_END;
  endfunction

  assign leaves_scratchpad = leaves(base, lowest, end_of);
  assign leaves_with_minimums = has_minimums && leaves(
      descriptor_i[apus_isa_pkg::MATRIX_DESCRIPTOR_B_MINIMUMS_LSB +: 32], lowest, end_of);

  // Rows of accumulators: high_q is (m - 1) * row, product_q n * size.
  logic signed [66:0] acc_address_wide;
  assign acc_address_wide = $signed({35'b0, acc_address});
  assign leaves_accumulators = acc_address_wide < ACC_BEGIN
      || acc_address_wide + low_q + high_q + 67'(product_q) > ACC_END;

  logic       acc_trap;
  logic [3:0] acc_cause;
  always_comb begin
    acc_trap = 1'b1;
    acc_cause = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
    if (((acc_address | row_stride) & {28'b0, acc_bytes - 4'd1}) != '0) begin
      acc_cause = apus_isa_pkg::CAUSE_MISALIGNED_ADDRESS;
    end else if (m_q > 32'd1 && 67'($signed(row_stride)) < 67'(product_q)) begin
      acc_cause = apus_isa_pkg::CAUSE_BAD_SHAPE;
    end else if (!leaves_accumulators) acc_trap = 1'b0;
  end

  // Groups along k: k divided by the group's length, rounded up, bit by bit.
  logic [32:0] remainder_q, remainder_d;
  logic [5:0]  bit_q;
  logic        fits;
  assign remainder_d = {remainder_q[31:0], groups_q[31]};
  assign fits = remainder_d >= {1'b0, group_length};

  // Next state -----------------------------------------------------------------------------------

  logic is_k_zero, is_too_large;
  assign is_k_zero = word(descriptor_i, WORD_K0) == '0 || word(descriptor_i, WORD_K0 + 5'd1) == '0
      || word(descriptor_i, WORD_K0 + 5'd2) == '0;
  // A command has at most 2^31 elements, unless an extent is zero.
  assign is_too_large = product_q > 66'sh8000_0000
      && !(is_k_zero && (step_q == STEP_K01 || step_q == STEP_K));

  always_comb begin
    state_d = state_q;
    step_d = step_q;
    trap_d = trap_q;
    cause_d = cause_q;
    is_empty_d = is_empty_q;
    unique case (state_q)
      IDLE: if (start_i) begin
        state_d = DESCRIPTOR;
        step_d = STEP_M;
        trap_d = 1'b0;
        is_empty_d = 1'b0;
      end
      DESCRIPTOR: begin
        state_d = descriptor_trap ? DONE : MULTIPLY;
        trap_d = descriptor_trap;
        cause_d = descriptor_cause;
      end
      MULTIPLY: state_d = USE;
      USE: begin
        state_d = MULTIPLY;
        step_d = step_q + 5'd1;
        unique case (step_q)
          STEP_M, STEP_N, STEP_K01, STEP_K: begin
            if (is_too_large) begin
              trap_d = 1'b1;
              cause_d = apus_isa_pkg::CAUSE_BAD_SHAPE;
            end else if (step_q == STEP_K) begin
              trap_d = scales_trap;
              cause_d = scales_cause;
              is_empty_d = m_q == '0 || n_q == '0;
              if (is_k_zero) step_d = STEP_ACC;
              else if (has_scales) state_d = DIVIDE;
            end
          end
          STEP_A_LAST: begin
            trap_d = leaves_scratchpad;
            cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
          end
          STEP_B_LAST: begin
            trap_d = leaves_scratchpad;
            cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
            if (!has_scales) step_d = STEP_ACC;
          end
          STEP_B_SCALES + 5'd1: begin
            trap_d = leaves_scratchpad || leaves_with_minimums;
            cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
            if (scaling == 3'd1) step_d = STEP_ACC;
          end
          STEP_A_SCALES + 5'd1: begin
            trap_d = leaves_scratchpad;
            cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
          end
          STEP_ACC + 5'd1: begin
            trap_d = acc_trap;
            cause_d = acc_cause;
            state_d = DONE;
          end
          default: ;
        endcase
        if (trap_d || is_empty_d) state_d = DONE;
      end
      DIVIDE: if (bit_q == 6'd32) state_d = MULTIPLY;
      DONE: state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  // The first step of what is reached begins anew.
  logic begins_reach;
  assign begins_reach = step_q == STEP_A || step_q == STEP_B || step_q == STEP_B_SCALES
      || step_q == STEP_A_SCALES || step_q == STEP_ACC;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= IDLE;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    step_q <= step_d;
    trap_q <= trap_d;
    cause_q <= cause_d;
    is_empty_q <= is_empty_d;
    if (state_q == MULTIPLY && begins_reach) begin
      low_q <= '0;
      high_q <= '0;
    end else if (state_q == USE) begin
      low_q <= low_d;
      high_q <= high_d;
    end
    if (state_q == USE && step_q == STEP_M) m_q <= product_q[31:0];
    if (state_q == USE && step_q == STEP_N) n_q <= product_q[31:0];
    if (state_q == USE && (step_q == STEP_K01 || step_q == STEP_K)) begin
      k_q <= is_k_zero ? '0 : product_q[31:0];
    end
    if (state_q == USE) begin
      groups_q <= step_q == STEP_K ? product_q[31:0] : groups_q;
      remainder_q <= '0;
      bit_q <= '0;
    end else if (state_q == DIVIDE && bit_q != 6'd32) begin
      groups_q <= {groups_q[30:0], fits};
      remainder_q <= fits ? remainder_d - {1'b0, group_length} : remainder_d;
      bit_q <= bit_q + 6'd1;
    end else if (state_q == DIVIDE) begin
      groups_q <= groups_q + 32'(remainder_q != '0);
    end
  end

  assign done_o = state_q == DONE;
  assign trap_valid_o = trap_q;
  assign trap_cause_o = trap_q ? cause_q : '0;
  assign is_empty_o = is_empty_q;
  assign m_o = m_q;
  assign n_o = n_q;
  assign k_o = k_q;

endmodule
