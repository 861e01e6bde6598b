/// An element of any format of at most 32 bits as binary32: exact, but for INT32, which is rounded,
/// ties to even.
///
/// Latency: combinational.
/// Emulator twin: Sources/ApusNumerics/Formats/ElementFormat+Conversion.swift
module apus_widen_fp32 (
  input  logic [4:0]  format_i,
  // In the low bits; those above are ignored.
  input  logic [31:0] bits_i,
  output logic [31:0] value_o
);

  // One C++ class for all instances keeps the simulator's code small.
  /* verilator no_inline_module */

  localparam logic [31:0] NAN = 32'h7FC0_0000;

  logic        sign, is_direct;
  logic [31:0] magnitude, direct, rounded;
  // Integers, sign-extended.
  logic signed [31:0] whole;
  logic [7:0]  exponent;

  always_comb begin
    sign = 1'b0;
    magnitude = '0;
    whole = '0;
    exponent = 8'd127;
    is_direct = 1'b0;
    direct = NAN;
    unique case (format_i)
      apus_isa_pkg::FORMAT_FP32: begin
        is_direct = 1'b1;
        direct = bits_i;
      end
      apus_isa_pkg::FORMAT_BF16: begin
        is_direct = 1'b1;
        direct = {bits_i[15:0], 16'b0};
      end
      apus_isa_pkg::FORMAT_FP16: begin
        sign = bits_i[15];
        magnitude = 32'({bits_i[14:10] != '0, bits_i[9:0]});
        // Exponent of a place: -25 below the code's, whose bias is 15.
        exponent = 8'd102 + 8'(bits_i[14:10] | 5'(bits_i[14:10] == '0));
        is_direct = bits_i[14:10] == '1;
        if (bits_i[9:0] == '0) direct = {sign, 8'hFF, 23'b0};
      end
      apus_isa_pkg::FORMAT_E4M3: begin
        sign = bits_i[7];
        magnitude = 32'({bits_i[6:3] != '0, bits_i[2:0]});
        exponent = 8'd117 + 8'(bits_i[6:3] | 4'(bits_i[6:3] == '0));
        is_direct = bits_i[6:0] == '1;
      end
      apus_isa_pkg::FORMAT_E5M2: begin
        sign = bits_i[7];
        magnitude = 32'({bits_i[6:2] != '0, bits_i[1:0]});
        exponent = 8'd110 + 8'(bits_i[6:2] | 5'(bits_i[6:2] == '0));
        is_direct = bits_i[6:2] == '1;
        if (bits_i[1:0] == '0) direct = {sign, 8'hFF, 23'b0};
      end
      apus_isa_pkg::FORMAT_E2M1: begin
        sign = bits_i[3];
        magnitude = 32'({bits_i[2:1] != '0, bits_i[0]});
        exponent = 8'd125 + 8'(bits_i[2:1] | 2'(bits_i[2:1] == '0));
      end
      apus_isa_pkg::FORMAT_E8M0: begin
        // A power of two alone; the smallest is subnormal in binary32.
        is_direct = 1'b1;
        if (bits_i[7:0] == 8'h00) direct = 32'h0040_0000;
        else if (bits_i[7:0] != 8'hFF) direct = {1'b0, bits_i[7:0], 23'b0};
      end
      apus_isa_pkg::FORMAT_INT32: whole = $signed(bits_i);
      apus_isa_pkg::FORMAT_INT16: whole = 32'($signed(bits_i[15:0]));
      apus_isa_pkg::FORMAT_INT8: whole = 32'($signed(bits_i[7:0]));
      apus_isa_pkg::FORMAT_INT4: whole = 32'($signed(bits_i[3:0]));
      apus_isa_pkg::FORMAT_UINT16: whole = $signed(32'(bits_i[15:0]));
      apus_isa_pkg::FORMAT_UINT8: whole = $signed(32'(bits_i[7:0]));
      apus_isa_pkg::FORMAT_UINT4: whole = $signed(32'(bits_i[3:0]));
      // FIXED54 and BITS64 are wider than an element here.
      default: is_direct = 1'b1;
    endcase
    if (whole != '0) begin
      sign = whole < 0;
      magnitude = whole < 0 ? -whole : whole;
    end
  end

  apus_magnitude_fp32 #(.Width(32)) u_round (
    .sign_i(sign), .magnitude_i(magnitude), .exponent_i(exponent), .value_o(rounded)
  );

  assign value_o = is_direct ? direct : rounded;

endmodule
