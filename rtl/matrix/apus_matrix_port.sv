/// Shares one port of local memory among some lanes: the first one that misses a word asks for it,
/// and every lane that wants the same word takes it when it comes.
///
/// One read is under way at a time; the next may be asked for when the answer arrives.
module apus_matrix_port #(
  parameter int unsigned Lanes = 3
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [Lanes-1:0]    missing_i,
  input  logic [28*Lanes-1:0] word_index_i,
  output logic                word_valid_o,
  output logic [27:0]         arriving_index_o,
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i
);

  logic        busy_q, held_q;
  logic [27:0] index_q, held_index_q, index;

  // A request that was not taken stays as it is.
  always_comb begin
    index = held_index_q;
    for (int lane = int'(Lanes) - 1; lane >= 0; lane--) begin
      if (missing_i[lane] && !held_q) index = word_index_i[28*lane +: 28];
    end
  end

  assign req_valid_o = held_q || (missing_i != '0 && (!busy_q || rsp_valid_i));
  assign req_addr_o = {1'b0, index, 3'b0};
  assign word_valid_o = busy_q && rsp_valid_i;
  assign arriving_index_o = index_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      held_q <= 1'b0;
    end else begin
      held_q <= req_valid_o && !req_ready_i;
      if (req_valid_o && req_ready_i) busy_q <= 1'b1;
      else if (rsp_valid_i) busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_valid_o && req_ready_i) index_q <= index;
    if (req_valid_o) held_index_q <= index;
  end

endmodule
