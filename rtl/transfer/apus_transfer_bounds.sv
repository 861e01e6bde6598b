/// Whether every address of a Load or Store lies where it may, found before anything moves.
///
/// The extremes of an address are sums of products, an extent's end times a stride, so a box of any
/// size costs some twenty products; of a gathered dimension the index table is read once, to know
/// the smallest and largest entry that lies in the tensor. Causes are found in the order of
/// docs/machine.md: fields, elements, local addresses, index table, global addresses.
///
/// `start_i` and the fields stay until `done_o`, which is high for one cycle.
///
/// Latency: 28 cycles, 3 more for each extent that is not 1, and the reading of an index table.
/// Emulator twin: Sources/CApusMachine/TransferDecode.c
module apus_transfer_bounds #(
  parameter bit          IsStore          = 1'b0,
  parameter int unsigned ScratchpadBytes  = apus_chip_pkg::ScratchpadBytes,
  parameter int unsigned AccumulatorBytes = apus_chip_pkg::AccumulatorBytes,
  localparam int unsigned Width           = apus_transfer_pkg::STRIDE_WIDTH,
  localparam int unsigned GlobalWidth     = apus_transfer_pkg::GLOBAL_WIDTH
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  input  logic                                   start_i,
  // Fill and reduction are the engine's matter.
  // verilator lint_off UNUSEDSIGNAL
  input  apus_transfer_pkg::fields_t             fields_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [apus_core_pkg::CAUSE_WIDTH-1:0]  fields_cause_i,
  input  logic                                   is_empty_i,
  input  logic [63:0]                            arena_base_i,
  input  logic [63:0]                            arena_bytes_i,
  input  logic [15:0]                            core_count_i,

  output logic                                   done_o,
  output logic [apus_core_pkg::CAUSE_WIDTH-1:0]  cause_o,
  /// No element moves, and none is filled.
  output logic                                   is_idle_o,
  /// Where position 0 of every dimension but the gathered one lies, in nibbles.
  output logic [GlobalWidth-1:0]                 global_start_o,
  /// The index table's entry of the box's first position.
  output logic [31:0]                            table_start_o,

  output logic signed [Width-1:0]                multiply_a_o,
  output logic signed [Width-1:0]                multiply_b_o,
  input  logic signed [2*Width-1:0]              product_i,

  output logic                                   table_valid_o,
  output logic [31:0]                            table_address_o,
  input  logic                                   table_done_i,
  input  logic [31:0]                            table_entry_i
);

  localparam int unsigned Rank = apus_transfer_pkg::RANK;
  // Sums of five products and a base of 64 bits, signed.
  localparam int unsigned SumWidth = 2 * Width + 4;
  localparam logic [31:0] ElementsMax = 32'h8000_0000;

  typedef enum logic [2:0] {
    IDLE, COUNT, LOCAL_REACH, LOCAL_CHECK, TABLE, GLOBAL_REACH, GLOBAL_CHECK, DONE
  } state_e;

  /// The sum that a product belongs to.
  typedef enum logic [1:0] {
    TO_NONE, TO_LOW, TO_HIGH, TO_START
  } target_e;

  state_e  state_q, state_d;
  target_e target_d, target_1_q, target_2_q;

  logic [2:0]                             dimension_q, dimension_d;
  logic [1:0]                             pass_q, pass_d;
  logic [31:0]                            elements_q, elements_d;
  logic [31:0]                            position_q, position_d;
  logic signed [SumWidth-1:0]             low_q, low_d, high_q, high_d;
  logic [GlobalWidth-1:0]                 start_q, start_d;
  logic signed [Width-1:0]                smallest_q, smallest_d, largest_q, largest_d;
  logic [apus_core_pkg::CAUSE_WIDTH-1:0]  cause_q, cause_d;
  logic                                   is_idle_q, is_idle_d;

  // The dimension at hand ------------------------------------------------------------------------

  logic signed [Width-1:0] count, coordinate, extent, global_stride, local_stride;
  logic signed [Width-1:0] box_end, smallest, largest;
  logic                    is_gathered;

  always_comb begin
    count = $signed({1'b0, fields_i.counts[32 * dimension_q +: 32]});
    extent = $signed({1'b0, fields_i.extents[32 * dimension_q +: 32]});
    coordinate = $signed({fields_i.coordinates[32 * dimension_q + 31],
                          fields_i.coordinates[32 * dimension_q +: 32]});
    global_stride = $signed(fields_i.global_strides[Width * dimension_q +: Width]);
    local_stride = $signed(fields_i.local_strides[Width * dimension_q +: Width]);
    is_gathered = fields_i.gather == dimension_q + 3'd1;

    // The smallest and largest place in the tensor; crossed where none lies in it.
    box_end = coordinate + count;
    smallest = coordinate[Width-1] ? '0 : coordinate;
    largest = (box_end < extent ? box_end : extent) - 1'b1;
    if (is_gathered) begin
      smallest = smallest_q;
      largest = largest_q;
    end
  end

  // The gathered dimension -----------------------------------------------------------------------

  logic                    gathers;
  logic [2:0]              gathered;
  logic [31:0]             table_count;
  logic signed [Width-1:0] table_entry, table_extent;
  logic signed [35:0]      table_first, table_end;
  logic                    is_entry_inside;

  always_comb begin
    gathers = fields_i.gather != 3'd0;
    gathered = gathers ? fields_i.gather - 3'd1 : 3'd0;
    table_count = fields_i.counts[32 * gathered +: 32];
    table_extent = $signed({1'b0, fields_i.extents[32 * gathered +: 32]});
    table_first = $signed({4'd0, fields_i.table_address})
        + 36'($signed({fields_i.coordinates[32 * gathered +: 32], 2'd0}));
    table_end = table_first + $signed({2'd0, table_count, 2'd0});
    table_entry = $signed({table_entry_i[31], table_entry_i});
    is_entry_inside = !table_entry[Width-1] && table_entry < table_extent;
  end

  assign table_start_o = table_first[31:0];
  assign table_address_o = table_first[31:0] + {position_q[29:0], 2'd0};
  assign table_valid_o = state_q == TABLE;

  // The memories ---------------------------------------------------------------------------------

  function automatic logic is_local(
    input logic signed [SumWidth-1:0] first, input logic signed [SumWidth-1:0] last_end
  );
    logic signed [SumWidth-1:0] base;
    base = SumWidth'($signed({1'b0, apus_isa_pkg::LOCAL_ACCUMULATORS}));
    is_local = (first >= 0 && last_end <= $signed(SumWidth'(ScratchpadBytes)))
        || (first >= base && last_end <= base + $signed(SumWidth'(AccumulatorBytes)));
  endfunction

  logic signed [SumWidth-1:0] local_first, local_end, global_first, global_end;
  logic signed [SumWidth-1:0] window_end;
  logic                       is_table_local, meets_table, is_arena, is_window;

  always_comb begin
    local_first = $signed(SumWidth'(fields_i.local_address)) + (low_q >>> 1);
    local_end = $signed(SumWidth'(fields_i.local_address)) + (high_q >>> 1)
        + $signed(SumWidth'(bytes_of(fields_i.local_nibbles)));
    is_table_local = is_local(SumWidth'(table_first), SumWidth'(table_end));
    meets_table = SumWidth'(table_first) < local_end && local_first < SumWidth'(table_end);

    global_first = $signed(SumWidth'(fields_i.base)) + (low_q >>> 1);
    global_end = $signed(SumWidth'(fields_i.base)) + (high_q >>> 1)
        + $signed(SumWidth'(bytes_of(fields_i.global_nibbles)));
    is_arena = global_first >= $signed(SumWidth'(arena_base_i))
        && global_end <= $signed(SumWidth'(arena_base_i)) + $signed(SumWidth'(arena_bytes_i));
    // One core's scratchpad: its bytes are those from the window's start on.
    window_end = global_end - $signed(
        SumWidth'({global_first[63:apus_core_pkg::CORE_WINDOW_BYTES_WIDTH],
                   {apus_core_pkg::CORE_WINDOW_BYTES_WIDTH{1'b0}}}));
    is_window = global_first >= 0
        && global_first[SumWidth-1:apus_core_pkg::CORE_WINDOW_BIT] == 'd1
        && 16'(global_first[apus_core_pkg::CORE_WINDOW_BIT-1:32]) < core_count_i
        && window_end <= $signed(SumWidth'(ScratchpadBytes));
  end

  /// Bytes that an element of so many half bytes touches: one for 4 bits.
  function automatic logic [3:0] bytes_of(input logic [4:0] nibbles);
    bytes_of = nibbles == 5'd1 ? 4'd1 : nibbles[4:1];
  endfunction

  // The steps ------------------------------------------------------------------------------------

  logic is_last_dimension;
  assign is_last_dimension = dimension_q == 3'(Rank - 1);

  always_comb begin
    state_d = state_q;
    dimension_d = dimension_q;
    pass_d = pass_q;
    elements_d = elements_q;
    position_d = position_q;
    low_d = low_q;
    high_d = high_q;
    start_d = start_q;
    smallest_d = smallest_q;
    largest_d = largest_q;
    cause_d = cause_q;
    is_idle_d = is_idle_q;
    target_d = TO_NONE;
    multiply_a_o = count;
    multiply_b_o = $signed({1'b0, elements_q});

    unique case (target_2_q)
      TO_LOW: low_d = low_q + SumWidth'(product_i);
      TO_HIGH: high_d = high_q + SumWidth'(product_i);
      TO_START: start_d = start_q + GlobalWidth'(product_i);
      default: ;
    endcase

    unique case (state_q)
      IDLE: begin
        dimension_d = 3'd0;
        pass_d = 2'd0;
        elements_d = 32'd1;
        position_d = 32'd0;
        low_d = '0;
        high_d = '0;
        smallest_d = table_extent;
        largest_d = '1;
        cause_d = fields_cause_i;
        is_idle_d = is_empty_i;
        if (start_i) state_d = (fields_cause_i != '0 || is_empty_i) ? DONE : COUNT;
      end

      // elements ← elements · count, dimension by dimension; a pass for each cycle of a product.
      COUNT: begin
        if (count == Width'(1) || pass_q == 2'd2) begin
          pass_d = 2'd0;
          dimension_d = dimension_q + 3'd1;
          if (pass_q == 2'd2) begin
            elements_d = product_i[31:0];
            if (product_i > $signed((2 * Width)'(ElementsMax))) begin
              cause_d = apus_isa_pkg::CAUSE_BAD_SHAPE;
              state_d = DONE;
            end
          end
          if (is_last_dimension && state_d == COUNT) begin
            dimension_d = 3'd0;
            state_d = LOCAL_REACH;
          end
        end else begin
          pass_d = pass_q + 2'd1;
        end
      end

      // low and high ← the reaches of the local strides; then two cycles for the last products.
      LOCAL_REACH: begin
        multiply_a_o = count - 1'b1;
        multiply_b_o = local_stride;
        target_d = local_stride[Width-1] ? TO_LOW : TO_HIGH;
        dimension_d = dimension_q + 3'd1;
        if (dimension_q >= 3'(Rank)) target_d = TO_NONE;
        if (dimension_q == 3'(Rank + 1)) begin
          dimension_d = 3'd0;
          state_d = LOCAL_CHECK;
        end
      end

      LOCAL_CHECK: begin
        state_d = gathers ? TABLE : GLOBAL_REACH;
        low_d = '0;
        high_d = '0;
        start_d = {fields_i.base[GlobalWidth-2:0], 1'b0};
        if (!is_local(local_first, local_end)) begin
          cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
          state_d = DONE;
        end else if (gathers && !is_table_local) begin
          cause_d = apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
          state_d = DONE;
        end else if (gathers && !IsStore && meets_table) begin
          cause_d = apus_isa_pkg::CAUSE_OVERLAP;
          state_d = DONE;
        end
      end

      TABLE: begin
        if (table_done_i) begin
          position_d = position_q + 32'd1;
          if (is_entry_inside && table_entry < smallest_q) smallest_d = table_entry;
          if (is_entry_inside && table_entry > largest_q) largest_d = table_entry;
          if (position_d == table_count) state_d = GLOBAL_REACH;
        end
      end

      // Three passes over the dimensions: low, high, and the place of the box's origin.
      GLOBAL_REACH: begin
        multiply_b_o = global_stride;
        dimension_d = dimension_q + 3'd1;
        unique case (pass_q)
          2'd0: begin
            multiply_a_o = global_stride[Width-1] ? largest : smallest;
            target_d = TO_LOW;
          end
          2'd1: begin
            multiply_a_o = global_stride[Width-1] ? smallest : largest;
            target_d = TO_HIGH;
          end
          default: begin
            multiply_a_o = coordinate;
            target_d = is_gathered ? TO_NONE : TO_START;
          end
        endcase
        if (pass_q == 2'd0 && smallest > largest) is_idle_d = 1'b1;
        if (is_last_dimension && pass_q != 2'd2) begin
          dimension_d = 3'd0;
          pass_d = pass_q + 2'd1;
        end
        if (dimension_q >= 3'(Rank)) begin
          target_d = TO_NONE;
          is_idle_d = is_idle_q;
        end
        if (dimension_q == 3'(Rank + 1)) state_d = GLOBAL_CHECK;
      end

      // `is_idle_q` says that nothing lies in the tensor, so that no global address is used; a Load
      // then fills.
      GLOBAL_CHECK: begin
        state_d = DONE;
        if (!is_idle_q && !is_arena && !is_window) cause_d = apus_isa_pkg::CAUSE_GLOBAL_BOUNDS;
        if (!IsStore) is_idle_d = 1'b0;
      end

      default: state_d = IDLE;
    endcase
  end

  assign done_o = state_q == DONE;
  assign cause_o = cause_q;
  assign is_idle_o = is_idle_q || cause_q != '0;
  assign global_start_o = start_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      target_1_q <= TO_NONE;
      target_2_q <= TO_NONE;
    end else begin
      state_q <= state_d;
      target_1_q <= target_d;
      target_2_q <= target_1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    dimension_q <= dimension_d;
    pass_q <= pass_d;
    elements_q <= elements_d;
    position_q <= position_d;
    low_q <= low_d;
    high_q <= high_d;
    start_q <= start_d;
    smallest_q <= smallest_d;
    largest_q <= largest_d;
    cause_q <= cause_d;
    is_idle_q <= is_idle_d;
  end

endmodule
