/// Divides, takes square roots and remainders, one bit per cycle.
///
///     OP_DIV      a / b               binary32, one rounding, ties to even
///     OP_SQRT     square root of a    likewise
///     OP_REM      a - b * trunc(a/b)  binary32, exact, the sign of a
///     OP_DIV_INT  a / b               two's complement, truncated; -1 if b is 0
///     OP_REM_INT  a % b               of the truncated quotient; a if b is 0
///
/// All are one restoring loop: shift the remainder, subtract what fits, note whether it did. A
/// quotient and a root have 26 bits, two more than the result, and what is left says whether they
/// are exact. Every NaN is 0x7FC0_0000; subnormal numbers are kept. Results that need no loop wait
/// for its end, so that a quotient or a root takes as long whatever its operands; the remainder's
/// loop is as long as their exponents are apart.
///
/// Latency: 29 cycles for DIV and SQRT, 35 for integers, 4 to 281 for REM.
/// Emulator twin: `/`, `sqrtf`, `fmodf`, divide_i32 of Sources/CApusNumerics/rows.c
module apus_divide (
  input  logic        clk_i,
  input  logic        rst_ni,
  /// Begins, unless an operation is under way.
  input  logic        start_i,
  input  logic [2:0]  op_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic        busy_o,
  /// High for one cycle, with the result.
  output logic        done_o,
  output logic [31:0] result_o
);

  localparam logic [2:0] OP_DIV     = 3'd0;
  localparam logic [2:0] OP_SQRT    = 3'd1;
  localparam logic [2:0] OP_REM     = 3'd2;
  localparam logic [2:0] OP_REM_INT = 3'd4;

  localparam logic [31:0] CANONICAL_NAN = 32'h7FC0_0000;
  // Bits of quotient and root: a significand, one to round by, and one more.
  localparam logic [8:0] ROOT_BITS = 9'd26;

  typedef enum logic [1:0] {
    STATE_IDLE,
    STATE_PREPARE,
    STATE_LOOP,
    STATE_ROUND
  } state_e;

  state_e             state_q;
  logic [2:0]         op_q;
  logic [31:0]        a_q, b_q;
  logic [33:0]        remainder_q;
  // The divisor, or what is left of a radicand.
  logic [32:0]        divisor_q;
  // The quotient's bits so far; of integers the dividend leaves at the top.
  logic [31:0]        quotient_q;
  logic [8:0]         count_q;
  logic signed [10:0] exponent_q;
  logic               sign_q;
  logic               is_special_q;
  logic [31:0]        special_q;

  logic is_integer, is_root;
  assign is_integer = op_q > OP_REM;
  assign is_root = op_q == OP_SQRT;

  // Prepare: operands as significand and exponent, and results that need no loop ---------------

  logic        a_is_nan, a_is_infinite, a_is_zero, b_is_nan, b_is_infinite, b_is_zero;
  logic [23:0] a_raw, b_raw, a_significand, b_significand;
  logic [4:0]  a_zeros, b_zeros;
  logic signed [10:0] a_exponent, b_exponent, distance;
  logic               is_nan, a_is_smaller;

  assign a_is_nan = a_q[30:23] == 8'hFF && a_q[22:0] != '0;
  assign b_is_nan = b_q[30:23] == 8'hFF && b_q[22:0] != '0;
  assign a_is_infinite = a_q[30:0] == 31'h7F80_0000;
  assign b_is_infinite = b_q[30:0] == 31'h7F80_0000;
  assign a_is_zero = a_q[30:0] == '0;
  assign b_is_zero = b_q[30:0] == '0;
  assign a_raw = {a_q[30:23] != '0, a_q[22:0]};
  assign b_raw = {b_q[30:23] != '0, b_q[22:0]};

  apus_leading_zeros #(.Width(24)) u_a_zeros (.word_i(a_raw), .count_o(a_zeros));
  apus_leading_zeros #(.Width(24)) u_b_zeros (.word_i(b_raw), .count_o(b_zeros));

  assign a_significand = a_raw << a_zeros;
  assign b_significand = b_raw << b_zeros;
  // The value is significand * 2^(exponent - 150).
  assign a_exponent = $signed({3'b0, a_q[30:23] | 8'(a_q[30:23] == '0)}) - $signed({6'b0, a_zeros});
  assign b_exponent = $signed({3'b0, b_q[30:23] | 8'(b_q[30:23] == '0)}) - $signed({6'b0, b_zeros});
  assign distance = a_exponent - b_exponent;
  assign a_is_smaller = a_significand < b_significand;

  always_comb begin
    unique case (op_q)
      OP_DIV: is_nan = a_is_nan || b_is_nan || (a_is_zero && b_is_zero)
          || (a_is_infinite && b_is_infinite);
      OP_SQRT: is_nan = a_is_nan || (a_q[31] && !a_is_zero);
      default: is_nan = a_is_nan || b_is_nan || a_is_infinite || b_is_zero;
    endcase
  end

  logic               is_special, sign;
  logic [31:0]        special;
  logic [33:0]        first_remainder;
  logic [32:0]        first_divisor;
  logic [31:0]        first_quotient;
  logic [8:0]         first_count;
  logic signed [10:0] first_exponent;
  logic signed [10:0] root_exponent;
  logic               root_is_odd;

  // Root of m * 2^(e - 150): of m or 2m, so that the exponent halves.
  assign root_is_odd = !a_exponent[0];
  assign root_exponent = (a_exponent + 11'sd127 - $signed({10'b0, root_is_odd})) >>> 1;

  always_comb begin
    sign = a_q[31] ^ b_q[31];
    is_special = is_nan;
    special = CANONICAL_NAN;
    first_remainder = {10'b0, a_significand};
    first_divisor = {8'b0, b_significand, 1'b0};
    first_quotient = '0;
    first_count = ROOT_BITS;
    first_exponent = distance + 11'sd127;
    unique case (op_q)
      OP_DIV: begin
        // A quotient of significands below one begins one bit later.
        if (a_is_smaller) begin
          first_remainder = {9'b0, a_significand, 1'b0};
          first_exponent = distance + 11'sd126;
        end
        if (!is_nan && (a_is_infinite || b_is_zero)) begin
          is_special = 1'b1;
          special = {sign, 8'hFF, 23'b0};
        end else if (!is_nan && (a_is_zero || b_is_infinite)) begin
          is_special = 1'b1;
          special = {sign, 31'b0};
        end
      end
      OP_SQRT: begin
        sign = 1'b0;
        first_remainder = '0;
        first_divisor = root_is_odd ? {a_significand, 9'b0} : {1'b0, a_significand, 8'b0};
        first_exponent = root_exponent;
        if (!is_nan && (a_is_zero || a_is_infinite)) begin
          is_special = 1'b1;
          special = a_q;
        end
      end
      OP_REM: begin
        sign = a_q[31];
        first_exponent = b_exponent;
        first_count = distance[8:0] + 9'd1;
        if (!is_nan && (b_is_infinite || a_is_zero || distance < 0)) begin
          is_special = 1'b1;
          special = a_q;
        end
        if (is_special) first_count = 9'd1;
      end
      default: begin
        first_remainder = '0;
        first_divisor = {1'b0, b_q[31] ? -b_q : b_q};
        first_quotient = a_q[31] ? -a_q : a_q;
        first_count = 9'd32;
        is_special = b_q == '0;
        special = op_q == OP_REM_INT ? a_q : '1;
        if (op_q == OP_REM_INT) sign = a_q[31];
      end
    endcase
  end

  // Loop --------------------------------------------------------------------------------------

  logic [33:0] shifted, taken, next_remainder;
  logic [34:0] difference;
  logic        fits;

  always_comb begin
    if (is_root) begin
      shifted = {remainder_q[31:0], divisor_q[32:31]};
      taken = {4'b0, quotient_q[27:0], 2'b01};
    end else begin
      shifted = {remainder_q[32:0], is_integer && quotient_q[31]};
      taken = {1'b0, divisor_q};
    end
  end

  assign difference = {1'b0, shifted} - {1'b0, taken};
  assign fits = !difference[34];
  assign next_remainder = fits ? difference[33:0] : shifted;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= STATE_IDLE;
    end else begin
      unique case (state_q)
        STATE_IDLE: if (start_i) state_q <= STATE_PREPARE;
        STATE_PREPARE: state_q <= STATE_LOOP;
        STATE_LOOP: if (count_q == 9'd1) state_q <= STATE_ROUND;
        default: state_q <= STATE_IDLE;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      STATE_IDLE: begin
        op_q <= op_i;
        a_q <= a_i;
        b_q <= b_i;
      end
      STATE_PREPARE: begin
        is_special_q <= is_special;
        special_q <= special;
        sign_q <= sign;
        remainder_q <= first_remainder;
        divisor_q <= first_divisor;
        quotient_q <= first_quotient;
        count_q <= first_count;
        exponent_q <= first_exponent;
      end
      STATE_LOOP: begin
        remainder_q <= next_remainder;
        quotient_q <= {quotient_q[30:0], fits};
        if (is_root) divisor_q <= {divisor_q[30:0], 2'b0};
        count_q <= count_q - 9'd1;
      end
      default: ;
    endcase
  end

  // Round ------------------------------------------------------------------------------------

  logic [25:0]        unrounded, placed;
  logic [23:0]        rest_significand;
  logic [4:0]         rest_zeros;
  logic signed [10:0] exponent;
  logic               is_inexact, lost, round_up;
  logic [10:0]        shift_wanted;
  logic [4:0]         shift;
  logic [30:0]        rounded;
  logic [31:0]        float_result, integer_result;

  // The remainder was doubled once with its divisor.
  assign rest_significand = remainder_q[24:1];
  apus_leading_zeros #(.Width(24)) u_rest_zeros (.word_i(rest_significand), .count_o(rest_zeros));

  always_comb begin
    if (op_q == OP_REM) begin
      unrounded = {rest_significand << rest_zeros, 2'b0};
      exponent = exponent_q - $signed({6'b0, rest_zeros});
      is_inexact = 1'b0;
    end else begin
      unrounded = quotient_q[25:0];
      exponent = exponent_q;
      is_inexact = remainder_q != '0;
    end
  end

  // Below the smallest normal number the significand moves right.
  assign shift_wanted = 11'sd1 - exponent;
  always_comb begin
    if (exponent >= 11'sd1) shift = '0;
    else if (shift_wanted > 11'd27) shift = 5'd27;
    else shift = shift_wanted[4:0];
  end
  assign placed = unrounded >> shift;
  assign lost = (unrounded & ~({26{1'b1}} << shift)) != '0;
  assign round_up = placed[1] && (placed[0] || placed[2] || lost || is_inexact);
  // The hidden bit adds one to the exponent where there is one, and a carry another.
  assign rounded = {exponent >= 11'sd1 ? exponent[7:0] - 8'd1 : 8'd0, 23'b0}
      + 31'(placed[25:2]) + 31'(round_up);

  always_comb begin
    if (op_q == OP_REM && rest_significand == '0) float_result = {sign_q, 31'b0};
    else if (exponent > 11'sd254 || rounded[30:23] == 8'hFF) float_result = {sign_q, 8'hFF, 23'b0};
    else float_result = {sign_q, rounded};
    integer_result = op_q == OP_REM_INT ? remainder_q[31:0] : quotient_q;
    if (sign_q) integer_result = -integer_result;
    if (is_special_q) result_o = special_q;
    else result_o = is_integer ? integer_result : float_result;
  end

  assign busy_o = state_q != STATE_IDLE;
  assign done_o = state_q == STATE_ROUND;

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// No other operation is asked for.
  OperationIsKnown: assert property (@(posedge clk_i) disable iff (!is_running_q)
      start_i |-> op_i <= OP_REM_INT);
  /// The first bit of a quotient or root is one, so that nothing has to be normalised.
  QuotientIsNormal: assert property (@(posedge clk_i) disable iff (!is_running_q)
      done_o && !is_special_q && op_q <= OP_SQRT |-> quotient_q[25]);
`endif

endmodule
