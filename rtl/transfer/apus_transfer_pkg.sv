/// What the parts of the Load and Store engines pass to one another.
///
/// Addresses of elements count half bytes ("nibbles"), so that 4-bit elements have one. Strides are
/// brought to nibbles once, when a command is decoded.
// No single design uses every constant.
// verilator lint_off UNUSEDPARAM
package apus_transfer_pkg;

  parameter int unsigned RANK = 5;

  parameter logic [2:0] REDUCTION_NONE = 3'd0;
  parameter logic [2:0] REDUCTION_ADD = 3'd1;
  parameter logic [2:0] REDUCTION_MAX = 3'd2;
  parameter logic [2:0] REDUCTION_MIN = 3'd3;

  // Half bytes of a local address of 32 bits, and of a global one of 63: what lies beyond no memory
  // has, and was refused.
  parameter int unsigned LOCAL_WIDTH = 33;
  parameter int unsigned GLOBAL_WIDTH = 64;
  // A stride of 32 bits in nibbles.
  parameter int unsigned STRIDE_WIDTH = 33;

  /// A Load or Store as its word and descriptor tell it; dimension 0 in the low bits of a field.
  typedef struct packed {
    logic [4:0]                   global_format;
    logic [4:0]                   local_format;
    // Half bytes of an element; a cycle after the formats, which is before anyone asks.
    logic [4:0]                   global_nibbles;
    logic [4:0]                   local_nibbles;
    logic [2:0]                   gather;            // 0: none; d + 1
    logic [2:0]                   reduction;
    logic [31:0]                  fill;
    logic [63:0]                  base;              // bytes
    logic [31:0]                  local_address;     // bytes
    logic [31:0]                  table_address;     // bytes
    logic [RANK*32-1:0]           extents;           // of the tensor
    logic [RANK*32-1:0]           counts;            // of the box
    logic [RANK*32-1:0]           coordinates;       // signed
    logic [RANK*STRIDE_WIDTH-1:0] global_strides;    // nibbles, signed
    logic [RANK*STRIDE_WIDTH-1:0] local_strides;     // nibbles, signed
  } fields_t;

  /// Half bytes of an element.
  function automatic logic [4:0] nibbles_of(input logic [4:0] format);
    nibbles_of = 5'(apus_convert_pkg::element_width(format) >> 2);
  endfunction

endpackage
// verilator lint_on UNUSEDPARAM
