/// The fields of a Load or Store, and what is refused by looking at them alone.
///
/// Latency: combinational, but strides and what they count, which follow the formats by a cycle:
/// the formats' way to all strides is long, and the first stride is looked at some cycles later.
/// Emulator twin: read_fields and check_codes of Sources/CApusMachine/TransferDecode.c
module apus_transfer_decode #(
  parameter bit IsStore = 1'b0
) (
  input  logic                                       clk_i,
  // The word's opcode, waits and post are dispatch's matter.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [apus_isa_pkg::COMMAND_WIDTH-1:0]     command_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [apus_core_pkg::DESCRIPTOR_WIDTH-1:0] descriptor_i,
  output apus_transfer_pkg::fields_t                 fields_o,
  /// The cause of a trap; zero if the fields can be what they are.
  output logic [apus_core_pkg::CAUSE_WIDTH-1:0]      cause_o,
  /// The box has no elements: nothing is to be done.
  output logic                                       is_empty_o
);

  localparam int unsigned Rank = apus_transfer_pkg::RANK;
  localparam int unsigned StrideWidth = apus_transfer_pkg::STRIDE_WIDTH;

  logic [4:0] global_nibbles_q, local_nibbles_q;
  assign fields_o.global_nibbles = global_nibbles_q;
  assign fields_o.local_nibbles = local_nibbles_q;

  always_ff @(posedge clk_i) begin
    global_nibbles_q <= apus_transfer_pkg::nibbles_of(fields_o.global_format);
    local_nibbles_q <= apus_transfer_pkg::nibbles_of(fields_o.local_format);
  end

  assign fields_o.base = descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_BASE_LSB +: 64];
  assign fields_o.global_format =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_GLOBAL_FORMAT_LSB +: 5];
  assign fields_o.local_format =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_LOCAL_FORMAT_LSB +: 5];
  assign fields_o.gather =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_GATHER_DIMENSION_LSB +: 3];
  assign fields_o.reduction = descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_REDUCTION_LSB +: 3];
  assign fields_o.fill = descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_FILL_LSB +: 32];
  assign fields_o.extents =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_TENSOR_EXTENTS_LSB +: Rank * 32];
  assign fields_o.counts =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_BOX_EXTENTS_LSB +: Rank * 32];
  assign fields_o.table_address =
      descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_INDEX_TABLE_LSB +: 32];
  assign fields_o.local_address = command_i[apus_isa_pkg::TRANSFER_LOCAL_LSB +: 32];
  assign fields_o.coordinates = {
      {16{command_i[apus_isa_pkg::TRANSFER_COORDINATE4_LSB + 15]}},
      command_i[apus_isa_pkg::TRANSFER_COORDINATE4_LSB +: 16],
      {16{command_i[apus_isa_pkg::TRANSFER_COORDINATE3_LSB + 15]}},
      command_i[apus_isa_pkg::TRANSFER_COORDINATE3_LSB +: 16],
      command_i[apus_isa_pkg::TRANSFER_COORDINATE2_LSB +: 32],
      command_i[apus_isa_pkg::TRANSFER_COORDINATE1_LSB +: 32],
      command_i[apus_isa_pkg::TRANSFER_COORDINATE0_LSB +: 32]};

  for (genvar d = 0; d < int'(Rank); d++) begin : gen_strides
    logic [31:0] global_stride, local_stride;
    assign global_stride =
        descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_GLOBAL_STRIDES_LSB + 32 * d +: 32];
    assign local_stride =
        descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_LOCAL_STRIDES_LSB + 32 * d +: 32];
    assign fields_o.global_strides[StrideWidth * d +: StrideWidth] =
        global_nibbles_q[0] ? {global_stride[31], global_stride} : {global_stride, 1'b0};
    assign fields_o.local_strides[StrideWidth * d +: StrideWidth] =
        local_nibbles_q[0] ? {local_stride[31], local_stride} : {local_stride, 1'b0};
  end

  // Words 2 and 25 to 31 have bits without a meaning.
  localparam int unsigned FormatsEnd = apus_isa_pkg::TRANSFER_DESCRIPTOR_REDUCTION_LSB
      + apus_isa_pkg::TRANSFER_DESCRIPTOR_REDUCTION_WIDTH;
  localparam int unsigned FieldsEnd = apus_isa_pkg::TRANSFER_DESCRIPTOR_INDEX_TABLE_LSB
      + apus_isa_pkg::TRANSFER_DESCRIPTOR_INDEX_TABLE_WIDTH;

  logic has_reserved_bits, has_unknown_code, has_negative_extent, has_unsupported_format;
  logic reduces;

  always_comb begin
    has_reserved_bits =
        |descriptor_i[apus_isa_pkg::TRANSFER_DESCRIPTOR_FILL_LSB-1:FormatsEnd]
        || |descriptor_i[apus_core_pkg::DESCRIPTOR_WIDTH-1:FieldsEnd];
    has_unknown_code = fields_o.global_format[4] || fields_o.local_format[4]
        || fields_o.gather > 3'(Rank) || fields_o.reduction > apus_transfer_pkg::REDUCTION_MIN;
    has_negative_extent = 1'b0;
    is_empty_o = 1'b0;
    for (int unsigned d = 0; d < Rank; d++) begin
      if (fields_o.extents[32*d + 31] || fields_o.counts[32*d + 31]) has_negative_extent = 1'b1;
      if (fields_o.counts[32*d +: 32] == 32'd0) is_empty_o = 1'b1;
    end
    reduces = fields_o.reduction != apus_transfer_pkg::REDUCTION_NONE;
    has_unsupported_format =
        fields_o.global_format == apus_isa_pkg::FORMAT_FIXED54
        || (!IsStore && fields_o.local_format == apus_isa_pkg::FORMAT_FIXED54)
        || (fields_o.global_format == apus_isa_pkg::FORMAT_BITS64)
            != (fields_o.local_format == apus_isa_pkg::FORMAT_BITS64)
        || (reduces && (fields_o.global_format == apus_isa_pkg::FORMAT_BITS64
            || fields_o.global_format == apus_isa_pkg::FORMAT_E8M0));
    cause_o = '0;
    if (has_reserved_bits) cause_o = apus_isa_pkg::CAUSE_RESERVED_BITS;
    else if (has_unknown_code) cause_o = apus_isa_pkg::CAUSE_UNKNOWN_CODE;
    else if (has_negative_extent) cause_o = apus_isa_pkg::CAUSE_BAD_SHAPE;
    else if (!IsStore && reduces) cause_o = apus_isa_pkg::CAUSE_UNKNOWN_CODE;
    else if (has_unsupported_format) cause_o = apus_isa_pkg::CAUSE_UNSUPPORTED_FORMAT;
  end

endmodule
