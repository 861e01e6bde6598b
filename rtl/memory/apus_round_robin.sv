/// Grants one of several requests in turn: the one after the last that was taken goes first.
///
/// Latency: combinational; the turn passes when `taken_i` is high.
module apus_round_robin #(
  parameter int unsigned Count = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Count-1:0] req_i,
  input  logic             taken_i,
  // At most one bit.
  output logic [Count-1:0] grant_o
);

  // Ones for requests that come before the turn.
  logic [Count-1:0] passed_q, ahead, lowest_ahead, lowest;

  assign ahead = req_i & ~passed_q;
  assign lowest_ahead = ahead & (-ahead);
  assign lowest = req_i & (-req_i);
  assign grant_o = ahead != '0 ? lowest_ahead : lowest;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      passed_q <= '0;
    end else if (taken_i) begin
      passed_q <= grant_o | (grant_o - {{(Count - 1){1'b0}}, 1'b1});
    end
  end

endmodule
