/// Fetches one element for every row of A and every column of B of a tile at a time.
///
/// Lane i < Rows is row i, lane Rows + i column i; a tile has SLOTS times Columns columns. What a
/// lane's place adds to the address is written when a tile begins (`place_*`), what k adds comes
/// ahead of each element (`load_i`, `*_next_i`). Scales and minimums are elements too, with places
/// of their own.
module apus_matrix_gather #(
  parameter int unsigned Rows    = apus_chip_pkg::MatrixRows,
  parameter int unsigned Columns = apus_chip_pkg::MatrixColumns,
  parameter int unsigned Ports   = apus_core_pkg::MatrixPorts,
  localparam int unsigned Lanes  = Rows + apus_matrix_pkg::SLOTS * Columns
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                forget_i,
  // Places of the lanes: half bytes from the first row or column.
  input  logic [Lanes-1:0]    place_write_i,
  input  logic [Lanes-1:0]    place_exists_i,
  input  logic [31:0]         a_place_i,
  input  logic [31:0]         b_place_i,
  input  logic [31:0]         a_scale_place_i,
  input  logic [31:0]         b_scale_place_i,
  // Where the first row and column have what is wanted next.
  input  logic                load_i,
  input  logic                next_is_scale_i,
  input  logic [31:0]         a_next_i,
  input  logic [31:0]         b_next_i,
  // One element of each lane is wanted.
  input  logic                want_i,
  input  logic                want_a_i,
  input  logic [1:0]          a_size_i,
  input  logic [1:0]          b_size_i,
  // Elements arrive lane by lane, those of lanes that do not exist not at all.
  output logic [Lanes-1:0]    raw_valid_o,
  output logic [32*Lanes-1:0] raw_o,
  output logic                done_o,
  // Memory.
  output logic [Ports-1:0]    req_valid_o,
  input  logic [Ports-1:0]    req_ready_i,
  output logic [32*Ports-1:0] req_addr_o,
  input  logic [Ports-1:0]    rsp_valid_i,
  input  logic [64*Ports-1:0] rsp_rdata_i
);

  localparam int unsigned PerPort = (Lanes + Ports - 1) / Ports;
  // With lanes that fill up the last port, which never want anything.
  localparam int unsigned Slots = PerPort * Ports;

  logic [Lanes-1:0]    done;
  logic [Slots-1:0]    missing;
  logic [28*Slots-1:0] word_index;
  logic [Ports-1:0]    word_valid;
  logic [28*Ports-1:0] arriving_index;

  assign done_o = want_i && done == '1;

  for (genvar i = 0; i < Lanes; i++) begin : gen_lanes
    localparam bit IsA = i < Rows;
    localparam int unsigned Port = i / PerPort;
    logic        exists_q;
    logic [31:0] place_q, scale_place_q;

    always_ff @(posedge clk_i) begin
      if (place_write_i[i]) begin
        exists_q <= place_exists_i[i];
        place_q <= IsA ? a_place_i : b_place_i;
        scale_place_q <= IsA ? a_scale_place_i : b_scale_place_i;
      end
    end

    apus_matrix_lane u_lane (
      .clk_i,
      .rst_ni,
      .forget_i,
      .load_i,
      .address_i        ((IsA ? a_next_i : b_next_i)
          + (next_is_scale_i ? scale_place_q : place_q)),
      .want_i           (want_i && exists_q && (!IsA || want_a_i)),
      .size_i           (IsA ? a_size_i : b_size_i),
      .next_i           (done_o),
      .done_o           (done[i]),
      .raw_valid_o      (raw_valid_o[i]),
      .raw_o            (raw_o[32*i +: 32]),
      .missing_o        (missing[i]),
      .word_index_o     (word_index[28*i +: 28]),
      .word_valid_i     (word_valid[Port]),
      .arriving_index_i (arriving_index[28*Port +: 28]),
      .word_i           (rsp_rdata_i[64*Port +: 64])
    );
  end

  for (genvar i = Lanes; i < Slots; i++) begin : gen_no_lanes
    assign missing[i] = 1'b0;
    assign word_index[28*i +: 28] = '0;
  end

  for (genvar p = 0; p < Ports; p++) begin : gen_ports
    apus_matrix_port #(.Lanes(PerPort)) u_port (
      .clk_i,
      .rst_ni,
      .missing_i        (missing[PerPort*p +: PerPort]),
      .word_index_i     (word_index[28*PerPort*p +: 28*PerPort]),
      .word_valid_o     (word_valid[p]),
      .arriving_index_o (arriving_index[28*p +: 28]),
      .req_valid_o      (req_valid_o[p]),
      .req_ready_i      (req_ready_i[p]),
      .req_addr_o       (req_addr_o[32*p +: 32]),
      .rsp_valid_i      (rsp_valid_i[p])
    );
  end

endmodule
