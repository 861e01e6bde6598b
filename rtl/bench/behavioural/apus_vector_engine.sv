/// A stand-in for the Vector engine: the emulator carries the command out, through the harness.
///
/// For benches only: with it, control and the other engines are tested apart from this one.
// A stand-in looks at few of its inputs.
// verilator lint_off UNUSEDSIGNAL
module apus_vector_engine #(
  parameter int unsigned Ports = apus_core_pkg::VectorPorts
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                command_valid_i,
  output logic                command_ready_o,
  input  logic [255:0]        command_i,
  input  logic [1023:0]       descriptor_i,
  output logic                trap_valid_o,
  output logic [3:0]          trap_cause_o,
  output logic                busy_o,
  output logic [Ports-1:0]    mem_req_valid_o,
  input  logic [Ports-1:0]    mem_req_ready_i,
  output logic [Ports-1:0]    mem_req_write_o,
  output logic [32*Ports-1:0] mem_req_addr_o,
  output logic [64*Ports-1:0] mem_req_wdata_o,
  output logic [8*Ports-1:0]  mem_req_wstrb_o,
  input  logic [Ports-1:0]    mem_rsp_valid_i,
  input  logic [64*Ports-1:0] mem_rsp_rdata_i,
  input  logic [Ports-1:0]    mem_rsp_error_i
);

  import "DPI-C" context function int unsigned apus_behavioural_execute(
    input int unsigned engine, input bit [255:0] command, input bit [1023:0] descriptor);

  // Carried out in one cycle, answered in the next.
  logic        is_done_q;
  logic [31:0] cause_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_done_q <= 1'b0;
      cause_q <= '0;
    end else begin
      is_done_q <= command_valid_i && !is_done_q;
      if (command_valid_i && !is_done_q) begin
        cause_q <= apus_behavioural_execute(32'd3, command_i, descriptor_i);
      end
    end
  end
  assign command_ready_o = is_done_q;
  assign trap_valid_o = is_done_q && cause_q != '0;
  assign trap_cause_o = is_done_q ? cause_q[3:0] : '0;
  assign busy_o = command_valid_i;

  assign mem_req_valid_o = '0;
  assign mem_req_write_o = '0;
  assign mem_req_addr_o = '0;
  assign mem_req_wdata_o = '0;
  assign mem_req_wstrb_o = '0;

endmodule
// verilator lint_on UNUSEDSIGNAL
