/// Program memory: one port for fetches, one for loads and stores; both answer in the next cycle.
///
/// A fetch sees what was stored before it, because the control processor fetches again after a
/// store (see `apus_core_bus`).
module apus_program_memory #(
  parameter int unsigned Bytes = apus_chip_pkg::ProgramBytes
) (
  input  logic        clk_i,
  input  logic [31:0] fetch_addr_i,
  output logic [31:0] fetch_rdata_o,
  input  logic        data_valid_i,
  input  logic        data_write_i,
  input  logic [31:0] data_addr_i,
  input  logic [3:0]  data_wstrb_i,
  input  logic [31:0] data_wdata_i,
  output logic [31:0] data_rdata_o
);

  localparam int unsigned Depth = Bytes / 4;
  localparam int unsigned AddressWidth = $clog2(Depth);

  // The harness writes the kernel image here.
  logic [31:0]             words_q [Depth]  /* verilator public_flat_rw */;
  logic [31:0]             fetch_rdata_q, data_rdata_q;
  logic [AddressWidth-1:0] fetch_place, data_place;

  // Addresses beyond the memory are the processor's and the bus's matter.
  assign fetch_place = AddressWidth'(fetch_addr_i >> 2);
  assign data_place = AddressWidth'(data_addr_i >> 2);

  always_ff @(posedge clk_i) begin
    fetch_rdata_q <= words_q[fetch_place];
    if (data_valid_i && data_write_i) begin
      for (int unsigned i = 0; i < 4; i++) begin
        if (data_wstrb_i[i]) words_q[data_place][8*i +: 8] <= data_wdata_i[8*i +: 8];
      end
    end
    if (data_valid_i && !data_write_i) data_rdata_q <= words_q[data_place];
  end
  assign fetch_rdata_o = fetch_rdata_q;
  assign data_rdata_o = data_rdata_q;

endmodule
