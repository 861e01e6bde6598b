/// One engine's command queue, behind a port of eight registers.
///
/// Storing word 7 makes the eight registers a command; while the queue is full that store waits.
/// The registers keep their values, so a kernel need not store again what did not change.
///
/// Latency: a command stored in one cycle is at the head in the next.
module apus_command_queue #(
  parameter int unsigned Depth = apus_chip_pkg::QueueDepth
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         store_valid_i,
  output logic         store_ready_o,
  input  logic [2:0]   store_word_i,
  input  logic [31:0]  store_data_i,

  output logic         head_valid_o,
  output logic [255:0] head_o,
  input  logic         pop_i
);

  localparam int unsigned PlaceWidth = Depth > 1 ? $clog2(Depth) : 1;
  localparam int unsigned CountWidth = $clog2(Depth + 1);

  logic [223:0]            port_q;
  logic [255:0]            commands_q [Depth];
  logic [PlaceWidth-1:0]   first_q, next_q;
  logic [CountWidth-1:0]   count_q;
  logic                    is_full, takes, pushes;

  assign is_full = count_q == CountWidth'(Depth);
  assign store_ready_o = store_word_i != 3'd7 || !is_full;
  assign takes = store_valid_i && store_ready_o;
  assign pushes = takes && store_word_i == 3'd7;

  // Depth need not be a power of two.
  logic [PlaceWidth-1:0] first_after, next_after;
  assign first_after =
      first_q == PlaceWidth'(Depth - 1) ? '0 : first_q + {{(PlaceWidth - 1){1'b0}}, 1'b1};
  assign next_after =
      next_q == PlaceWidth'(Depth - 1) ? '0 : next_q + {{(PlaceWidth - 1){1'b0}}, 1'b1};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      port_q <= '0;
      first_q <= '0;
      next_q <= '0;
      count_q <= '0;
    end else begin
      if (takes && !pushes) port_q[32*store_word_i +: 32] <= store_data_i;
      if (pushes) next_q <= next_after;
      if (pop_i) first_q <= first_after;
      count_q <= count_q + CountWidth'(pushes) - CountWidth'(pop_i);
    end
  end
  always_ff @(posedge clk_i) begin
    if (pushes) commands_q[next_q] <= {store_data_i, port_q};
  end

  assign head_valid_o = count_q != '0;
  assign head_o = commands_q[first_q];

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    pop_finds_a_command :
    assert (!pop_i || head_valid_o);
  end
`endif

endmodule
