/// The way out of the mesh: requests for a core's scratchpad, or for memory, become AXI4 bursts, and
/// what they answer goes back to where they came from. Posts go to the core's semaphores.
///
/// All bursts have one id, so answers come in the order of the requests; `Depth` of each kind may be
/// under way.
///
/// Latency: combinational; answers to reads take one cycle more for their header.
module apus_mesh_responder #(
  parameter int unsigned Depth = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic                 request_valid_i,
  output logic                 request_ready_o,
  // The place is used up.
  // verilator lint_off UNUSEDSIGNAL
  input  apus_mesh_pkg::flit_t request_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                 answer_valid_o,
  input  logic                 answer_ready_i,
  output apus_mesh_pkg::flit_t answer_o,
  output logic                 busy_o,

  output logic        post_valid_o,
  input  logic        post_ready_i,
  output logic [4:0]  post_semaphore_o,
  output logic [15:0] post_count_o,

  output logic        axi_awvalid_o,
  input  logic        axi_awready_i,
  output logic [63:0] axi_awaddr_o,
  output logic [7:0]  axi_awlen_o,
  output logic        axi_wvalid_o,
  input  logic        axi_wready_i,
  output logic [63:0] axi_wdata_o,
  output logic [7:0]  axi_wstrb_o,
  output logic        axi_wlast_o,
  input  logic        axi_bvalid_i,
  output logic        axi_bready_o,
  output logic        axi_arvalid_o,
  input  logic        axi_arready_i,
  output logic [63:0] axi_araddr_o,
  output logic [7:0]  axi_arlen_o,
  input  logic        axi_rvalid_i,
  output logic        axi_rready_o,
  input  logic [63:0] axi_rdata_i,
  input  logic        axi_rlast_i
);

  localparam int unsigned PlaceWidth = apus_mesh_pkg::PLACE_WIDTH;
  // Who asked: column, row, id.
  localparam int unsigned SourceWidth = 2 * PlaceWidth + 4;

  // Requests -------------------------------------------------------------------------------------

  // verilator lint_off UNUSEDSIGNAL
  apus_mesh_pkg::header_t header;  // where to is known by now
  // verilator lint_on UNUSEDSIGNAL
  logic                   is_writing_q, is_read, is_write, is_post;
  logic                   read_fits, write_fits;
  logic [SourceWidth-1:0] source;

  assign header = request_i.payload;
  assign source = {header.source_column, header.source_row, header.id};
  assign is_read = request_valid_i && request_i.is_head && header.kind == apus_mesh_pkg::KIND_READ;
  assign is_write =
      request_valid_i && request_i.is_head && header.kind == apus_mesh_pkg::KIND_WRITE;
  assign is_post = request_valid_i && request_i.is_head && header.kind == apus_mesh_pkg::KIND_POST;

  assign axi_arvalid_o = is_read && read_fits;
  assign axi_araddr_o = header.address;
  assign axi_arlen_o = header.length;
  assign axi_awvalid_o = is_write && write_fits;
  assign axi_awaddr_o = header.address;
  assign axi_awlen_o = header.length;
  assign axi_wvalid_o = request_valid_i && is_writing_q;
  assign {axi_wstrb_o, axi_wdata_o} = request_i.payload[71:0];
  assign axi_wlast_o = request_i.is_tail;
  assign post_valid_o = is_post;
  assign post_semaphore_o = header.address[20:16];
  assign post_count_o = header.address[15:0];

  always_comb begin
    request_ready_o = 1'b0;
    if (is_writing_q) request_ready_o = axi_wready_i;
    else if (is_read) request_ready_o = read_fits && axi_arready_i;
    else if (is_write) request_ready_o = write_fits && axi_awready_i;
    else if (is_post) request_ready_o = post_ready_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_writing_q <= 1'b0;
    else if (axi_awvalid_o && axi_awready_i) is_writing_q <= 1'b1;
    else if (axi_wvalid_o && axi_wready_i && axi_wlast_o) is_writing_q <= 1'b0;
  end

  // Answers --------------------------------------------------------------------------------------

  typedef enum logic [1:0] {HEADER, WRITTEN, WORDS} state_e;

  state_e                 state_q, state_d;
  logic                   has_reader, has_writer, read_answered, write_answered;
  logic                   chooses_write, shows_read_q;
  logic [SourceWidth-1:0] reader, writer;
  logic [$clog2(Depth):0] readers, writers;
  apus_mesh_pkg::header_t answer;

  apus_transfer_fifo #(
    .Width(SourceWidth), .Depth(Depth)
  ) u_readers (
    .clk_i, .rst_ni, .valid_i(axi_arvalid_o && axi_arready_i), .ready_o(read_fits),
    .data_i(source), .valid_o(has_reader), .ready_i(read_answered), .data_o(reader),
    .count_o(readers)
  );
  apus_transfer_fifo #(
    .Width(SourceWidth), .Depth(Depth)
  ) u_writers (
    .clk_i, .rst_ni, .valid_i(axi_awvalid_o && axi_awready_i), .ready_o(write_fits),
    .data_i(source), .valid_o(has_writer), .ready_i(write_answered), .data_o(writer),
    .count_o(writers)
  );

  always_comb begin
    // Writes first, but a read's header that was shown stays until it is taken.
    chooses_write = axi_bvalid_i && has_writer && !shows_read_q;
    state_d = state_q;
    unique case (state_q)
      HEADER: begin
        if (chooses_write) state_d = WRITTEN;
        else if (axi_rvalid_i && has_reader && answer_ready_i) state_d = WORDS;
      end
      WRITTEN: if (answer_ready_i) state_d = HEADER;
      default: if (axi_rvalid_i && answer_ready_i && axi_rlast_i) state_d = HEADER;
    endcase

    answer.kind = state_q == WRITTEN ? apus_mesh_pkg::KIND_WRITE : apus_mesh_pkg::KIND_READ;
    answer.is_memory = 1'b0;
    {answer.column, answer.row, answer.id} = state_q == WRITTEN ? writer : reader;
    answer.source_column = '0;
    answer.source_row = '0;
    answer.length = '0;
    answer.address = '0;
    answer_o.is_head = state_q != WORDS;
    answer_o.is_tail = state_q == WORDS ? axi_rlast_i : state_q == WRITTEN;
    answer_o.payload = state_q == WORDS
        ? apus_mesh_pkg::PAYLOAD_WIDTH'(axi_rdata_i) : answer;
    unique case (state_q)
      HEADER: answer_valid_o = axi_rvalid_i && has_reader && !chooses_write;
      WRITTEN: answer_valid_o = 1'b1;
      default: answer_valid_o = axi_rvalid_i;
    endcase
  end

  assign axi_bready_o = state_q == WRITTEN && answer_ready_i;
  assign axi_rready_o = state_q == WORDS && answer_ready_i;
  assign write_answered = axi_bready_o;
  assign read_answered = axi_rready_o && axi_rvalid_i && axi_rlast_i;
  assign busy_o = request_valid_i || readers != '0 || writers != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= HEADER;
      shows_read_q <= 1'b0;
    end else begin
      state_q <= state_d;
      shows_read_q <= state_q == HEADER && answer_valid_o && !answer_ready_i;
    end
  end

endmodule
