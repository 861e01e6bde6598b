/// A memory of words with one port: a write, or a read that is answered in the next cycle.
///
/// A model of a compiled macro, to be replaced by one: nothing else in the design stores in bulk.
/// The output holds until the next read.
module apus_sram #(
  parameter int unsigned Width        = 64,
  parameter int unsigned Depth        = 1024,
  parameter int unsigned MaskWidth    = 1,
  parameter int unsigned AddressWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                    clk_i,
  input  logic                    req_i,
  input  logic                    write_i,
  // One bit for each Width / MaskWidth bits.
  input  logic [MaskWidth-1:0]    mask_i,
  input  logic [AddressWidth-1:0] addr_i,
  input  logic [Width-1:0]        wdata_i,
  output logic [Width-1:0]        rdata_o
);

  localparam int unsigned PartWidth = Width / MaskWidth;

  // The harness fills and reads memories without spending cycles on it.
  logic [Width-1:0] words_q [Depth]  /* verilator public_flat_rw */;
  logic [Width-1:0] rdata_q;

  always_ff @(posedge clk_i) begin
    if (req_i && write_i) begin
      for (int unsigned i = 0; i < MaskWidth; i++) begin
        if (mask_i[i]) begin
          words_q[addr_i][PartWidth*i +: PartWidth] <= wdata_i[PartWidth*i +: PartWidth];
        end
      end
    end
    if (req_i && !write_i) rdata_q <= words_q[addr_i];
  end
  assign rdata_o = rdata_q;

endmodule
