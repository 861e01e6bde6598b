/// Multiplies and divides two words by the rules of RISC-V's extension M.
///
/// `funct3_i` chooses mul, mulh, mulhsu, mulhu, div, divu, rem, remu (0 to 7). Operands are held
/// while `valid_i` is high; `ready_o` is high for the one cycle in which `result_o` is valid.
///
/// Latency: 2 cycles after the first for a product, 34 for a quotient. Throughput: one at a time,
/// because kernels multiply rarely and divide hardly ever.
module apus_rv32_muldiv (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [2:0]  funct3_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] result_o
);

  localparam int unsigned StepWidth = 6;
  localparam logic [5:0] DivideSteps = 6'd32;

  // 0: the operands are taken; then a product is there after 2 steps, a quotient after 34.
  logic [StepWidth-1:0] step_q, step_d;
  logic                 is_divide, is_signed_a, is_signed_b;

  assign is_divide = funct3_i[2];
  assign is_signed_a = is_divide ? !funct3_i[0] : funct3_i[1:0] != 2'd3;
  assign is_signed_b = is_divide ? !funct3_i[0] : !funct3_i[1];

  // Products: registered operands, then a registered product.
  logic signed [32:0] factor_a_q, factor_b_q;
  logic signed [65:0] product, product_q;

  assign product = factor_a_q * factor_b_q;

  // Quotients: restoring division of magnitudes, one bit a cycle.
  logic [31:0] magnitude_a, magnitude_b;
  logic [31:0] quotient_q, quotient_d, divisor_q;
  logic [32:0] remainder_q, remainder_d, difference;
  logic        negates_quotient_q, negates_remainder_q;

  assign magnitude_a = is_signed_a && a_i[31] ? -a_i : a_i;
  assign magnitude_b = is_signed_b && b_i[31] ? -b_i : b_i;

  always_comb begin
    remainder_d = {remainder_q[31:0], quotient_q[31]};
    difference = remainder_d - {1'b0, divisor_q};
    quotient_d = {quotient_q[30:0], !difference[32]};
    if (!difference[32]) remainder_d = difference;
  end

  always_comb begin
    step_d = step_q;
    if (!valid_i || ready_o) step_d = '0;
    else step_d = step_q + 6'd1;
  end
  assign ready_o = valid_i && step_q == (is_divide ? DivideSteps + 6'd1 : 6'd2);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q <= '0;
    end else begin
      step_q <= step_d;
    end
  end

  // Data needs no reset: a step that reads it was preceded by one that wrote it.
  always_ff @(posedge clk_i) begin
    if (step_q == '0) begin
      factor_a_q <= {is_signed_a && a_i[31], a_i};
      factor_b_q <= {is_signed_b && b_i[31], b_i};
      quotient_q <= magnitude_a;
      divisor_q <= magnitude_b;
      remainder_q <= '0;
      // By zero the quotient is all ones whatever the signs.
      negates_quotient_q <= is_signed_a && (a_i[31] != b_i[31]) && b_i != '0;
      negates_remainder_q <= is_signed_a && a_i[31];
    end else begin
      quotient_q <= quotient_d;
      remainder_q <= remainder_d;
    end
    product_q <= product;
  end

  always_comb begin
    unique case (funct3_i)
      3'd0: result_o = product_q[31:0];
      3'd1, 3'd2, 3'd3: result_o = product_q[63:32];
      3'd4, 3'd5: result_o = negates_quotient_q ? -quotient_q : quotient_q;
      default: result_o = negates_remainder_q ? -remainder_q[31:0] : remainder_q[31:0];
    endcase
  end

  // Bits beyond the result: signs, and the place into which a remainder is shifted.
  logic unused;
  assign unused = ^{product_q[65:64], remainder_q[32]};

endmodule
