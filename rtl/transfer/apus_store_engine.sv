/// The Store engine: a box of local memory, into a strided tensor in global memory.
///
///     global[g] = reduce(global[g], convert(local[i])) if inside(g)
///
/// Walk ─► fetch words of local memory ─► convert ─┬► combine into words ──► AXI
///                                                 └► reduce, or half bytes ┘
///
/// Elements outside the tensor are dropped before they are fetched. The command is finished when
/// memory has confirmed every write, so that its post means what it says.
///
/// Latency: about 40 cycles of checks and filling, and memory's.  Throughput: 1 element per cycle;
/// with a reduction or 4-bit elements that of apus_transfer_reduce.
/// Emulator twin: Sources/ApusMachine/Engines/OracleTransfer.swift
module apus_store_engine #(
  parameter int unsigned Ports            = apus_core_pkg::StorePorts,
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
  input  logic                                        axi_awready_i,
  output logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_awid_o,
  output logic [apus_core_pkg::AXI_ADDRESS_WIDTH-1:0] axi_awaddr_o,
  output logic [apus_core_pkg::AXI_LENGTH_WIDTH-1:0]  axi_awlen_o,
  output logic [apus_core_pkg::AXI_SIZE_WIDTH-1:0]    axi_awsize_o,
  output logic [1:0]                                  axi_awburst_o,
  output logic                                        axi_wvalid_o,
  input  logic                                        axi_wready_i,
  output logic [63:0]                                 axi_wdata_o,
  output logic [7:0]                                  axi_wstrb_o,
  output logic                                        axi_wlast_o,
  input  logic                                        axi_bvalid_i,
  output logic                                        axi_bready_o,
  input  logic [apus_core_pkg::AXI_ID_WIDTH-1:0]      axi_bid_i,
  input  logic [1:0]                                  axi_bresp_i,
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
    .IsStore(1'b1),
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

  // Words of local memory ------------------------------------------------------------------------

  logic                   fetch_ready, word_valid, word_ready, data_valid, data_ready;
  logic [LocalWidth-5:0]  word;
  logic [63:0]            data;
  logic                   fetched_valid, fetched_ready, is_fetching;
  logic [63:0]            fetched_bits;
  logic [GlobalWidth-1:0] fetched_global;
  logic                   move_valid, move_ready, move_data_valid;
  logic [31:0]            move_address;
  // Words leave one by one, and only what is wanted is asked for.
  // verilator lint_off UNUSEDSIGNAL
  logic                   is_full, fetched_inside;
  // verilator lint_on UNUSEDSIGNAL

  assign element_ready = fetch_ready || !element_inside;

  apus_transfer_fetch #(
    .PlaceWidth(LocalWidth),
    .TagWidth(GlobalWidth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .nibbles_i(local_nibbles),
    .forget_i(begins),
    .valid_i(element_valid && element_inside),
    .ready_o(fetch_ready),
    .place_i(element_local),
    .is_wanted_i(1'b1),
    .tag_i(element_global),
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
    .tag_o(fetched_global),
    .busy_o(is_fetching)
  );

  apus_transfer_local_read u_local_read (
    .clk_i,
    .rst_ni,
    .word_valid_i(word_valid),
    .word_ready_o(word_ready),
    .word_i(word),
    .data_valid_o(data_valid),
    .data_ready_i(data_ready),
    .data_o(data),
    .read_valid_o(move_valid),
    .read_ready_i(move_ready),
    .read_address_o(move_address),
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
    .move_write_i(1'b0),
    .move_address_i(move_address),
    .move_data_i(64'd0),
    .move_strobe_i(8'd0),
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

  // Elements in the global format ----------------------------------------------------------------

  logic                   converted_valid, converted_ready, is_converting;
  logic [63:0]            converted_bits;
  logic [GlobalWidth-1:0] converted_global;

  apus_convert #(
    .TagWidth(GlobalWidth)
  ) u_convert (
    .clk_i,
    .rst_ni,
    .valid_i(fetched_valid),
    .ready_o(fetched_ready),
    .bits_i(fetched_bits),
    .source_i(fields.local_format),
    .destination_i(fields.global_format),
    .rounding_i(apus_isa_pkg::ROUND_NEAREST_EVEN),
    .tag_i(fetched_global),
    .valid_o(converted_valid),
    .ready_i(converted_ready),
    .bits_o(converted_bits),
    .tag_o(converted_global),
    .busy_o(is_converting)
  );

  // What holds a word up ends here, and not at the reader of local memory.
  logic                   placed_valid, placed_ready;
  logic [63:0]            placed_bits;
  logic [GlobalWidth-1:0] placed_global;
  logic [1:0]             placed;

  apus_transfer_fifo #(
    .Width(64 + GlobalWidth),
    .Depth(2)
  ) u_placed (
    .clk_i,
    .rst_ni,
    .valid_i(converted_valid),
    .ready_o(converted_ready),
    .data_i({converted_bits, converted_global}),
    .valid_o(placed_valid),
    .ready_i(placed_ready),
    .data_o({placed_bits, placed_global}),
    .count_o(placed)
  );

  // Two ways to words of global memory: over what is there, or with it ---------------------------

  logic is_drained, needs_memory, is_combining, is_reducing, is_writing;
  logic combine_ready, reduce_ready;

  assign needs_memory = fields.reduction != apus_transfer_pkg::REDUCTION_NONE
      || global_nibbles == 5'd1;
  assign placed_ready = needs_memory ? reduce_ready : combine_ready;
  assign is_drained = is_walked && !is_fetching && !is_converting && placed == '0;
  assign finishes = is_drained && !is_combining && !is_reducing && !is_writing;

  logic                   combined_valid, reduced_valid, write_valid, write_ready;
  logic [GlobalWidth-5:0] combined_word, reduced_word;
  logic [63:0]            combined_data, reduced_data;
  logic [15:0]            combined_nibbles;
  logic [7:0]             combined_strobe, reduced_strobe;
  logic                   reduce_flush;

  apus_transfer_combine #(
    .PlaceWidth(GlobalWidth)
  ) u_combine (
    .clk_i,
    .rst_ni,
    .nibbles_i(global_nibbles),
    .valid_i(placed_valid && !needs_memory),
    .ready_o(combine_ready),
    .place_i(placed_global),
    .bits_i(placed_bits),
    .flush_i(is_drained),
    .word_valid_o(combined_valid),
    .word_ready_i(write_ready && !needs_memory),
    .word_o(combined_word),
    .data_o(combined_data),
    .nibbles_o(combined_nibbles),
    .busy_o(is_combining)
  );

  logic                   read_word_valid, read_word_ready, read_word_data_valid;
  logic                   read_word_data_ready;
  logic [GlobalWidth-5:0] read_word;
  logic [63:0]            read_word_data;

  apus_transfer_reduce u_reduce (
    .clk_i,
    .rst_ni,
    .format_i(fields.global_format),
    .nibbles_i(global_nibbles),
    .reduction_i(fields.reduction),
    .valid_i(placed_valid && needs_memory),
    .ready_o(reduce_ready),
    .place_i(placed_global),
    .bits_i(placed_bits[31:0]),
    .flush_i(is_drained),
    .busy_o(is_reducing),
    .read_valid_o(read_word_valid),
    .read_ready_i(read_word_ready),
    .read_word_o(read_word),
    .read_data_valid_i(read_word_data_valid),
    .read_data_ready_o(read_word_data_ready),
    .read_data_i(read_word_data),
    .write_valid_o(reduced_valid),
    .write_ready_i(write_ready && needs_memory),
    .write_word_o(reduced_word),
    .write_data_o(reduced_data),
    .write_strobe_o(reduced_strobe),
    .write_flush_o(reduce_flush),
    .write_busy_i(is_writing)
  );

  // verilator lint_off UNUSEDSIGNAL
  logic is_reading;  // the reducer waits for what it asks
  // verilator lint_on UNUSEDSIGNAL

  apus_axi_read #(
    .BurstLength(2),
    .Depth(2),
    .Id(apus_core_pkg::AXI_ID_WIDTH'(apus_isa_pkg::ENGINE_STORE))
  ) u_read (
    .clk_i,
    .rst_ni,
    .word_valid_i(read_word_valid),
    .word_ready_o(read_word_ready),
    .word_i(read_word),
    .hurry_i(1'b1),
    .data_valid_o(read_word_data_valid),
    .data_ready_i(read_word_data_ready),
    .data_o(read_word_data),
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

  for (genvar b = 0; b < 8; b++) begin : gen_strobe
    assign combined_strobe[b] = |combined_nibbles[2*b +: 2];
  end

  assign write_valid = needs_memory ? reduced_valid : combined_valid;

  apus_axi_write #(
    .Id(apus_core_pkg::AXI_ID_WIDTH'(apus_isa_pkg::ENGINE_STORE))
  ) u_write (
    .clk_i,
    .rst_ni,
    .word_valid_i(write_valid),
    .word_ready_o(write_ready),
    .word_i(needs_memory ? reduced_word : combined_word),
    .data_i(needs_memory ? reduced_data : combined_data),
    .strobe_i(needs_memory ? reduced_strobe : combined_strobe),
    .flush_i(needs_memory ? reduce_flush : is_drained && !is_combining),
    .busy_o(is_writing),
    .axi_awvalid_o,
    .axi_awready_i,
    .axi_awid_o,
    .axi_awaddr_o,
    .axi_awlen_o,
    .axi_awsize_o,
    .axi_awburst_o,
    .axi_wvalid_o,
    .axi_wready_i,
    .axi_wdata_o,
    .axi_wstrb_o,
    .axi_wlast_o,
    .axi_bvalid_i,
    .axi_bready_o,
    .axi_bid_i,
    .axi_bresp_i
  );

endmodule
