/// A queue of `Depth` entries between two ready/valid sides.
///
/// Latency: 1 cycle.  Throughput: 1 entry per cycle.
module apus_transfer_fifo #(
  parameter int unsigned Width = 64,
  /// A power of two.
  parameter int unsigned Depth = 16,
  localparam int unsigned CountWidth = $clog2(Depth) + 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [Width-1:0]      data_i,
  output logic                  valid_o,
  input  logic                  ready_i,
  output logic [Width-1:0]      data_o,
  /// Entries inside.
  output logic [CountWidth-1:0] count_o
);

  localparam int unsigned PointerWidth = $clog2(Depth);

  logic [Width-1:0]        entries_q [Depth];
  logic [PointerWidth-1:0] head_q, tail_q;
  logic [CountWidth-1:0]   count_q;
  logic                    pushes, pops;

  assign ready_o = count_q != CountWidth'(Depth);
  assign valid_o = count_q != '0;
  assign data_o = entries_q[head_q];
  assign count_o = count_q;
  assign pushes = valid_i && ready_o;
  assign pops = valid_o && ready_i;

  always_ff @(posedge clk_i) begin
    if (pushes) entries_q[tail_q] <= data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q <= '0;
      tail_q <= '0;
      count_q <= '0;
    end else begin
      if (pushes) tail_q <= tail_q + 1'b1;
      if (pops) head_q <= head_q + 1'b1;
      count_q <= count_q + CountWidth'(pushes) - CountWidth'(pops);
    end
  end

endmodule
