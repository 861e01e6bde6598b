/// A core's way into the mesh: its AXI4 master and its posts become requests, and answers come back.
///
/// Global addresses `1 << 40 | core << 32 | byte` go to that core, all others to memory. A write goes
/// whole before the next request begins.
///
/// Latency: combinational.
module apus_mesh_requester #(
  parameter int unsigned Columns      = apus_chip_pkg::MeshColumns,
  parameter int unsigned Cores        = apus_chip_pkg::CoreCount,
  parameter int unsigned Column       = 0,
  parameter int unsigned Row          = 0,
  parameter int unsigned MemoryColumn = 0,
  parameter int unsigned MemoryRow    = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        axi_awvalid_i,
  output logic        axi_awready_o,
  input  logic [3:0]  axi_awid_i,
  input  logic [63:0] axi_awaddr_i,
  input  logic [7:0]  axi_awlen_i,
  input  logic        axi_wvalid_i,
  output logic        axi_wready_o,
  input  logic [63:0] axi_wdata_i,
  input  logic [7:0]  axi_wstrb_i,
  input  logic        axi_wlast_i,
  output logic        axi_bvalid_o,
  input  logic        axi_bready_i,
  output logic [3:0]  axi_bid_o,
  input  logic        axi_arvalid_i,
  output logic        axi_arready_o,
  input  logic [3:0]  axi_arid_i,
  input  logic [63:0] axi_araddr_i,
  input  logic [7:0]  axi_arlen_i,
  output logic        axi_rvalid_o,
  input  logic        axi_rready_i,
  output logic [3:0]  axi_rid_o,
  output logic [63:0] axi_rdata_o,
  output logic        axi_rlast_o,

  input  logic        post_valid_i,
  output logic        post_ready_o,
  input  logic [7:0]  post_core_i,
  input  logic [4:0]  post_semaphore_i,
  input  logic [15:0] post_count_i,

  output logic                 request_valid_o,
  input  logic                 request_ready_i,
  output apus_mesh_pkg::flit_t request_o,
  input  logic                 answer_valid_i,
  output logic                 answer_ready_o,
  input  apus_mesh_pkg::flit_t answer_i
);

  localparam int unsigned PlaceWidth = apus_mesh_pkg::PLACE_WIDTH;

  // Requests -------------------------------------------------------------------------------------

  typedef enum logic [1:0] {CHOICE_NONE, CHOICE_WRITE, CHOICE_POST, CHOICE_READ} choice_e;

  choice_e                choice, choice_q;
  logic                   is_writing_q;
  logic [63:0]            address;
  logic                   is_memory;
  logic [7:0]             core;
  logic [PlaceWidth-1:0]  column, row;
  apus_mesh_pkg::header_t header;

  always_comb begin
    // What was shown stays until it is taken.
    choice = choice_q;
    if (choice_q == CHOICE_NONE) begin
      if (axi_awvalid_i) choice = CHOICE_WRITE;
      else if (post_valid_i) choice = CHOICE_POST;
      else if (axi_arvalid_i) choice = CHOICE_READ;
    end
    if (is_writing_q) choice = CHOICE_NONE;

    address = choice == CHOICE_WRITE ? axi_awaddr_i : axi_araddr_i;
    is_memory = address[63:apus_core_pkg::CORE_WINDOW_BIT] != 24'd1;
    core = address[39:32];
    if (choice == CHOICE_POST) begin
      address = {43'd0, post_semaphore_i, post_count_i};
      is_memory = 1'b0;
      core = post_core_i;
    end

    column = PlaceWidth'(MemoryColumn);
    row = PlaceWidth'(MemoryRow);
    for (int unsigned c = 0; c < Cores; c++) begin
      if (!is_memory && 32'(core) == c) begin
        column = PlaceWidth'(c % Columns);
        row = PlaceWidth'(c / Columns);
      end
    end

    header.kind = choice == CHOICE_WRITE ? apus_mesh_pkg::KIND_WRITE
        : choice == CHOICE_POST ? apus_mesh_pkg::KIND_POST : apus_mesh_pkg::KIND_READ;
    header.is_memory = is_memory;
    header.column = column;
    header.row = row;
    header.source_column = PlaceWidth'(Column);
    header.source_row = PlaceWidth'(Row);
    header.id = choice == CHOICE_WRITE ? axi_awid_i : axi_arid_i;
    header.length = choice == CHOICE_WRITE ? axi_awlen_i : axi_arlen_i;
    header.address = address;
  end

  assign request_valid_o = is_writing_q ? axi_wvalid_i : choice != CHOICE_NONE;
  assign request_o.is_head = !is_writing_q;
  assign request_o.is_tail = is_writing_q ? axi_wlast_i : choice != CHOICE_WRITE;
  assign request_o.payload = is_writing_q
      ? apus_mesh_pkg::PAYLOAD_WIDTH'({axi_wstrb_i, axi_wdata_i}) : header;
  assign axi_wready_o = is_writing_q && request_ready_i;
  assign axi_awready_o = choice == CHOICE_WRITE && request_ready_i;
  assign axi_arready_o = choice == CHOICE_READ && request_ready_i;
  assign post_ready_o = choice == CHOICE_POST && request_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      choice_q <= CHOICE_NONE;
      is_writing_q <= 1'b0;
    end else begin
      choice_q <= request_ready_i ? CHOICE_NONE : choice;
      if (axi_awready_o) is_writing_q <= 1'b1;
      else if (axi_wvalid_i && axi_wready_o && axi_wlast_i) is_writing_q <= 1'b0;
    end
  end

  // Answers --------------------------------------------------------------------------------------

  // Of a header only kind and id count here.
  // verilator lint_off UNUSEDSIGNAL
  apus_mesh_pkg::header_t answer;
  // verilator lint_on UNUSEDSIGNAL
  logic [3:0]             id_q;
  logic                   is_written;

  assign answer = answer_i.payload;
  assign is_written = answer_i.is_head && answer.kind == apus_mesh_pkg::KIND_WRITE;
  assign axi_bvalid_o = answer_valid_i && is_written;
  assign axi_bid_o = answer.id;
  assign axi_rvalid_o = answer_valid_i && !answer_i.is_head;
  assign axi_rid_o = id_q;
  assign axi_rdata_o = answer_i.payload[63:0];
  assign axi_rlast_o = answer_i.is_tail;
  assign answer_ready_o = is_written ? axi_bready_i : answer_i.is_head || axi_rready_i;

  always_ff @(posedge clk_i) begin
    if (answer_valid_i && answer_i.is_head) id_q <= answer.id;
  end

endmodule
