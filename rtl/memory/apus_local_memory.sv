/// A core's local memory: the scratchpad, with an error-correcting code, and the accumulators.
///
/// Local addresses: scratchpad from 0, accumulators from `LOCAL_ACCUMULATORS`. Ports are those of
/// the engines and of the control processor, side by side. Read latency: 2 cycles once taken.
///
/// Why the accumulators have no code: a partial sum lives some thousand cycles, a weight in the
/// scratchpad as long as a layer, and the array would pay the code's latency in every step.
module apus_local_memory #(
  parameter int unsigned Ports            = 4,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  parameter int unsigned Banks            = apus_chip_pkg::ScratchpadBanks
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic [Ports-1:0]    req_valid_i,
  output logic [Ports-1:0]    req_ready_o,
  input  logic [Ports-1:0]    req_write_i,
  input  logic [32*Ports-1:0] req_addr_i,
  input  logic [64*Ports-1:0] req_wdata_i,
  input  logic [8*Ports-1:0]  req_wstrb_i,
  output logic [Ports-1:0]    rsp_valid_o,
  output logic [64*Ports-1:0] rsp_rdata_o,
  output logic [Ports-1:0]    rsp_error_o,

  input  logic                inject_enable_i,
  input  logic [31:0]         inject_addr_i,
  input  logic [71:0]         inject_mask_i,
  output logic [7:0]          corrected_count_o,
  output logic                failed_o,
  output logic [31:0]         failed_addr_o
);

  localparam int unsigned RegionBit = 30;

  logic [Ports-1:0]    is_accumulator;
  logic [Ports-1:0]    scratchpad_ready, accumulator_ready;
  logic [Ports-1:0]    scratchpad_rsp_valid, accumulator_rsp_valid;
  logic [Ports-1:0]    scratchpad_rsp_error;
  logic [64*Ports-1:0] scratchpad_rsp_rdata, accumulator_rsp_rdata;
  logic [32*Ports-1:0] offset;

  always_comb begin
    for (int unsigned i = 0; i < Ports; i++) begin
      is_accumulator[i] = req_addr_i[32*i + RegionBit];
      offset[32*i +: 32] = {2'b00, req_addr_i[32*i +: RegionBit]};
    end
  end

  apus_memory_banks #(
    .Bytes(ScratchpadBytes), .Banks(Banks), .Ports(Ports), .HasECC(1'b1)
  ) u_scratchpad (
    .clk_i, .rst_ni, .req_valid_i(req_valid_i & ~is_accumulator), .req_ready_o(scratchpad_ready),
    .req_write_i, .req_addr_i(offset), .req_wdata_i, .req_wstrb_i,
    .rsp_valid_o(scratchpad_rsp_valid), .rsp_rdata_o(scratchpad_rsp_rdata),
    .rsp_error_o(scratchpad_rsp_error), .inject_enable_i, .inject_addr_i, .inject_mask_i,
    .corrected_count_o, .failed_o, .failed_addr_o
  );

  logic [7:0]       unused_count;
  logic [31:0]      unused_address;
  logic [Ports-1:0] unused_error;
  logic             unused_failed;
  apus_memory_banks #(
    .Bytes(AccumulatorBytes), .Banks(Banks), .Ports(Ports), .HasECC(1'b0)
  ) u_accumulators (
    .clk_i, .rst_ni, .req_valid_i(req_valid_i & is_accumulator), .req_ready_o(accumulator_ready),
    .req_write_i, .req_addr_i(offset), .req_wdata_i, .req_wstrb_i,
    .rsp_valid_o(accumulator_rsp_valid), .rsp_rdata_o(accumulator_rsp_rdata),
    .rsp_error_o(unused_error), .inject_enable_i(1'b0), .inject_addr_i('0), .inject_mask_i('0),
    .corrected_count_o(unused_count), .failed_o(unused_failed), .failed_addr_o(unused_address)
  );

  assign req_ready_o = (is_accumulator & accumulator_ready) | (~is_accumulator & scratchpad_ready);
  assign rsp_valid_o = scratchpad_rsp_valid | accumulator_rsp_valid;
  assign rsp_error_o = scratchpad_rsp_error;
  // The banks of a memory that does not answer a port give zeros for it.
  assign rsp_rdata_o = scratchpad_rsp_rdata | accumulator_rsp_rdata;

  logic unused;
  assign unused = ^{unused_count, unused_address, unused_error, unused_failed};

endmodule
