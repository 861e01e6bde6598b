/// The engine's port of local memory, shared by the reader of index tables and by what moves
/// elements. The table goes first. Answers carry no name, so reads of one wait until those of the
/// other have come.
///
/// Latency: combinational.
module apus_transfer_port #(
  /// More reads than are ever on their way.
  localparam int unsigned CountWidth = 7
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        table_valid_i,
  output logic        table_ready_o,
  input  logic [31:0] table_address_i,
  output logic        table_data_valid_o,

  input  logic        move_valid_i,
  output logic        move_ready_o,
  input  logic        move_write_i,
  input  logic [31:0] move_address_i,
  input  logic [63:0] move_data_i,
  input  logic [7:0]  move_strobe_i,
  output logic        move_data_valid_o,

  output logic [63:0] read_data_o,

  output logic        mem_req_valid_o,
  input  logic        mem_req_ready_i,
  output logic        mem_req_write_o,
  output logic [31:0] mem_req_addr_o,
  output logic [63:0] mem_req_wdata_o,
  output logic [7:0]  mem_req_wstrb_o,
  input  logic        mem_rsp_valid_i,
  input  logic [63:0] mem_rsp_rdata_i
);

  logic                  is_tables_q;  // whose reads are on their way
  logic [CountWidth-1:0] reads_q;
  logic                  is_held_q;    // a request of a move waits, and stays
  logic                  is_quiet, is_table_granted, is_move_granted, starts_read;

  always_comb begin
    is_quiet = reads_q == '0;
    is_table_granted = table_valid_i && !is_held_q && (is_quiet || is_tables_q);
    is_move_granted = move_valid_i && !is_table_granted
        && (move_write_i || is_quiet || !is_tables_q);
    mem_req_valid_o = is_table_granted || is_move_granted;
    mem_req_write_o = !is_table_granted && move_write_i;
    mem_req_addr_o = is_table_granted ? table_address_i : move_address_i;
    starts_read = mem_req_valid_o && mem_req_ready_i && !mem_req_write_o;
  end

  assign mem_req_wdata_o = move_data_i;
  assign mem_req_wstrb_o = move_strobe_i;
  assign table_ready_o = is_table_granted && mem_req_ready_i;
  assign move_ready_o = is_move_granted && mem_req_ready_i;
  assign table_data_valid_o = mem_rsp_valid_i && is_tables_q;
  assign move_data_valid_o = mem_rsp_valid_i && !is_tables_q;
  assign read_data_o = mem_rsp_rdata_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_tables_q <= 1'b0;
      is_held_q <= 1'b0;
      reads_q <= '0;
    end else begin
      is_held_q <= is_move_granted && !mem_req_ready_i;
      if (starts_read) is_tables_q <= is_table_granted;
      reads_q <= reads_q + CountWidth'(starts_read) - CountWidth'(mem_rsp_valid_i);
    end
  end

`ifndef SYNTHESIS
  /// Every answer belongs to a read.
  always_ff @(posedge clk_i) begin
    if (mem_rsp_valid_i) AnswerWasAsked: assert (reads_q != '0);
  end
`endif

endmodule
