/// Converts one element between any two formats under any rounding rule.
///
///     bits_o = destination(rule(value of source(bits_i)))
///
/// Equal formats, and bits64 on either side, move bits. fixed54 is a source only.
///
/// Latency: 2 cycles while `ready_i` is high.  Throughput: 1 element per cycle.
/// Emulator twin: ElementFormat.convert, Sources/ApusNumerics/ElementFormat+Conversion.swift
module apus_convert #(
  /// Whether fixed54 and bits64 occur; without, the normaliser is 32 bits wide.
  parameter bit          HasFixed54 = 1'b1,
  /// What accompanies an element unchanged.
  parameter int unsigned TagWidth   = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                valid_i,
  output logic                ready_o,
  input  logic [63:0]         bits_i,
  input  logic [4:0]          source_i,
  input  logic [4:0]          destination_i,
  input  logic [2:0]          rounding_i,
  input  logic [TagWidth-1:0] tag_i,
  output logic                valid_o,
  input  logic                ready_i,
  output logic [63:0]         bits_o,
  output logic [TagWidth-1:0] tag_o,
  /// Elements are inside.
  output logic                busy_o
);

  // Both stages move together, when the last can leave or is empty.
  logic advances;
  logic decoded_valid_q, result_valid_q;
  assign advances = ready_i || !result_valid_q;
  assign ready_o = advances;
  assign valid_o = result_valid_q;
  assign busy_o = decoded_valid_q || result_valid_q;

  apus_convert_pkg::value_t value_d, value_q;
  logic                     is_move_d, is_move_q;
  logic [63:0]              moved_d, moved_q;
  logic [4:0]               destination_q;
  logic [2:0]               rounding_q;
  logic [TagWidth-1:0]      decoded_tag_q, result_tag_q;

  apus_convert_decode #(
    .HasFixed54(HasFixed54)
  ) u_decode (
    .bits_i,
    .format_i(source_i),
    .value_o(value_d)
  );

  always_comb begin
    is_move_d = source_i == destination_i || source_i == apus_isa_pkg::FORMAT_BITS64
        || destination_i == apus_isa_pkg::FORMAT_BITS64;
    moved_d = bits_i & apus_convert_pkg::element_mask(source_i)
        & apus_convert_pkg::element_mask(destination_i);
  end

  logic [31:0] encoded;
  logic [63:0] result_d, result_q;

  apus_convert_encode u_encode (
    .value_i(value_q),
    .format_i(destination_q),
    .rounding_i(rounding_q),
    .bits_o(encoded)
  );

  assign result_d = is_move_q ? moved_q : {32'd0, encoded};
  assign bits_o = result_q;
  assign tag_o = result_tag_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      decoded_valid_q <= 1'b0;
      result_valid_q <= 1'b0;
    end else if (advances) begin
      decoded_valid_q <= valid_i;
      result_valid_q <= decoded_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advances) begin
      value_q <= value_d;
      is_move_q <= is_move_d;
      moved_q <= moved_d;
      destination_q <= destination_i;
      rounding_q <= rounding_i;
      result_q <= result_d;
      decoded_tag_q <= tag_i;
      result_tag_q <= decoded_tag_q;
    end
  end

`ifndef SYNTHESIS
  // Assertions hold from the first edge after reset.
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// A result stays until it is taken.
  ResultIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      valid_o && !ready_i |=> valid_o && $stable(bits_o));
  /// fixed54 is written by Matrix alone.
  NoFixed54Destination: assert property (@(posedge clk_i) disable iff (!is_running_q)
      valid_i |-> destination_i != apus_isa_pkg::FORMAT_FIXED54
          || source_i == apus_isa_pkg::FORMAT_FIXED54
          || source_i == apus_isa_pkg::FORMAT_BITS64);
`endif

endmodule
