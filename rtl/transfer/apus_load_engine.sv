/// The Load engine: a box of a strided tensor, from global to local memory.
///
///     local[i] = inside(g) ? convert(global[g]) : fill
///
/// Walk ─► fetch words by AXI ─► convert ─► combine into words ─► local memory. Elements stay in
/// the box's order from end to end, those outside the tensor as fills among them.
///
/// Latency: about 40 cycles of checks and filling.  Throughput: 1 element per cycle.
/// Emulator twin: Sources/ApusMachine/Engines/OracleTransfer.swift
module apus_load_engine #(
  parameter int unsigned Ports            = apus_core_pkg::LoadPorts,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes
) (
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  input  logic                                        command_valid_i,
  output logic                                        command_ready_o,
  input  logic [apus_isa_pkg::COMMAND_WIDTH-1:0]      command_i,
  input  logic [apus_core_pkg::DESCRIPTOR_WIDTH-1:0]  descriptor_i,
  output logic                                        trap_valid_o,
  output logic [apus_core_pkg::CAUSE_WIDTH-1:0]       trap_cause_o,
  output logic                                        busy_o,
  input  logic [63:0]                                 arena_base_i,
  input  logic [63:0]                                 arena_bytes_i,
  input  logic [15:0]                                 core_count_i,

  output logic [Ports-1:0]                            mem_req_valid_o,
  input  logic [Ports-1:0]                            mem_req_ready_i,
  output logic [Ports-1:0]                            mem_req_write_o,
  output logic [32*Ports-1:0]                         mem_req_addr_o,
  output logic [64*Ports-1:0]                         mem_req_wdata_o,
  output logic [8*Ports-1:0]                          mem_req_wstrb_o,
  input  logic [Ports-1:0]                            mem_rsp_valid_i,
  input  logic [64*Ports-1:0]                         mem_rsp_rdata_i,
  // The memory itself reports a word that cannot be corrected.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [Ports-1:0]                            mem_rsp_error_i,
  // verilator lint_on UNUSEDSIGNAL

  output logic                                        axi_awvalid_o,
  // A Load writes nothing to global memory.
  // verilator lint_off UNUSEDSIGNAL
  input  logic                                        axi_awready_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_awid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_awaddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_awlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_awsize_o,
  output logic [1:0]                                  axi_awburst_o,
  output logic                                        axi_wvalid_o,
  // verilator lint_off UNUSEDSIGNAL
  input  logic                                        axi_wready_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [63:0]                                 axi_wdata_o,
  output logic [7:0]                                  axi_wstrb_o,
  output logic                                        axi_wlast_o,
  // verilator lint_off UNUSEDSIGNAL
  input  logic                                        axi_bvalid_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                                        axi_bready_o,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_bid_i,
  input  logic [1:0]                                  axi_bresp_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                                        axi_arvalid_o,
  input  logic                                        axi_arready_i,
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_arid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_araddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_arlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_arsize_o,
  output logic [1:0]                                  axi_arburst_o,
  input  logic                                        axi_rvalid_i,
  output logic                                        axi_rready_o,
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_rid_i,
  input  logic [63:0]                                 axi_rdata_i,
  input  logic [1:0]                                  axi_rresp_i,
  input  logic                                        axi_rlast_i
);

  localparam int unsigned LocalWidth = apus_transfer_pkg::LOCAL_WIDTH;
  localparam int unsigned GlobalWidth = apus_transfer_pkg::GLOBAL_WIDTH;

  // The command and its elements -----------------------------------------------------------------

  // The engine reads the formats; shapes are used up by checks and walk.
  // verilator lint_off UNUSEDSIGNAL
  apus_transfer_pkg::fields_t fields;
  // verilator lint_on UNUSEDSIGNAL
  logic                   element_valid, element_ready, element_inside;
  logic [LocalWidth-1:0]  element_local;
  logic [GlobalWidth-1:0] element_global;
  logic                   is_walked, finishes, begins;
  logic                   table_valid, table_ready, table_data_valid;
  logic [31:0]            table_address;
  logic [63:0]            read_data;
  logic [4:0]             global_nibbles, local_nibbles;

  assign global_nibbles = fields.global_nibbles;
  assign local_nibbles = fields.local_nibbles;

  apus_transfer_front #(
    .IsStore(1'b0),
    .ScratchpadBytes(ScratchpadBytes),
    .AccumulatorBytes(AccumulatorBytes)
  ) u_front (
    .clk_i,
    .rst_ni,
    .command_valid_i,
    .command_ready_o,
    .command_i,
    .descriptor_i,
    .trap_valid_o,
    .trap_cause_o,
    .busy_o,
    .arena_base_i,
    .arena_bytes_i,
    .core_count_i,
    .fields_o(fields),
    .element_valid_o(element_valid),
    .element_ready_i(element_ready),
    .element_local_o(element_local),
    .element_global_o(element_global),
    .element_inside_o(element_inside),
    .is_walked_o(is_walked),
    .finish_i(finishes),
    .begins_o(begins),
    .read_valid_o(table_valid),
    .read_ready_i(table_ready),
    .read_address_o(table_address),
    .read_data_valid_i(table_data_valid),
    .read_data_i(read_data)
  );

  // Words of global memory -----------------------------------------------------------------------

  logic                   word_valid, word_ready, data_valid, data_ready, is_full;
  logic [GlobalWidth-5:0] word;
  logic [63:0]            data;
  logic                   fetched_valid, fetched_ready, fetched_inside, is_fetching;
  logic [63:0]            fetched_bits;
  logic [LocalWidth-1:0]  fetched_local;
  // Words on their way belong to elements that `is_fetching` tells.
  // verilator lint_off UNUSEDSIGNAL
  logic                   is_reading;
  // verilator lint_on UNUSEDSIGNAL

  apus_transfer_fetch #(
    .PlaceWidth(GlobalWidth),
    .TagWidth(LocalWidth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .nibbles_i(global_nibbles),
    .forget_i(begins),
    .valid_i(element_valid),
    .ready_o(element_ready),
    .place_i(element_global),
    .is_wanted_i(element_inside),
    .tag_i(element_local),
    .word_valid_o(word_valid),
    .word_ready_i(word_ready),
    .word_o(word),
    .is_full_o(is_full),
    .data_valid_i(data_valid),
    .data_ready_o(data_ready),
    .data_i(data),
    .valid_o(fetched_valid),
    .ready_i(fetched_ready),
    .bits_o(fetched_bits),
    .is_wanted_o(fetched_inside),
    .tag_o(fetched_local),
    .busy_o(is_fetching)
  );

  apus_axi_read #(
    .Id(apus_core_pkg::AXI_ID_WIDTH'(apus_isa_pkg::ENGINE_LOAD))
  ) u_read (
    .clk_i,
    .rst_ni,
    .word_valid_i(word_valid),
    .word_ready_o(word_ready),
    .word_i(word),
    .hurry_i(is_full || is_walked),
    .data_valid_o(data_valid),
    .data_ready_i(data_ready),
    .data_o(data),
    .busy_o(is_reading),
    .axi_arvalid_o,
    .axi_arready_i,
    .axi_arid_o,
    .axi_araddr_o,
    .axi_arlen_o,
    .axi_arsize_o,
    .axi_arburst_o,
    .axi_rvalid_i,
    .axi_rready_o,
    .axi_rid_i,
    .axi_rresp_i,
    .axi_rlast_i,
    .axi_rdata_i
  );

  assign axi_awvalid_o = 1'b0;
  assign axi_awid_o = '0;
  assign axi_awaddr_o = '0;
  assign axi_awlen_o = '0;
  assign axi_awsize_o = '0;
  assign axi_awburst_o = '0;
  assign axi_wvalid_o = 1'b0;
  assign axi_wdata_o = '0;
  assign axi_wstrb_o = '0;
  assign axi_wlast_o = 1'b0;
  assign axi_bready_o = 1'b1;

  // Elements, converted or filled ----------------------------------------------------------------

  logic                  converted_valid, converted_ready, is_converting;
  logic [63:0]           converted_bits;
  logic [LocalWidth-1:0] converted_local;

  apus_convert #(
    .TagWidth(LocalWidth)
  ) u_convert (
    .clk_i,
    .rst_ni,
    .valid_i(fetched_valid),
    .ready_o(fetched_ready),
    .bits_i(fetched_inside ? fetched_bits : {32'd0, fields.fill}),
    .source_i(fetched_inside ? fields.global_format : fields.local_format),
    .destination_i(fields.local_format),
    .rounding_i(apus_isa_pkg::ROUND_NEAREST_EVEN),
    .tag_i(fetched_local),
    .valid_o(converted_valid),
    .ready_i(converted_ready),
    .bits_o(converted_bits),
    .tag_o(converted_local),
    .busy_o(is_converting)
  );

  // Words of local memory ------------------------------------------------------------------------

  logic                  is_drained, is_combining, write_valid, write_ready;
  logic [LocalWidth-5:0] write_word;
  logic [63:0]           write_data;
  logic [15:0]           write_nibbles;
  logic                  move_valid, move_ready, move_write, move_data_valid;
  logic [31:0]           move_address;
  logic [63:0]           move_data;
  logic [7:0]            move_strobe;

  assign is_drained = is_walked && !is_fetching && !is_converting;
  assign finishes = is_drained && !is_combining;

  apus_transfer_combine #(
    .PlaceWidth(LocalWidth)
  ) u_combine (
    .clk_i,
    .rst_ni,
    .nibbles_i(local_nibbles),
    .valid_i(converted_valid),
    .ready_o(converted_ready),
    .place_i(converted_local),
    .bits_i(converted_bits),
    .flush_i(is_drained),
    .word_valid_o(write_valid),
    .word_ready_i(write_ready),
    .word_o(write_word),
    .data_o(write_data),
    .nibbles_o(write_nibbles),
    .busy_o(is_combining)
  );

  apus_transfer_local_write u_write (
    .clk_i,
    .rst_ni,
    .word_valid_i(write_valid),
    .word_ready_o(write_ready),
    .word_i(write_word),
    .data_i(write_data),
    .nibbles_i(write_nibbles),
    .valid_o(move_valid),
    .ready_i(move_ready),
    .write_o(move_write),
    .address_o(move_address),
    .data_o(move_data),
    .strobe_o(move_strobe),
    .read_data_valid_i(move_data_valid),
    .read_data_i(read_data)
  );

  apus_transfer_port u_port (
    .clk_i,
    .rst_ni,
    .table_valid_i(table_valid),
    .table_ready_o(table_ready),
    .table_address_i(table_address),
    .table_data_valid_o(table_data_valid),
    .move_valid_i(move_valid),
    .move_ready_o(move_ready),
    .move_write_i(move_write),
    .move_address_i(move_address),
    .move_data_i(move_data),
    .move_strobe_i(move_strobe),
    .move_data_valid_o(move_data_valid),
    .read_data_o(read_data),
    .mem_req_valid_o(mem_req_valid_o[0]),
    .mem_req_ready_i(mem_req_ready_i[0]),
    .mem_req_write_o(mem_req_write_o[0]),
    .mem_req_addr_o(mem_req_addr_o[31:0]),
    .mem_req_wdata_o(mem_req_wdata_o[63:0]),
    .mem_req_wstrb_o(mem_req_wstrb_o[7:0]),
    .mem_rsp_valid_i(mem_rsp_valid_i[0]),
    .mem_rsp_rdata_i(mem_rsp_rdata_i[63:0])
  );

endmodule
