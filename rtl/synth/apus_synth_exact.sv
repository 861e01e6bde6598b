/// Four exact products a cycle into one accumulator register, and nothing else: what the two 8-bit
/// paths of a cell would cost alone. For the area table; no chip has it.
module apus_synth_exact #(
  parameter logic [1:0] Mode = apus_matrix_pkg::MODE_E4M3,
  parameter int unsigned AccWidth = 48
) (
  input  logic                clk_i,
  input  logic                clear_i,
  input  logic [35:0]         a_lanes_i,
  input  logic [35:0]         b_lanes_i,
  input  logic [15:0]         a_shifts_i,
  input  logic [15:0]         b_shifts_i,
  output logic [AccWidth-1:0] acc_o
);

  logic signed [38:0] sum;

  /// E4M3 lanes are significands of five bits; what is above repeats the sign.
  function automatic logic [35:0] narrow(logic [35:0] lanes);
    narrow = lanes;
    if (Mode == apus_matrix_pkg::MODE_E4M3) begin
      for (int i = 0; i < 4; i++) narrow[9*i + 5 +: 4] = {4{lanes[9*i + 4]}};
    end
  endfunction

  apus_matrix_products u_products (
    .mode_i(Mode), .a_lanes_i(narrow(a_lanes_i)), .b_lanes_i(narrow(b_lanes_i)), .a_shifts_i,
    .b_shifts_i, .sum_o(sum)
  );

  always_ff @(posedge clk_i) begin
    if (clear_i) acc_o <= '0;
    else acc_o <= acc_o + AccWidth'(sum);
  end

endmodule
