/// Converts one element between any two formats under any rounding rule.
///
///     bits_o = destination(rule(value of source(bits_i)))
///
/// Equal formats, and bits64 on either side, move bits. fixed54 is a source only.
///
/// Latency: 4 cycles while `ready_i` is high: read, normalise, align, round.  Throughput: 1 element per cycle.
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

  // All stages move together, when the last can leave or is empty.
  logic       advances;
  logic [3:0] valid_q;  // of the integer, of the value, of what was aligned, of the result
  assign advances = ready_i || !valid_q[3];
  assign ready_o = advances;
  assign valid_o = valid_q[3];
  assign busy_o = valid_q != 4'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 4'd0;
    else if (advances) valid_q <= {valid_q[2:0], valid_i};
  end

  // What accompanies an element: how it is converted, or the bits that are moved.
  localparam int unsigned CompanionWidth = TagWidth + 73;

  logic [63:0]               moved;
  logic                      is_move;
  logic [CompanionWidth-1:0] companion_1_q, companion_2_q, companion_3_q;
  logic [4:0]                destination_2, destination_3;
  logic [2:0]                rounding_3;
  logic                      is_move_3;
  logic [63:0]               moved_3, result_q;
  logic [TagWidth-1:0]       tag_3, tag_q;

  always_comb begin
    is_move = source_i == destination_i || source_i == apus_isa_pkg::FORMAT_BITS64
        || destination_i == apus_isa_pkg::FORMAT_BITS64;
    moved = bits_i & apus_convert_pkg::element_mask(source_i)
        & apus_convert_pkg::element_mask(destination_i);
    destination_2 = companion_2_q[4:0];
    {tag_3, moved_3, is_move_3, rounding_3, destination_3} = companion_3_q;
  end

  // The stages -----------------------------------------------------------------------------------

  apus_convert_pkg::unnormalised_t read_d, read_q;
  apus_convert_pkg::value_t        value_d, value_q;
  apus_convert_pkg::aligned_t      aligned_d, aligned_q;
  logic [31:0]                     rounded;

  apus_convert_decode #(
    .HasFixed54(HasFixed54)
  ) u_decode (
    .bits_i,
    .format_i(source_i),
    .value_o(read_d)
  );

  apus_convert_normalise #(
    .HasFixed54(HasFixed54)
  ) u_normalise (
    .value_i(read_q),
    .value_o(value_d)
  );

  apus_convert_align u_align (
    .value_i(value_q),
    .format_i(destination_2),
    .aligned_o(aligned_d)
  );

  apus_convert_round u_round (
    .aligned_i(aligned_q),
    .format_i(destination_3),
    .rounding_i(rounding_3),
    .bits_o(rounded)
  );

  assign bits_o = result_q;
  assign tag_o = tag_q;

  always_ff @(posedge clk_i) begin
    if (advances) begin
      read_q <= read_d;
      value_q <= value_d;
      aligned_q <= aligned_d;
      companion_1_q <= {tag_i, moved, is_move, rounding_i, destination_i};
      companion_2_q <= companion_1_q;
      companion_3_q <= companion_2_q;
      result_q <= is_move_3 ? moved_3 : {32'd0, rounded};
      tag_q <= tag_3;
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
