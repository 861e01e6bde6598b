/// What Load and Store begin with: the fields, the checks, and the walk over the box's elements.
///
/// A command is checked whole before its first element is named. `finish_i` says that what the
/// engine does with the elements is over; then the command leaves.
///
/// Latency: that of apus_transfer_bounds and 1 cycle, then 1 element per cycle.
module apus_transfer_front #(
  parameter bit          IsStore          = 1'b0,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  localparam int unsigned Width           = apus_transfer_pkg::STRIDE_WIDTH
) (
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  input  logic                                        command_valid_i,
  output logic                                        command_ready_o,
  input  logic [apus_isa_pkg::COMMAND_WIDTH-1:0]      command_i,
  input  logic [apus_core_pkg::DESCRIPTOR_WIDTH-1:0]  descriptor_i,
  output logic                                        trap_valid_o,
  output logic [apus_core_pkg::CAUSE_WIDTH-1:0]       trap_cause_o,
  output logic                                        busy_o,
  input  logic [63:0]                                 arena_base_i,
  input  logic [63:0]                                 arena_bytes_i,
  input  logic [15:0]                                 core_count_i,

  output apus_transfer_pkg::fields_t                  fields_o,
  output logic                                        element_valid_o,
  input  logic                                        element_ready_i,
  output logic [apus_transfer_pkg::LOCAL_WIDTH-1:0]   element_local_o,
  output logic [apus_transfer_pkg::GLOBAL_WIDTH-1:0]  element_global_o,
  output logic                                        element_inside_o,
  /// All elements have left.
  output logic                                        is_walked_o,
  input  logic                                        finish_i,
  /// One cycle, before the first element.
  output logic                                        begins_o,

  output logic                                        read_valid_o,
  input  logic                                        read_ready_i,
  output logic [31:0]                                 read_address_o,
  input  logic                                        read_data_valid_i,
  input  logic [63:0]                                 read_data_i
);

  typedef enum logic [1:0] {CHECK, BEGIN, MOVE, LEAVE} state_e;

  state_e                                state_q, state_d;
  logic                                  is_checking, is_checked, is_idle, is_empty, is_walking;
  logic [apus_core_pkg::CAUSE_WIDTH-1:0] fields_cause, cause, cause_q;
  logic [apus_transfer_pkg::GLOBAL_WIDTH-1:0] global_start;
  logic [31:0]                           table_start;

  // The multiplier and the reader of index tables serve the checks, then the walk.
  logic signed [Width-1:0]   check_a, check_b, walk_a, walk_b;
  logic signed [2*Width-1:0] product;
  logic                      check_table_valid, walk_table_valid, table_done;
  logic [31:0]               check_table_address, walk_table_address, table_entry;

  localparam int unsigned ElementWidth =
      apus_transfer_pkg::LOCAL_WIDTH + apus_transfer_pkg::GLOBAL_WIDTH + 1;

  logic                                       walk_valid, walk_ready, walk_inside;
  logic [apus_transfer_pkg::LOCAL_WIDTH-1:0]  walk_local;
  logic [apus_transfer_pkg::GLOBAL_WIDTH-1:0] walk_global;
  logic [1:0]                                 walked;

  assign is_checking = state_q == CHECK;

  apus_transfer_decode #(
    .IsStore(IsStore)
  ) u_decode (
    .clk_i,
    .command_i,
    .descriptor_i,
    .fields_o,
    .cause_o(fields_cause),
    .is_empty_o(is_empty)
  );

  apus_transfer_bounds #(
    .IsStore(IsStore),
    .ScratchpadBytes(ScratchpadBytes),
    .AccumulatorBytes(AccumulatorBytes)
  ) u_bounds (
    .clk_i,
    .rst_ni,
    .start_i(is_checking && command_valid_i),
    .fields_i(fields_o),
    .fields_cause_i(fields_cause),
    .is_empty_i(is_empty),
    .arena_base_i,
    .arena_bytes_i,
    .core_count_i,
    .done_o(is_checked),
    .cause_o(cause),
    .is_idle_o(is_idle),
    .global_start_o(global_start),
    .table_start_o(table_start),
    .multiply_a_o(check_a),
    .multiply_b_o(check_b),
    .product_i(product),
    .table_valid_o(check_table_valid),
    .table_address_o(check_table_address),
    .table_done_i(table_done),
    .table_entry_i(table_entry)
  );

  apus_transfer_walk u_walk (
    .clk_i,
    .rst_ni,
    .start_i(state_q == BEGIN),
    .fields_i(fields_o),
    .global_start_i(global_start),
    .table_start_i(table_start),
    .busy_o(is_walking),
    .valid_o(walk_valid),
    .ready_i(walk_ready),
    .local_o(walk_local),
    .global_o(walk_global),
    .is_inside_o(walk_inside),
    .multiply_a_o(walk_a),
    .multiply_b_o(walk_b),
    .product_i(product),
    .table_valid_o(walk_table_valid),
    .table_address_o(walk_table_address),
    .table_done_i(table_done),
    .table_entry_i(table_entry)
  );

  // Between the walk and the engine, so that neither's way ends in the other.
  apus_transfer_fifo #(
    .Width(ElementWidth),
    .Depth(2)
  ) u_elements (
    .clk_i,
    .rst_ni,
    .valid_i(walk_valid),
    .ready_o(walk_ready),
    .data_i({walk_local, walk_global, walk_inside}),
    .valid_o(element_valid_o),
    .ready_i(element_ready_i),
    .data_o({element_local_o, element_global_o, element_inside_o}),
    .count_o(walked)
  );

  apus_transfer_multiply u_multiply (
    .clk_i,
    .a_i(is_checking ? check_a : walk_a),
    .b_i(is_checking ? check_b : walk_b),
    .product_o(product)
  );

  apus_transfer_table u_table (
    .clk_i,
    .rst_ni,
    .valid_i(is_checking ? check_table_valid : walk_table_valid),
    .address_i(is_checking ? check_table_address : walk_table_address),
    .done_o(table_done),
    .entry_o(table_entry),
    .read_valid_o,
    .read_ready_i,
    .read_address_o,
    .read_data_valid_i,
    .read_data_i
  );

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      CHECK: if (is_checked) state_d = is_idle ? LEAVE : BEGIN;
      BEGIN: state_d = MOVE;
      MOVE: if (is_walked_o && finish_i) state_d = LEAVE;
      default: state_d = CHECK;
    endcase
  end

  assign begins_o = state_q == BEGIN;
  assign is_walked_o = state_q == MOVE && !is_walking && walked == '0;
  assign command_ready_o = state_q == LEAVE;
  assign trap_valid_o = command_ready_o && cause_q != '0;
  assign trap_cause_o = cause_q;
  assign busy_o = command_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= CHECK;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (is_checked) cause_q <= cause;
  end

`ifndef SYNTHESIS
  logic is_running_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) is_running_q <= 1'b0;
    else is_running_q <= 1'b1;
  end

  /// A command stays until it is finished.
  CommandIsStable: assert property (@(posedge clk_i) disable iff (!is_running_q)
      command_valid_i && !command_ready_o
      |=> command_valid_i && $stable(command_i) && $stable(descriptor_i));
  /// A refused command names no element.
  RefusedMovesNothing: assert property (@(posedge clk_i) disable iff (!is_running_q)
      trap_valid_o |-> !is_walking);
`endif

endmodule
