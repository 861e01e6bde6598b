/// What the parts of the Matrix engine agree on: how operands stand on the wires of the array.
// No single module uses every constant.
// verilator lint_off UNUSEDPARAM
package apus_matrix_pkg;

  // Accumulators that take turns in a cell: a sum comes back two cycles after it left.
  parameter int unsigned SLOTS = 2;
  // Width of a cell's accumulator: fixed54, INT32 and FP32 lie in its low bits.
  parameter int unsigned ACC_WIDTH = 54;
  // Products that a cell adds in a cycle in the exact modes.
  parameter int unsigned LANES = 4;

  // One element of an 8-bit format (or 4-bit, which are subsets) as the multipliers take it: an
  // integer as nine bits with sign, an E4M3 number as its signed significand.
  parameter int unsigned LANE_WIDTH = 9;

  typedef enum logic [1:0] {
    MODE_FLOAT = 2'd0,
    MODE_INTEGER = 2'd1,
    MODE_E4M3 = 2'd2
  } mode_e;

  /// A row's or column's operand of one step, made at the array's edge.
  ///
  /// Float: the significand, eleven bits with the leading one, is cut into its three high and eight
  /// low bits. A's lanes are low, low, high, high, B's low, high, low, high, so that lane products
  /// are those of a long multiplication. The exponent is biased by 127 and so wide that every
  /// subnormal number is normalised.
  typedef struct packed {
    logic [LANES*LANE_WIDTH-1:0] lanes;
    // E4M3: of each lane, the exponent less that of the smallest number, 0 to 14.
    logic [4*LANES-1:0]          shifts;
    // Float, below.
    logic signed [8:0]           exponent;
    logic                        sign;
    logic                        is_zero;
    logic                        is_infinite;
    // Also of E4M3: one of the elements.
    logic                        is_nan;
  } operand_t;

  parameter int unsigned OPERAND_WIDTH = LANES * LANE_WIDTH + 4 * LANES + 9 + 4;

  /// What travels round a cell and from cell to cell: an accumulator, and whether an exact sum is
  /// not a number.
  typedef struct packed {
    logic                 is_nan;
    logic [ACC_WIDTH-1:0] sum;
  } acc_t;

  parameter int unsigned ACC_T_WIDTH = 1 + ACC_WIDTH;

  /// What a command and its descriptor say, decoded.
  typedef struct packed {
    logic [4:0] a_format;
    logic [4:0] b_format;
    logic [4:0] scale_format;
    // Half bytes of an element of A, of B and of a scale, as powers of two.
    logic [1:0] a_size;
    logic [1:0] b_size;
    logic [1:0] scale_size;
    logic [1:0] passes;
    logic [1:0] mode;
    logic       accumulates;
    logic       dequantises;
    logic       folds;
    logic       has_minimums;
    logic       is_exact;
    logic       is_integer;
    logic       is_fixed54;
  } facts_t;

  parameter int unsigned FACTS_WIDTH = 3 * 5 + 5 * 2 + 7;

endpackage
// verilator lint_on UNUSEDPARAM
