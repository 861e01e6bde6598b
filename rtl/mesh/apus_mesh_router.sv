/// A router of the mesh: first along the row, then along the column, so that packets cannot wait for
/// one another in a circle. A packet holds its way out from its first flit to its last.
///
/// Latency: 1 cycle.  Throughput: 1 flit per port and cycle.
module apus_mesh_router #(
  parameter int unsigned Column = 0,
  parameter int unsigned Row    = 0,
  localparam int unsigned Ports = apus_mesh_pkg::PORT_COUNT,
  localparam int unsigned Width = apus_mesh_pkg::FLIT_WIDTH
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [Ports-1:0]       valid_i,
  output logic [Ports-1:0]       ready_o,
  input  logic [Width*Ports-1:0] flit_i,
  output logic [Ports-1:0]       valid_o,
  input  logic [Ports-1:0]       ready_i,
  output logic [Width*Ports-1:0] flit_o,
  output logic                   busy_o
);

  // Bit i * Ports + o: the flit at input i goes to output o.
  logic [Ports*Ports-1:0] wants, is_granted;
  logic [Ports-1:0]       head_valid, head_ready, is_tail, busy;
  logic [Width*Ports-1:0] heads;

  generate
    for (genvar i = 0; i < int'(Ports); i++) begin : gen_input
      // Only the place in a header counts here.
      // verilator lint_off UNUSEDSIGNAL
      apus_mesh_pkg::flit_t   flit;
      apus_mesh_pkg::header_t header;
      logic [1:0]             waiting;
      // verilator lint_on UNUSEDSIGNAL
      logic [Ports-1:0]       way, way_q;

      apus_transfer_fifo #(
        .Width(Width), .Depth(2)
      ) u_flits (
        .clk_i, .rst_ni, .valid_i(valid_i[i]), .ready_o(ready_o[i]),
        .data_i(flit_i[Width*i +: Width]), .valid_o(head_valid[i]), .ready_i(head_ready[i]),
        .data_o(heads[Width*i +: Width]), .count_o(waiting)
      );

      assign flit = heads[Width*i +: Width];
      assign header = flit.payload;
      assign is_tail[i] = flit.is_tail;
      assign busy[i] = waiting != '0;

      always_comb begin
        way = '0;
        if (32'(header.column) > Column) way[apus_mesh_pkg::PORT_EAST] = 1'b1;
        else if (32'(header.column) != Column) way[apus_mesh_pkg::PORT_WEST] = 1'b1;
        else if (32'(header.row) > Row) way[apus_mesh_pkg::PORT_SOUTH] = 1'b1;
        else if (32'(header.row) != Row) way[apus_mesh_pkg::PORT_NORTH] = 1'b1;
        else if (header.is_memory) way[apus_mesh_pkg::PORT_MEMORY] = 1'b1;
        else way[apus_mesh_pkg::PORT_CORE] = 1'b1;
        // Those that follow the first flit go where it went.
        if (!flit.is_head) way = way_q;
      end
      assign wants[Ports*i +: Ports] = head_valid[i] ? way : '0;
      assign head_ready[i] = |(is_granted[Ports*i +: Ports] & ready_i);

      always_ff @(posedge clk_i) begin
        if (head_valid[i] && head_ready[i]) way_q <= way;
      end
    end

    for (genvar o = 0; o < int'(Ports); o++) begin : gen_output
      logic [Ports-1:0] asking, turn, owner, owner_q;
      logic             is_held_q, passes;

      for (genvar i = 0; i < int'(Ports); i++) begin : gen_asking
        assign asking[i] = wants[Ports*i + o];
        assign is_granted[Ports*i + o] = owner[i] && asking[i];
      end

      apus_round_robin #(
        .Count(Ports)
      ) u_turn (
        .clk_i, .rst_ni, .req_i(asking), .taken_i(passes && !is_held_q), .grant_o(turn)
      );

      // Held from the cycle in which a flit is shown until a last one has passed.
      assign owner = is_held_q ? owner_q : turn;
      assign valid_o[o] = |(asking & owner);
      assign passes = valid_o[o] && ready_i[o];

      always_comb begin
        flit_o[Width*o +: Width] = '0;
        for (int unsigned i = 0; i < Ports; i++) begin
          if (owner[i]) flit_o[Width*o +: Width] = heads[Width*i +: Width];
        end
      end

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          is_held_q <= 1'b0;
          owner_q <= '0;
        end else begin
          if (valid_o[o]) is_held_q <= !(passes && |(owner & is_tail));
          owner_q <= owner;
        end
      end
    end
  endgenerate

  assign busy_o = |busy;

endmodule
