/// Brings product and addend of a fused multiply-add into one window of fixed point.
///
///     bit WindowWidth-1   room for the carry
///     bit WindowWidth-2   has the weight 2^(frame_exponent_o - 127)
///     bit LowBits         the product's last bit, unless the frame is the addend's
///
/// The frame is the product's as long as the addend reaches at most 26 bits higher; otherwise it
/// is the addend's, and the product is so small that one bit at the bottom stands for it (it cannot
/// reach the bit behind the rounding position). What the addend loses below the window is any bit of
/// `lost_o`; a pipeline may keep these and join them later, beside the sum.
/// Because the addend's exponent is at least that of the smallest normal number, the result never
/// has to be shifted right, not even a subnormal one.
///
/// LowBits is large enough that lost bits and cancellation exclude each other:
/// 27 - ProductWidth where operands are normalised, 26 - ProductWidth / 2 where one of the two may
/// be subnormal (docs/hardware/numeric.md shows why).
///
/// Latency: combinational.
module apus_fma_align #(
  parameter int unsigned ProductWidth = 48,
  parameter int unsigned LowBits      = 2,
  localparam int unsigned WindowWidth = ProductWidth + LowBits + 26
) (
  /// Two bits before the binary point; the value is product_i * 2^(exponent - 127 - P + 2).
  input  logic [ProductWidth-1:0] product_i,
  input  logic signed [10:0]      product_exponent_i,
  /// The product is exactly zero; product_i must then be zero and its exponent is ignored.
  input  logic                    product_zero_i,
  input  logic [23:0]             addend_significand_i,
  /// Biased; 1 for subnormal numbers and zero.
  input  logic [7:0]              addend_exponent_i,
  output logic [WindowWidth-1:0]  product_o,
  output logic [WindowWidth-1:0]  addend_o,
  output logic [6:0]              lost_o,
  output logic signed [10:0]      frame_exponent_o
);

  // How far the addend lies below the top of the product's frame.
  logic signed [11:0] distance;
  logic               is_addend_frame;

  assign distance =
      12'(product_exponent_i) + 12'sd26 - $signed({4'b0, addend_exponent_i});
  assign is_addend_frame = product_zero_i || distance < 0;
  assign frame_exponent_o = is_addend_frame
      ? $signed({3'b0, addend_exponent_i}) : product_exponent_i + 11'sd26;

  always_comb begin
    product_o = '0;
    if (is_addend_frame) product_o[0] = !product_zero_i;
    else product_o[LowBits +: ProductWidth] = product_i;
  end

  // Shifts of WindowWidth and more leave nothing but the sticky bit.
  localparam int unsigned ShiftWidth = $clog2(WindowWidth + 24);
  localparam int unsigned PlacedWidth = WindowWidth + 23;
  logic [ShiftWidth-1:0]  shift;
  logic [PlacedWidth-1:0] placed;

  always_comb begin
    if (is_addend_frame) shift = '0;
    else if (distance > 12'(WindowWidth)) shift = ShiftWidth'(WindowWidth);
    else shift = distance[ShiftWidth-1:0];
  end

  // The 23 bits below the window hold what is lost, except of an addend that is lost wholly.
  assign placed = PlacedWidth'({1'b0, addend_significand_i, {(PlacedWidth - 25){1'b0}}} >> shift);
  assign addend_o = placed[PlacedWidth-1:23];
  for (genvar n = 0; n < 6; n++) begin : gen_lost
    assign lost_o[n] = n == 5 ? |placed[22:20] : |placed[4*n +: 4];
  end
  assign lost_o[6] = shift == ShiftWidth'(WindowWidth) && addend_significand_i != '0;

endmodule
