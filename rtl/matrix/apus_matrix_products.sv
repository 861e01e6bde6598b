/// The multipliers of a cell: four lane products and their sum.
///
///     integer   sum of four products
///     E4M3      sum of four products, each shifted to counts of 2^-18
///     float     one product of two 11-bit significands, from their parts
///
/// Latency: combinational.
module apus_matrix_products (
  input  logic [1:0]  mode_i,
  input  logic [apus_matrix_pkg::LANES*apus_matrix_pkg::LANE_WIDTH-1:0] a_lanes_i,
  input  logic [apus_matrix_pkg::LANES*apus_matrix_pkg::LANE_WIDTH-1:0] b_lanes_i,
  input  logic [4*apus_matrix_pkg::LANES-1:0] a_shifts_i,
  input  logic [4*apus_matrix_pkg::LANES-1:0] b_shifts_i,
  output logic signed [38:0] sum_o
);

  localparam int unsigned LANE_WIDTH = apus_matrix_pkg::LANE_WIDTH;

  logic signed [17:0] product_0, product_1, product_2, product_3;

  assign product_0 = $signed(a_lanes_i[0 +: LANE_WIDTH]) * $signed(b_lanes_i[0 +: LANE_WIDTH]);
  assign product_1 = $signed(a_lanes_i[LANE_WIDTH +: LANE_WIDTH])
      * $signed(b_lanes_i[LANE_WIDTH +: LANE_WIDTH]);
  assign product_2 = $signed(a_lanes_i[2*LANE_WIDTH +: LANE_WIDTH])
      * $signed(b_lanes_i[2*LANE_WIDTH +: LANE_WIDTH]);
  assign product_3 = $signed(a_lanes_i[3*LANE_WIDTH +: LANE_WIDTH])
      * $signed(b_lanes_i[3*LANE_WIDTH +: LANE_WIDTH]);

  logic signed [38:0] placed_0, placed_1, placed_2, placed_3;

  apus_matrix_place u_place_0 (
    .is_e4m3_i(mode_i == apus_matrix_pkg::MODE_E4M3), .product_i(product_0),
    .coarse_i(2'd0),
    .shift_i({1'b0, a_shifts_i[3:0]} + {1'b0, b_shifts_i[3:0]}), .placed_o(placed_0)
  );
  apus_matrix_place u_place_1 (
    .is_e4m3_i(mode_i == apus_matrix_pkg::MODE_E4M3), .product_i(product_1),
    .coarse_i({1'b0, mode_i == apus_matrix_pkg::MODE_FLOAT}),
    .shift_i({1'b0, a_shifts_i[7:4]} + {1'b0, b_shifts_i[7:4]}), .placed_o(placed_1)
  );
  apus_matrix_place u_place_2 (
    .is_e4m3_i(mode_i == apus_matrix_pkg::MODE_E4M3), .product_i(product_2),
    .coarse_i({1'b0, mode_i == apus_matrix_pkg::MODE_FLOAT}),
    .shift_i({1'b0, a_shifts_i[11:8]} + {1'b0, b_shifts_i[11:8]}), .placed_o(placed_2)
  );
  apus_matrix_place u_place_3 (
    .is_e4m3_i(mode_i == apus_matrix_pkg::MODE_E4M3), .product_i(product_3),
    .coarse_i({mode_i == apus_matrix_pkg::MODE_FLOAT, 1'b0}),
    .shift_i({1'b0, a_shifts_i[15:12]} + {1'b0, b_shifts_i[15:12]}), .placed_o(placed_3)
  );

  assign sum_o = placed_0 + placed_1 + placed_2 + placed_3;

endmodule
