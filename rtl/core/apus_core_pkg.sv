/// What the parts of a core agree on: widths of the ports between control, engines and memory.
///
/// The ports of an engine (`apus_load_engine`, `apus_store_engine`, `apus_matrix_engine`,
/// `apus_vector_engine`), all alike:
///
///     input  logic                clk_i, rst_ni
///     // One command: held until `command_ready_o`, which is high for the one cycle in which the
///     // command is finished; in that cycle `trap_valid_o` tells whether it was refused.
///     input  logic                command_valid_i
///     output logic                command_ready_o
///     input  logic [255:0]        command_i
///     input  logic [1023:0]       descriptor_i
///     output logic                trap_valid_o
///     output logic [3:0]          trap_cause_o
///     output logic                busy_o
///     // Local memory: Ports independent ports, flattened. What is valid and ready is taken.
///     output logic [Ports-1:0]    mem_req_valid_o
///     input  logic [Ports-1:0]    mem_req_ready_i
///     output logic [Ports-1:0]    mem_req_write_o
///     output logic [32*Ports-1:0] mem_req_addr_o    // bytes, a multiple of 8
///     output logic [64*Ports-1:0] mem_req_wdata_o
///     output logic [8*Ports-1:0]  mem_req_wstrb_o
///     // Answers to reads, in order, at least one cycle later; they cannot be held back.
///     input  logic [Ports-1:0]    mem_rsp_valid_i
///     input  logic [64*Ports-1:0] mem_rsp_rdata_i
///     input  logic [Ports-1:0]    mem_rsp_error_i   // uncorrectable
///
/// The command has passed the checks of its word (opcode, queue, reserved bits, codes) and of the
/// place of its descriptor; an engine begins with what the descriptor holds.
///
/// Load and Store besides: `arena_base_i`, `arena_bytes_i` (64 bits each: the global addresses of
/// the program), `core_count_i` (16 bits) and one AXI4 master, `axi_awvalid_o`, `axi_awready_i`,
/// `axi_awid_o`, `axi_awaddr_o`, `axi_awlen_o`, `axi_awsize_o`, `axi_awburst_o`, `axi_wvalid_o`,
/// `axi_wready_i`, `axi_wdata_o`, `axi_wstrb_o`, `axi_wlast_o`, `axi_bvalid_i`, `axi_bready_o`,
/// `axi_bid_i`, `axi_bresp_i`, `axi_arvalid_o`, `axi_arready_i`, `axi_arid_o`, `axi_araddr_o`,
/// `axi_arlen_o`, `axi_arsize_o`, `axi_arburst_o`, `axi_rvalid_i`, `axi_rready_o`, `axi_rid_i`,
/// `axi_rdata_i`, `axi_rresp_i`, `axi_rlast_i`.
///
/// Why a command stays at the engine until it is finished: queues are in order, so nothing is lost,
/// and the dispatcher can name the command of a trap without a copy.
// No single design uses every constant.
// verilator lint_off UNUSEDPARAM
package apus_core_pkg;

  // Words of local memory: what banks, ports and ECC count in.
  parameter int unsigned WORD_WIDTH = 64;
  parameter int unsigned STROBE_WIDTH = 8;
  parameter int unsigned LOCAL_WIDTH = 32;

  parameter int unsigned DESCRIPTOR_WIDTH = 1024;
  parameter int unsigned CAUSE_WIDTH = 4;
  parameter int unsigned ENGINE_COUNT = 4;

  // Ports of local memory that each engine has.
  parameter int unsigned LoadPorts = 1;
  parameter int unsigned StorePorts = 1;
  parameter int unsigned MatrixPorts = 8;
  parameter int unsigned VectorPorts = 4;

  // AXI4.
  parameter int unsigned AXI_ADDRESS_WIDTH = 64;
  parameter int unsigned AXI_DATA_WIDTH = 64;
  parameter int unsigned AXI_STROBE_WIDTH = 8;
  parameter int unsigned AXI_ID_WIDTH = 4;
  parameter int unsigned AXI_LENGTH_WIDTH = 8;
  parameter int unsigned AXI_SIZE_WIDTH = 3;
  parameter logic [1:0] AXI_BURST_INCR = 2'b01;
  parameter logic [2:0] AXI_SIZE_8_BYTES = 3'd3;

  // Global addresses `1 << 40 | core << 32 | byte` name the cores' scratchpads.
  parameter int unsigned CORE_WINDOW_BIT = 40;
  parameter int unsigned CORE_WINDOW_BYTES_WIDTH = 32;

endpackage
// verilator lint_on UNUSEDPARAM
