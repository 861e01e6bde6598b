/// Banks of one local memory, interleaved by 64-bit words, and the switch between ports and banks.
///
/// In each cycle a bank takes the request of one port, in turn among those that want it; ports that
/// want different banks do not meet. A port's reads are answered in the order in which they were
/// taken, two cycles later, because every bank takes the same time.
///
/// Request and answer are as `apus_core_pkg` describes them; `req_addr_i` counts from the memory's
/// begin.
module apus_memory_banks #(
  parameter int unsigned Bytes  = 65536,
  parameter int unsigned Banks  = 8,
  parameter int unsigned Ports  = 4,
  parameter bit          HasECC = 1'b1
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

  // See `apus_memory_bank`; the address is that of a byte of the word.
  input  logic                inject_enable_i,
  input  logic [31:0]         inject_addr_i,
  input  logic [71:0]         inject_mask_i,
  output logic [7:0]          corrected_count_o,
  output logic                failed_o,
  output logic [31:0]         failed_addr_o
);

  localparam int unsigned BankBits = Banks > 1 ? $clog2(Banks) : 0;
  localparam int unsigned Depth = Bytes / 8 / Banks;
  localparam int unsigned AddressWidth = Depth > 1 ? $clog2(Depth) : 1;
  localparam int unsigned TagWidth = Ports > 1 ? $clog2(Ports) : 1;

  // Which ports each bank is asked by, answers, and what it answers.
  logic [Ports*Banks-1:0]        wants, grants;
  logic [Banks-1:0]              bank_ready, bank_rsp_valid, bank_rsp_error;
  logic [Banks-1:0]              bank_corrected, bank_failed;
  logic [64*Banks-1:0]           bank_rsp_rdata;
  logic [TagWidth*Banks-1:0]     bank_rsp_tag;
  logic [AddressWidth*Banks-1:0] bank_failed_addr;

  always_comb begin
    wants = '0;
    for (int unsigned port = 0; port < Ports; port++) begin
      for (int unsigned bank = 0; bank < Banks; bank++) begin
        wants[Ports*bank + port] = req_valid_i[port]
            && ((req_addr_i[32*port +: 32] >> 3) & 32'(Banks - 1)) == 32'(bank);
      end
    end
  end

  generate
    for (genvar bank = 0; bank < Banks; bank++) begin : gen_bank
      logic                    req, write;
      logic [31:0]             address;
      logic [63:0]             wdata;
      logic [7:0]              wstrb;
      logic [TagWidth-1:0]     tag;
      logic [AddressWidth-1:0] row, inject_row;
      logic                    injects;

      apus_round_robin #(.Count(Ports)) u_turn (
        .clk_i, .rst_ni, .req_i(wants[Ports*bank +: Ports]), .taken_i(req && bank_ready[bank]),
        .grant_o(grants[Ports*bank +: Ports])
      );

      assign req = wants[Ports*bank +: Ports] != '0;
      always_comb begin
        write = 1'b0;
        address = '0;
        wdata = '0;
        wstrb = '0;
        tag = '0;
        for (int unsigned port = 0; port < Ports; port++) begin
          if (grants[Ports*bank + port]) begin
            write = req_write_i[port];
            address = req_addr_i[32*port +: 32];
            wdata = req_wdata_i[64*port +: 64];
            wstrb = req_wstrb_i[8*port +: 8];
            tag = TagWidth'(port);
          end
        end
      end
      assign row = AddressWidth'(address >> (3 + BankBits));
      assign inject_row = AddressWidth'(inject_addr_i >> (3 + BankBits));
      assign injects = inject_enable_i
          && ((inject_addr_i >> 3) & 32'(Banks - 1)) == 32'(bank);

      apus_memory_bank #(.Depth(Depth), .HasECC(HasECC), .TagWidth(TagWidth)) u_bank (
        .clk_i, .rst_ni, .req_i(req), .ready_o(bank_ready[bank]), .write_i(write), .addr_i(row),
        .wdata_i(wdata), .wstrb_i(wstrb), .tag_i(tag), .rsp_valid_o(bank_rsp_valid[bank]),
        .rsp_tag_o(bank_rsp_tag[TagWidth*bank +: TagWidth]),
        .rsp_rdata_o(bank_rsp_rdata[64*bank +: 64]), .rsp_error_o(bank_rsp_error[bank]),
        .inject_enable_i(injects), .inject_addr_i(inject_row), .inject_mask_i,
        .corrected_o(bank_corrected[bank]), .failed_o(bank_failed[bank]),
        .failed_addr_o(bank_failed_addr[AddressWidth*bank +: AddressWidth])
      );
    end
  endgenerate

  always_comb begin
    req_ready_o = '0;
    rsp_valid_o = '0;
    rsp_rdata_o = '0;
    rsp_error_o = '0;
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      if (bank_ready[bank]) req_ready_o = req_ready_o | grants[Ports*bank +: Ports];
      if (bank_rsp_valid[bank]) begin
        for (int unsigned port = 0; port < Ports; port++) begin
          if (bank_rsp_tag[TagWidth*bank +: TagWidth] == TagWidth'(port)) begin
            rsp_valid_o[port] = 1'b1;
            rsp_rdata_o[64*port +: 64] = bank_rsp_rdata[64*bank +: 64];
            rsp_error_o[port] = bank_rsp_error[bank];
          end
        end
      end
    end
  end

  always_comb begin
    corrected_count_o = '0;
    failed_o = bank_failed != '0;
    failed_addr_o = '0;
    for (int unsigned i = 0; i < Banks; i++) begin
      corrected_count_o = corrected_count_o + {7'd0, bank_corrected[i]};
      if (bank_failed[i]) begin
        failed_addr_o = (32'(bank_failed_addr[AddressWidth*i +: AddressWidth])
            << (3 + BankBits)) | (32'(i) << 3);
      end
    end
  end

`ifndef SYNTHESIS
  // Engines check their addresses before they begin.
  always_ff @(posedge clk_i) begin
    for (int unsigned port = 0; port < Ports; port++) begin
      if (req_valid_i[port]) begin
        request_lies_in_the_memory :
        assert (req_addr_i[32*port +: 32] < 32'(Bytes) && req_addr_i[32*port +: 3] == 3'd0);
      end
    end
  end
`endif

endmodule
