/// An AXI4 slave that reads and writes a core's scratchpad: what other cores, and the core itself
/// by global addresses, reach it by.
///
/// One burst at a time, one word after the other: a word takes 4 cycles when it is read, one when
/// it is written. Bursts are INCR, of 64-bit words; the low 32 bits of the address count.
module apus_axi_scratchpad (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        axi_awvalid_i,
  output logic        axi_awready_o,
  input  logic [3:0]  axi_awid_i,
  input  logic [31:0] axi_awaddr_i,
  input  logic        axi_wvalid_i,
  output logic        axi_wready_o,
  input  logic [63:0] axi_wdata_i,
  input  logic [7:0]  axi_wstrb_i,
  input  logic        axi_wlast_i,
  output logic        axi_bvalid_o,
  input  logic        axi_bready_i,
  output logic [3:0]  axi_bid_o,
  input  logic        axi_arvalid_i,
  output logic        axi_arready_o,
  input  logic [3:0]  axi_arid_i,
  input  logic [31:0] axi_araddr_i,
  input  logic [7:0]  axi_arlen_i,
  output logic        axi_rvalid_o,
  input  logic        axi_rready_i,
  output logic [3:0]  axi_rid_o,
  output logic [63:0] axi_rdata_o,
  output logic        axi_rlast_o,

  output logic        mem_req_valid_o,
  input  logic        mem_req_ready_i,
  output logic        mem_req_write_o,
  output logic [31:0] mem_req_addr_o,
  output logic [63:0] mem_req_wdata_o,
  output logic [7:0]  mem_req_wstrb_o,
  input  logic        mem_rsp_valid_i,
  input  logic [63:0] mem_rsp_rdata_i
);

  typedef enum logic [2:0] {
    STATE_IDLE, STATE_WRITE, STATE_ANSWER, STATE_READ, STATE_WAIT, STATE_SHOW
  } state_e;
  state_e      state_q, state_d;
  logic [31:0] addr_q, addr_d;
  logic [7:0]  left_q, left_d;
  logic [3:0]  id_q, id_d;
  logic [63:0] rdata_q;

  always_comb begin
    state_d = state_q;
    addr_d = addr_q;
    left_d = left_q;
    id_d = id_q;
    unique case (state_q)
      STATE_IDLE: begin
        // Writes first: what was written should be what is read.
        if (axi_awvalid_i) begin
          addr_d = {axi_awaddr_i[31:3], 3'd0};
          id_d = axi_awid_i;
          state_d = STATE_WRITE;
        end else if (axi_arvalid_i) begin
          addr_d = {axi_araddr_i[31:3], 3'd0};
          id_d = axi_arid_i;
          left_d = axi_arlen_i;
          state_d = STATE_READ;
        end
      end
      STATE_WRITE: begin
        if (axi_wvalid_i && axi_wready_o) begin
          addr_d = addr_q + 32'd8;
          if (axi_wlast_i) state_d = STATE_ANSWER;
        end
      end
      STATE_ANSWER: if (axi_bready_i) state_d = STATE_IDLE;
      STATE_READ: if (mem_req_ready_i) state_d = STATE_WAIT;
      STATE_WAIT: if (mem_rsp_valid_i) state_d = STATE_SHOW;
      STATE_SHOW: begin
        if (axi_rready_i) begin
          addr_d = addr_q + 32'd8;
          left_d = left_q - 8'd1;
          state_d = left_q == '0 ? STATE_IDLE : STATE_READ;
        end
      end
      default: state_d = STATE_IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= STATE_IDLE;
      addr_q <= '0;
      left_q <= '0;
      id_q <= '0;
    end else begin
      state_q <= state_d;
      addr_q <= addr_d;
      left_q <= left_d;
      id_q <= id_d;
    end
  end
  always_ff @(posedge clk_i) begin
    if (mem_rsp_valid_i) rdata_q <= mem_rsp_rdata_i;
  end

  // A strobe without a byte writes nothing and need not trouble the bank.
  logic has_bytes;
  assign has_bytes = axi_wstrb_i != '0;
  assign mem_req_write_o = state_q == STATE_WRITE;
  assign mem_req_valid_o =
      state_q == STATE_READ || (state_q == STATE_WRITE && axi_wvalid_i && has_bytes);
  assign mem_req_addr_o = addr_q;
  assign mem_req_wdata_o = axi_wdata_i;
  assign mem_req_wstrb_o = axi_wstrb_i;

  assign axi_awready_o = state_q == STATE_IDLE;
  assign axi_arready_o = state_q == STATE_IDLE && !axi_awvalid_i;
  assign axi_wready_o = state_q == STATE_WRITE && (mem_req_ready_i || !has_bytes);
  assign axi_bvalid_o = state_q == STATE_ANSWER;
  assign axi_bid_o = id_q;
  assign axi_rvalid_o = state_q == STATE_SHOW;
  assign axi_rid_o = id_q;
  assign axi_rdata_o = rdata_q;
  assign axi_rlast_o = left_q == '0;

  logic unused;
  assign unused = ^{axi_awaddr_i[2:0], axi_araddr_i[2:0]};

endmodule
