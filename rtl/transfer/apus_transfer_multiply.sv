/// The multiplier that the checks of a command and the walk over its box share.
///
/// Latency: 2 cycles.  Throughput: 1 product per cycle.
module apus_transfer_multiply #(
  localparam int unsigned Width = apus_transfer_pkg::STRIDE_WIDTH
) (
  input  logic                      clk_i,
  input  logic signed [Width-1:0]   a_i,
  input  logic signed [Width-1:0]   b_i,
  output logic signed [2*Width-1:0] product_o
);

  logic signed [Width-1:0]   a_q, b_q;
  logic signed [2*Width-1:0] product_q;

  assign product_o = product_q;

  always_ff @(posedge clk_i) begin
    a_q <= a_i;
    b_q <= b_i;
    product_q <= a_q * b_q;
  end

endmodule
