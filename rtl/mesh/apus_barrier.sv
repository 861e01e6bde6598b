/// Lets all cores pass when all have arrived.
///
/// `arrived_i` stays until `release_o`, which is high for one cycle and for all at once.
///
/// Latency: 1 cycle after the last arrival.
module apus_barrier #(
  parameter int unsigned Cores = apus_chip_pkg::CoreCount
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Cores-1:0] arrived_i,
  output logic [Cores-1:0] release_o
);

  logic release_q;
  assign release_o = {Cores{release_q}};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) release_q <= 1'b0;
    else release_q <= &arrived_i && !release_q;
  end

endmodule
