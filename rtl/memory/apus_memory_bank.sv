/// One bank of local memory: an SRAM of 64-bit words, behind an error-correcting code if `HasECC`.
///
/// A request is taken when `req_i` and `ready_o` are high. A read is answered two cycles later
/// (array, then correction). A write of some bytes of a word reads the word first, because the code
/// covers it whole: the bank then takes no request in the next cycle.
///
/// Errors are injected between array and decoder: while `inject_enable_i` is high, reads of the
/// word `inject_addr_i` see the bits of `inject_mask_i` flipped, as a stuck cell would show them.
module apus_memory_bank #(
  parameter int unsigned Depth        = 1024,
  parameter bit          HasECC       = 1'b1,
  parameter int unsigned TagWidth     = 4,
  parameter int unsigned AddressWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    req_i,
  output logic                    ready_o,
  input  logic                    write_i,
  input  logic [AddressWidth-1:0] addr_i,
  input  logic [63:0]             wdata_i,
  input  logic [7:0]              wstrb_i,
  // Comes back with the answer.
  input  logic [TagWidth-1:0]     tag_i,

  output logic                    rsp_valid_o,
  output logic [TagWidth-1:0]     rsp_tag_o,
  output logic [63:0]             rsp_rdata_o,
  output logic                    rsp_error_o,

  input  logic                    inject_enable_i,
  input  logic [AddressWidth-1:0] inject_addr_i,
  input  logic [71:0]             inject_mask_i,
  // One cycle for each word that was corrected, or could not be.
  output logic                    corrected_o,
  output logic                    failed_o,
  output logic [AddressWidth-1:0] failed_addr_o
);

  localparam int unsigned StoredWidth = HasECC ? 72 : 64;

  // The request of the cycle before, while the array looks it up.
  logic                    reads_q, merges_q;
  logic [AddressWidth-1:0] addr_q;
  logic [63:0]             wdata_q;
  logic [7:0]              wstrb_q;
  logic [TagWidth-1:0]     tag_q;

  logic takes, is_partial;
  assign ready_o = !merges_q;
  assign takes = req_i && ready_o;
  assign is_partial = HasECC && write_i && wstrb_i != 8'hFF;

  logic [63:0] corrected_data, merged, write_data;
  logic        has_correction, has_failure;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) begin
      merged[8*i +: 8] = wstrb_q[i] ? wdata_q[8*i +: 8] : corrected_data[8*i +: 8];
    end
  end
  assign write_data = merges_q ? merged : wdata_i;

  logic                    array_req, array_write;
  logic [AddressWidth-1:0] array_addr;
  logic [StoredWidth-1:0]  array_wdata, array_rdata;
  assign array_req = takes || merges_q;
  assign array_write = merges_q || (write_i && !is_partial);
  assign array_addr = merges_q ? addr_q : addr_i;

  generate
    if (HasECC) begin : gen_ecc
      logic [7:0]  write_check;
      logic [71:0] seen;
      apus_ecc_encode u_encode (.data_i(write_data), .check_o(write_check));
      assign array_wdata = {write_check, write_data};
      assign seen = array_rdata
          ^ (inject_enable_i && inject_addr_i == addr_q ? inject_mask_i : 72'd0);
      apus_ecc_decode u_decode (
        .data_i(seen[63:0]), .check_i(seen[71:64]), .data_o(corrected_data),
        .corrected_o(has_correction), .failed_o(has_failure)
      );
      apus_sram #(.Width(72), .Depth(Depth)) u_sram (
        .clk_i, .req_i(array_req), .write_i(array_write), .mask_i(1'b1), .addr_i(array_addr),
        .wdata_i(array_wdata), .rdata_o(array_rdata)
      );
    end else begin : gen_plain
      assign array_wdata = write_data;
      assign corrected_data = array_rdata;
      assign has_correction = 1'b0;
      assign has_failure = 1'b0;
      apus_sram #(.Width(64), .Depth(Depth), .MaskWidth(8)) u_sram (
        .clk_i, .req_i(array_req), .write_i(array_write), .mask_i(wstrb_i), .addr_i(array_addr),
        .wdata_i(array_wdata), .rdata_o(array_rdata)
      );
      logic unused;
      assign unused = ^{inject_enable_i, inject_addr_i, inject_mask_i};
    end
  endgenerate

  logic                rsp_valid_q, rsp_error_q;
  logic [TagWidth-1:0] rsp_tag_q;
  logic [63:0]         rsp_rdata_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reads_q <= 1'b0;
      merges_q <= 1'b0;
      rsp_valid_q <= 1'b0;
    end else begin
      reads_q <= takes && !write_i;
      merges_q <= takes && is_partial;
      rsp_valid_q <= reads_q;
    end
  end

  // Data needs no reset: the valid bits say when it counts.
  always_ff @(posedge clk_i) begin
    if (takes) begin
      addr_q <= addr_i;
      wdata_q <= wdata_i;
      wstrb_q <= wstrb_i;
      tag_q <= tag_i;
    end
    if (reads_q) begin
      rsp_tag_q <= tag_q;
      rsp_rdata_q <= corrected_data;
      rsp_error_q <= has_failure;
    end
  end

  assign rsp_valid_o = rsp_valid_q;
  assign rsp_tag_o = rsp_tag_q;
  assign rsp_rdata_o = rsp_rdata_q;
  assign rsp_error_o = rsp_error_q;
  assign corrected_o = (reads_q || merges_q) && has_correction;
  assign failed_o = (reads_q || merges_q) && has_failure;
  assign failed_addr_o = addr_q;

endmodule
