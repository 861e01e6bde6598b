/// What the encoding half of a conversion knows of a destination.
///
/// Latency: combinational.
module apus_convert_facts (
  input  logic [4:0]               format_i,
  output apus_convert_pkg::facts_t facts_o
);

  logic       is_signed;
  logic [5:0] integer_width;

  always_comb begin
    facts_o.is_float = 1'b1;
    facts_o.is_wide = 1'b0;
    is_signed = 1'b1;
    facts_o.fraction_width = 5'd0;
    facts_o.exponent_min = 11'sd0;
    facts_o.sign_bit = 32'd0;
    facts_o.finite_max = 32'd0;
    facts_o.infinity = 32'd0;
    facts_o.nan = 32'd0;
    integer_width = 6'd0;
    facts_o.integer_max = 32'd0;
    unique case (format_i)
      apus_isa_pkg::FORMAT_FP32: begin
        facts_o.is_wide = 1'b1;
        facts_o.fraction_width = 5'd23;
        facts_o.exponent_min = -11'sd126;
        facts_o.sign_bit = 32'h8000_0000;
        facts_o.finite_max = 32'h7F7F_FFFF;
        facts_o.infinity = 32'h7F80_0000;
        facts_o.nan = 32'h7FC0_0000;
      end
      apus_isa_pkg::FORMAT_BF16: begin
        facts_o.is_wide = 1'b1;
        facts_o.fraction_width = 5'd7;
        facts_o.exponent_min = -11'sd126;
        facts_o.sign_bit = 32'h8000;
        facts_o.finite_max = 32'h7F7F;
        facts_o.infinity = 32'h7F80;
        facts_o.nan = 32'h7FC0;
      end
      apus_isa_pkg::FORMAT_FP16: begin
        facts_o.is_wide = 1'b1;
        facts_o.fraction_width = 5'd10;
        facts_o.exponent_min = -11'sd14;
        facts_o.sign_bit = 32'h8000;
        facts_o.finite_max = 32'h7BFF;
        facts_o.infinity = 32'h7C00;
        facts_o.nan = 32'h7E00;
      end
      apus_isa_pkg::FORMAT_E5M2: begin
        facts_o.fraction_width = 5'd2;
        facts_o.exponent_min = -11'sd14;
        facts_o.sign_bit = 32'h80;
        facts_o.finite_max = 32'h7B;
        facts_o.infinity = 32'h7C;
        facts_o.nan = 32'h7E;
      end
      apus_isa_pkg::FORMAT_E4M3: begin
        facts_o.fraction_width = 5'd3;
        facts_o.exponent_min = -11'sd6;
        facts_o.sign_bit = 32'h80;
        facts_o.finite_max = 32'h7E;
        facts_o.nan = 32'h7F;
      end
      apus_isa_pkg::FORMAT_E2M1: begin
        facts_o.fraction_width = 5'd1;
        facts_o.exponent_min = 11'sd0;
        facts_o.sign_bit = 32'h8;
        facts_o.finite_max = 32'h7;
        facts_o.nan = 32'h7;
      end
      default: begin
        facts_o.is_float = 1'b0;
        unique case (format_i)
          apus_isa_pkg::FORMAT_INT32: integer_width = 6'd32;
          apus_isa_pkg::FORMAT_INT16, apus_isa_pkg::FORMAT_UINT16: integer_width = 6'd16;
          apus_isa_pkg::FORMAT_INT4, apus_isa_pkg::FORMAT_UINT4: integer_width = 6'd4;
          default: integer_width = 6'd8;
        endcase
        is_signed = format_i == apus_isa_pkg::FORMAT_INT32 || format_i == apus_isa_pkg::FORMAT_INT16
            || format_i == apus_isa_pkg::FORMAT_INT8 || format_i == apus_isa_pkg::FORMAT_INT4;
        facts_o.sign_bit = is_signed ? 32'd1 << (integer_width - 6'd1) : 32'd0;
        facts_o.integer_max = is_signed ? facts_o.sign_bit - 32'd1 : (32'd1 << integer_width) - 32'd1;
      end
    endcase
  end

endmodule
