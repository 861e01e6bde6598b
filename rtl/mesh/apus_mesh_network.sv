/// Columns × Rows routers, each joined to its neighbours, to a core, and one of them to memory.
///
///     core 0 ── R ─── R ── core 1         a flit goes along its row, then along its column
///     memory ┘  │     │
///     core 2 ── R ─── R ── core 3
///
/// Bit or slice n of the ports is core n's, the last is memory's.
module apus_mesh_network #(
  parameter int unsigned Columns      = apus_chip_pkg::MeshColumns,
  parameter int unsigned Rows         = apus_chip_pkg::MeshRows,
  parameter int unsigned MemoryColumn = 0,
  parameter int unsigned MemoryRow    = 0,
  localparam int unsigned Nodes       = Columns * Rows,
  localparam int unsigned Ends        = Nodes + 1,
  localparam int unsigned Width       = apus_mesh_pkg::FLIT_WIDTH
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [Ends-1:0]       valid_i,
  output logic [Ends-1:0]       ready_o,
  input  logic [Width*Ends-1:0] flit_i,
  output logic [Ends-1:0]       valid_o,
  input  logic [Ends-1:0]       ready_i,
  output logic [Width*Ends-1:0] flit_o,
  output logic                  busy_o
);

  localparam int unsigned Ports = apus_mesh_pkg::PORT_COUNT;
  localparam int unsigned MemoryNode = MemoryRow * Columns + MemoryColumn;

  // Slice n * Ports + p is port p of router n; "to" it and "from" it.
  logic [Nodes*Ports-1:0]       to_valid, to_ready, from_valid, from_ready;
  logic [Width*Nodes*Ports-1:0] to_flit, from_flit;
  logic [Nodes-1:0]             busy;

  assign busy_o = |busy;

  generate
    for (genvar n = 0; n < int'(Nodes); n++) begin : gen_node
      localparam int unsigned Column = 32'(n) % Columns;
      localparam int unsigned Row = 32'(n) / Columns;

      apus_mesh_router #(
        .Column(Column), .Row(Row)
      ) u_router (
        .clk_i, .rst_ni, .valid_i(to_valid[Ports*n +: Ports]), .ready_o(to_ready[Ports*n +: Ports]),
        .flit_i(to_flit[Width*Ports*n +: Width*Ports]), .valid_o(from_valid[Ports*n +: Ports]),
        .ready_i(from_ready[Ports*n +: Ports]),
        .flit_o(from_flit[Width*Ports*n +: Width*Ports]), .busy_o(busy[n])
      );

      for (genvar p = 0; p < int'(Ports); p++) begin : gen_port
        localparam int unsigned Here = Ports * n + p;
        // The end of the network, or the router and its port on the other side.
        localparam bit IsEnd = p == apus_mesh_pkg::PORT_CORE
            || (p == apus_mesh_pkg::PORT_MEMORY && n == MemoryNode);
        localparam int unsigned End = p == apus_mesh_pkg::PORT_CORE ? n : Nodes;
        localparam bit HasNeighbour = (p == apus_mesh_pkg::PORT_NORTH && Row > 0)
            || (p == apus_mesh_pkg::PORT_SOUTH && Row + 1 < Rows)
            || (p == apus_mesh_pkg::PORT_WEST && Column > 0)
            || (p == apus_mesh_pkg::PORT_EAST && Column + 1 < Columns);
        localparam int unsigned Neighbour = p == apus_mesh_pkg::PORT_NORTH ? n - Columns
            : p == apus_mesh_pkg::PORT_SOUTH ? n + Columns
            : p == apus_mesh_pkg::PORT_WEST ? n - 1 : n + 1;
        localparam int unsigned Opposite = p == apus_mesh_pkg::PORT_NORTH
            ? apus_mesh_pkg::PORT_SOUTH
            : p == apus_mesh_pkg::PORT_SOUTH ? apus_mesh_pkg::PORT_NORTH
            : p == apus_mesh_pkg::PORT_WEST ? apus_mesh_pkg::PORT_EAST : apus_mesh_pkg::PORT_WEST;
        localparam int unsigned There = HasNeighbour ? Ports * Neighbour + Opposite : Here;

        if (IsEnd) begin : gen_end
          assign to_valid[Here] = valid_i[End];
          assign to_flit[Width*Here +: Width] = flit_i[Width*End +: Width];
          assign ready_o[End] = to_ready[Here];
          assign valid_o[End] = from_valid[Here];
          assign flit_o[Width*End +: Width] = from_flit[Width*Here +: Width];
          assign from_ready[Here] = ready_i[End];
        end else if (HasNeighbour) begin : gen_link
          assign to_valid[Here] = from_valid[There];
          assign to_flit[Width*Here +: Width] = from_flit[Width*There +: Width];
          assign from_ready[Here] = to_ready[There];
        end else begin : gen_edge
          assign to_valid[Here] = 1'b0;
          assign to_flit[Width*Here +: Width] = '0;
          assign from_ready[Here] = 1'b0;
        end
      end
    end
  endgenerate

`ifndef SYNTHESIS
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  generate
    for (genvar n = 0; n < int'(Nodes * Ports); n++) begin : gen_stable
      /// A flit that is shown stays until it is taken.
      FlitIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
          from_valid[n] && !from_ready[n]
          |=> from_valid[n] && $stable(from_flit[Width*n +: Width]));
    end
  endgenerate
`endif

endmodule
