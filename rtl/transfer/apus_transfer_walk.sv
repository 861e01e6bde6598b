/// Names the elements of a box one after another, dimension 0 fastest: where each lies in both
/// memories, and whether it lies in the tensor.
///
/// Each dimension keeps the addresses at its present position with all inner positions zero, so
/// that a step adds one stride: dimension k advances, the inner ones copy its addresses. When the
/// position of a gathered dimension changes, the walk waits for the index table and a product.
///
/// Latency: 1 cycle.  Throughput: 1 element per cycle, and about 8 more for each table entry.
module apus_transfer_walk #(
  localparam int unsigned Width       = apus_transfer_pkg::STRIDE_WIDTH,
  localparam int unsigned LocalWidth  = apus_transfer_pkg::LOCAL_WIDTH,
  localparam int unsigned GlobalWidth = apus_transfer_pkg::GLOBAL_WIDTH
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  /// One cycle; the fields stay until the walk is over.
  input  logic                       start_i,
  // Formats, fill and reduction are others' matter.
  // verilator lint_off UNUSEDSIGNAL
  input  apus_transfer_pkg::fields_t fields_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [GlobalWidth-1:0]     global_start_i,
  input  logic [31:0]                table_start_i,
  output logic                       busy_o,

  output logic                       valid_o,
  input  logic                       ready_i,
  output logic [LocalWidth-1:0]      local_o,
  output logic [GlobalWidth-1:0]     global_o,
  output logic                       is_inside_o,

  output logic signed [Width-1:0]    multiply_a_o,
  output logic signed [Width-1:0]    multiply_b_o,
  // The low bits of a product suffice: addresses that are used were found in bounds.
  // verilator lint_off UNUSEDSIGNAL
  input  logic signed [2*Width-1:0]  product_i,
  // verilator lint_on UNUSEDSIGNAL

  output logic                       table_valid_o,
  output logic [31:0]                table_address_o,
  input  logic                       table_done_i,
  input  logic [31:0]                table_entry_i
);

  localparam int unsigned Rank = apus_transfer_pkg::RANK;

  typedef enum logic [2:0] {IDLE, LOOK_UP, MULTIPLY, PRODUCT, PLACE, WALK} state_e;

  state_e                     state_q, state_d;
  logic [32*Rank-1:0]         index_q, index_d;
  logic [32*Rank-1:0]         place_q, place_d;
  logic [LocalWidth*Rank-1:0] local_q, local_d;
  logic [GlobalWidth*Rank-1:0] global_q, global_d;
  logic [31:0]                entry_q;
  logic [GlobalWidth-1:0]     gathered_offset_q;
  logic                       is_entry_inside_q;

  // The fields are there long before the walk.
  logic                       gathers_q;
  logic [2:0]                 gathered_q;
  always_ff @(posedge clk_i) begin
    gathers_q <= fields_i.gather != 3'd0;
    gathered_q <= fields_i.gather != 3'd0 ? fields_i.gather - 3'd1 : 3'd0;
  end

  // The present element.
  logic [Rank-1:0] is_inside;
  for (genvar d = 0; d < int'(Rank); d++) begin : gen_inside
    // A place of 32 bits is below zero or past every extent in its highest bit.
    assign is_inside[d] = gathers_q && gathered_q == 3'(d)
        ? is_entry_inside_q
        : place_q[32*d +: 32] < fields_i.extents[32*d +: 32];
  end

  assign valid_o = state_q == WALK;
  assign busy_o = state_q != IDLE;
  assign local_o = local_q[LocalWidth-1:0];
  assign global_o = global_q[GlobalWidth-1:0] + (gathers_q ? gathered_offset_q : '0);
  assign is_inside_o = &is_inside;

  // The next one: the first dimension that has a further position takes one step.
  logic [Rank-1:0]         is_last;
  logic [2:0]              stepping;
  logic                    is_over, needs_entry;
  logic [31:0]             stepped_index, stepped_place;
  logic [LocalWidth-1:0]   stepped_local;
  logic [GlobalWidth-1:0]  stepped_global;

  always_comb begin
    stepping = 3'd0;
    is_over = 1'b1;
    for (int unsigned d = 0; d < Rank; d++) begin
      is_last[d] = index_q[32*d +: 32] + 32'd1 == fields_i.counts[32*d +: 32];
    end
    for (int d = int'(Rank) - 1; d >= 0; d--) begin
      if (!is_last[d]) begin
        stepping = 3'(d);
        is_over = 1'b0;
      end
    end
    stepped_index = index_q[32 * stepping +: 32] + 32'd1;
    stepped_place = place_q[32 * stepping +: 32] + 32'd1;
    stepped_local = local_q[LocalWidth * stepping +: LocalWidth]
        + fields_i.local_strides[Width * stepping +: Width];
    stepped_global = global_q[GlobalWidth * stepping +: GlobalWidth]
        + (gathers_q && gathered_q == stepping
            ? '0 : GlobalWidth'($signed(fields_i.global_strides[Width * stepping +: Width])));
    // An inner gathered dimension goes back to its first entry.
    needs_entry = gathers_q && (gathered_q == stepping
        || (gathered_q < stepping && fields_i.counts[32 * gathered_q +: 32] != 32'd1));
  end

  always_comb begin
    state_d = state_q;
    index_d = index_q;
    place_d = place_q;
    local_d = local_q;
    global_d = global_q;
    unique case (state_q)
      IDLE: begin
        if (start_i) state_d = gathers_q ? LOOK_UP : WALK;
        for (int unsigned d = 0; d < Rank; d++) begin
          index_d[32*d +: 32] = 32'd0;
          place_d[32*d +: 32] = fields_i.coordinates[32*d +: 32];
          local_d[LocalWidth*d +: LocalWidth] = {fields_i.local_address, 1'b0};
          global_d[GlobalWidth*d +: GlobalWidth] = global_start_i;
        end
      end
      LOOK_UP: if (table_done_i) state_d = MULTIPLY;
      MULTIPLY: state_d = PRODUCT;
      PRODUCT: state_d = PLACE;
      PLACE: state_d = WALK;
      default: begin
        if (ready_i) begin
          if (is_over) state_d = IDLE;
          else if (needs_entry) state_d = LOOK_UP;
          for (int unsigned d = 0; d < Rank; d++) begin
            if (3'(d) <= stepping) begin
              index_d[32*d +: 32] = 3'(d) == stepping ? stepped_index : 32'd0;
              place_d[32*d +: 32] =
                  3'(d) == stepping ? stepped_place : fields_i.coordinates[32*d +: 32];
              local_d[LocalWidth*d +: LocalWidth] = stepped_local;
              global_d[GlobalWidth*d +: GlobalWidth] = stepped_global;
            end
          end
        end
      end
    endcase
  end

  assign table_valid_o = state_q == LOOK_UP;
  assign table_address_o = table_start_i + {index_q[32 * gathered_q +: 30], 2'd0};
  assign multiply_a_o = $signed({entry_q[31], entry_q});
  assign multiply_b_o = $signed(fields_i.global_strides[Width * gathered_q +: Width]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= IDLE;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    index_q <= index_d;
    place_q <= place_d;
    local_q <= local_d;
    global_q <= global_d;
    if (table_done_i && table_valid_o) begin
      entry_q <= table_entry_i;
      is_entry_inside_q <= table_entry_i < fields_i.extents[32 * gathered_q +: 32];
    end
    if (state_q == PLACE) gathered_offset_q <= GlobalWidth'(product_i);
  end

endmodule
