// Long because the order of the checks is one thing, and is read best beside its twin.
/// Decides whether a Vector command may run, and what of its operands the engine needs.
///
///     descriptor, formats, shape     at once
///     elements, spans, bounds        one multiplier: two products of extents, 12 of count, stride
///     overlap                        of d with each source: at once where spans do not meet or
///                                    strides differ; else one division for each pair of planes
///
/// Latency: some 45 cycles; where tiles interleave, 35 more for each of 2 · planes - 1 distances.
/// Emulator twin: Sources/CApusMachine/VectorDecode.c, in the same order
module apus_vector_check #(
  parameter int unsigned ScratchpadBytes  = 65536,
  parameter int unsigned AccumulatorBytes = 16384
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  /// Stable from start to done.
  input  logic           start_i,
  // Fields for the wait and the post are the dispatcher's.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [255:0]   command_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic [511:0]   descriptor_i,
  output logic           done_o,
  /// 0: the command may run.
  output logic [3:0]     cause_o,
  /// There is nothing to do.
  output logic           is_empty_o,
  output logic [2:0]     form_o,
  output logic           is_floating_o,
  /// Half bytes from the first to the last column, of d, a, b, c.
  output logic [33*4-1:0] column_reach_o
);

  localparam int unsigned OPERAND_D = 0;
  localparam int unsigned OPERAND_A = 1;
  localparam int unsigned OPERAND_B = 2;
  localparam int unsigned OPERAND_C = 3;

  // Fields ----------------------------------------------------------------------------------------

  logic [7:0]  opcode;
  logic [31:0] columns, rows, planes, top_k;
  logic        b_immediate, c_immediate;
  logic [31:0] address [4];
  logic [4:0]  format [4];
  logic [31:0] stride [12];
  logic [3:0]  is_place;

  assign opcode = command_i[apus_isa_pkg::SYNC_OPCODE_LSB +: 8];
  assign columns = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_COLUMNS_LSB +: 32];
  assign rows = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_ROWS_LSB +: 32];
  assign planes = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_PLANES_LSB +: 32];
  assign top_k = command_i[apus_isa_pkg::VECTOR_B_LSB +: 32];
  assign b_immediate = command_i[apus_isa_pkg::VECTOR_B_IMMEDIATE_LSB];
  assign c_immediate = command_i[apus_isa_pkg::VECTOR_C_IMMEDIATE_LSB];
  assign address[OPERAND_D] = command_i[apus_isa_pkg::VECTOR_D_LSB +: 32];
  assign address[OPERAND_A] = command_i[apus_isa_pkg::VECTOR_A_LSB +: 32];
  assign address[OPERAND_B] = command_i[apus_isa_pkg::VECTOR_B_LSB +: 32];
  assign address[OPERAND_C] = command_i[apus_isa_pkg::VECTOR_C_LSB +: 32];
  assign format[OPERAND_D] = command_i[apus_isa_pkg::VECTOR_D_FORMAT_LSB +: 5];
  assign format[OPERAND_A] = command_i[apus_isa_pkg::VECTOR_A_FORMAT_LSB +: 5];
  assign format[OPERAND_B] = command_i[apus_isa_pkg::VECTOR_B_FORMAT_LSB +: 5];
  assign format[OPERAND_C] = command_i[apus_isa_pkg::VECTOR_C_FORMAT_LSB +: 5];
  for (genvar s = 0; s < 12; s++) begin : gen_strides
    assign stride[s] = descriptor_i[apus_isa_pkg::VECTOR_DESCRIPTOR_D_STRIDES_LSB + 32 * s +: 32];
  end

  always_comb begin
    if (opcode <= apus_isa_pkg::OP_LOGNOT) form_o = apus_vector_pkg::FORM_UNARY;
    else if (opcode <= apus_isa_pkg::OP_GE) form_o = apus_vector_pkg::FORM_BINARY;
    else if (opcode <= apus_isa_pkg::OP_CLAMP) form_o = apus_vector_pkg::FORM_TERNARY;
    else if (opcode <= apus_isa_pkg::OP_RARGMIN) form_o = apus_vector_pkg::FORM_REDUCTION;
    else if (opcode <= apus_isa_pkg::OP_CUMPROD) form_o = apus_vector_pkg::FORM_SCAN;
    else if (opcode == apus_isa_pkg::OP_TOPK) form_o = apus_vector_pkg::FORM_TOPK;
    else if (opcode == apus_isa_pkg::OP_IOTA) form_o = apus_vector_pkg::FORM_IOTA;
    else form_o = apus_vector_pkg::FORM_RANDOM;
  end

  logic is_reduction, is_topk, is_iota;
  assign is_reduction = form_o == apus_vector_pkg::FORM_REDUCTION;
  assign is_topk = form_o == apus_vector_pkg::FORM_TOPK;
  assign is_iota = form_o == apus_vector_pkg::FORM_IOTA;

  // Operands that lie in memory.
  always_comb begin
    is_place[OPERAND_D] = 1'b1;
    is_place[OPERAND_A] = form_o < apus_vector_pkg::FORM_IOTA;
    is_place[OPERAND_B] = !b_immediate
        && (form_o == apus_vector_pkg::FORM_BINARY || form_o == apus_vector_pkg::FORM_TERNARY);
    is_place[OPERAND_C] = is_topk || (form_o == apus_vector_pkg::FORM_TERNARY && !c_immediate);
  end

  // What can be said at once ----------------------------------------------------------------------

  logic [3:0]  early_cause;
  logic        is_absent, has_bad_format, is_empty;
  logic [4:0]  kind;

  // An iota's or a random's a is no place, but says in which arithmetic an iota counts.
  assign kind = format[OPERAND_A];
  assign is_floating_o = form_o == apus_vector_pkg::FORM_RANDOM
      || apus_convert_pkg::is_floating(kind);

  logic [apus_vector_pkg::ADDRESS_WIDTH-1:0] unused_entry;
  apus_vector_entry u_entry (
    .opcode_i(opcode),
    .is_floating_i(is_floating_o),
    .phase_i(apus_vector_pkg::PHASE_STEP),
    .address_o(unused_entry),
    .is_absent_o(is_absent)
  );

  always_comb begin
    has_bad_format = is_absent || format[OPERAND_D] == apus_isa_pkg::FORMAT_FIXED54
        || (is_iota && kind == apus_isa_pkg::FORMAT_BITS64)
        || (is_topk && format[OPERAND_C] != apus_isa_pkg::FORMAT_INT32);
    for (int unsigned o = 0; o < 4; o++) begin
      if (is_place[o] && format[o] == apus_isa_pkg::FORMAT_BITS64) has_bad_format = 1'b1;
    end
  end

  assign is_empty = rows == '0 || planes == '0 || (columns == '0 && !is_reduction)
      || (is_topk && top_k == '0);

  always_comb begin
    if (descriptor_i[511:480] != '0) early_cause = apus_isa_pkg::CAUSE_RESERVED_BITS;
    else if (columns[31] || rows[31] || planes[31]) early_cause = apus_isa_pkg::CAUSE_BAD_SHAPE;
    else if (has_bad_format) early_cause = apus_isa_pkg::CAUSE_UNSUPPORTED_FORMAT;
    else if (is_topk && top_k > columns) early_cause = apus_isa_pkg::CAUSE_BAD_SHAPE;
    else early_cause = '0;
  end

  // States ----------------------------------------------------------------------------------------

  typedef enum logic [3:0] {
    STATE_IDLE,
    STATE_EARLY,
    // Columns times rows, then times planes.
    STATE_ROWS,
    STATE_PLANES,
    STATE_ELEMENTS,
    // A reach, what it adds to the span, and after three of them the bounds.
    STATE_REACH,
    STATE_SPAN,
    STATE_BOUNDS,
    // Takes an operand's strides; then: are its elements distinct?
    STATE_STRIDES,
    STATE_DISTINCT,
    // Takes the rows of d and a, b or c, or of top-k's indices and a; then: may they meet?
    STATE_ROWS_OF_PAIR,
    STATE_PAIR,
    STATE_DIVIDE,
    STATE_MEETS,
    STATE_DONE
  } state_e;

  state_e     state_q;
  logic [3:0] cause_q;
  logic       empty_q;

  // Reaches and spans -----------------------------------------------------------------------------

  logic [1:0]         operand_d, operand_q, dimension_d, dimension_q;
  logic [3:0]         flat, next_flat;
  logic signed [33:0] reach_q [12];
  // What lies below and above the first element. A reach of more than 34 bits lies in no memory, so
  // that only the fact is kept.
  logic signed [35:0] low_q, high_q;
  logic               is_far, is_far_q;
  logic signed [32:0] count_less_one;
  logic               is_present, is_small;
  logic signed [36:0] byte_low, byte_high;
  logic               in_scratchpad, in_accumulators;
  // Bytes of operands that passed.
  logic [33:0]        span_low_q [4], span_high_q [4];

  /// Columns of operand o, less one.
  function automatic logic signed [32:0] columns_less_one(
    input logic [1:0] operand, input logic reduction, input logic topk, input logic [31:0] all,
    input logic [31:0] best
  );
    if (reduction && operand == 2'd0) columns_less_one = '0;
    else if (topk && operand != 2'd1) columns_less_one = $signed({1'b0, best}) - 33'sd1;
    else columns_less_one = $signed({1'b0, all}) - 33'sd1;
  endfunction

  assign flat = 4'({2'b0, operand_q} * 4'd3) + {2'b0, dimension_q};
  assign next_flat = 4'({2'b0, operand_d} * 4'd3) + {2'b0, dimension_d};
  always_comb begin
    unique case (dimension_d)
      2'd0: count_less_one = columns_less_one(operand_d, is_reduction, is_topk, columns, top_k);
      2'd1: count_less_one = $signed({1'b0, rows}) - 33'sd1;
      default: count_less_one = $signed({1'b0, planes}) - 33'sd1;
    endcase
  end

  // The one multiplier. Its factors are taken a cycle before: columns and rows, then what the next
  // reach takes; the elements of a plane are the product itself.
  localparam logic signed [64:0] ElementsMax = 65'sh8000_0000;
  logic signed [32:0] factor_a, factor_a_q;
  logic signed [31:0] factor_b_q;
  logic signed [64:0] product_q;
  always_ff @(posedge clk_i) begin
    factor_a_q <= count_less_one;
    factor_b_q <= $signed(stride[next_flat]);
    if (state_q == STATE_EARLY) begin
      factor_a_q <= $signed({1'b0, columns});
      factor_b_q <= $signed(rows);
    end else if (state_q == STATE_ROWS) begin
      factor_b_q <= $signed(planes);
    end
  end
  assign factor_a = state_q == STATE_PLANES ? product_q[32:0] : factor_a_q;
  always_ff @(posedge clk_i) product_q <= 65'(factor_a) * 65'(factor_b_q);

  assign is_far = product_q[64:33] != {32{product_q[64]}};

  // A reduction of nothing has no source.
  assign is_present = is_place[operand_q] && (operand_q == 2'd0 || columns != '0);
  assign is_small = apus_convert_pkg::element_width(format[operand_q]) == 7'd4;

  logic [6:0] element_bits;
  assign element_bits = apus_convert_pkg::element_width(format[operand_q]);
  always_comb begin
    if (is_small) begin
      byte_low = $signed({5'b0, address[operand_q]}) + 37'(low_q >>> 1);
      byte_high = $signed({5'b0, address[operand_q]}) + 37'(high_q >>> 1) + 37'sd1;
    end else begin
      byte_low = $signed({5'b0, address[operand_q]}) + 37'(low_q);
      byte_high = $signed({5'b0, address[operand_q]}) + 37'(high_q)
          + $signed({30'b0, element_bits >> 3});
    end
  end

  localparam logic signed [36:0] AccumulatorBase = 37'(apus_isa_pkg::LOCAL_ACCUMULATORS);
  assign in_scratchpad = !is_far_q && byte_low >= 0 && byte_high <= 37'(ScratchpadBytes);
  assign in_accumulators = !is_far_q && byte_low >= AccumulatorBase
      && byte_high <= AccumulatorBase + 37'(AccumulatorBytes);

  // Distinct elements of d, of top-k's indices, and of a reduction's a where d lies in it ---------

  // After the bounds everything fits 34 bits; the stride of a dimension of one element is none.
  logic [33:0] ordered_stride [3], ordered_reach [3];
  logic [2:0]  ordered_many;
  logic [33:0] magnitude_stride_q [3], magnitude_reach_q [3];
  logic [2:0]  many, many_q;
  logic [34:0] first_end, second_end, third_end;
  logic        is_distinct;

  logic [3:0] first_flat;
  assign first_flat = 4'({2'b0, operand_q} * 4'd3);
  for (genvar i = 0; i < 3; i++) begin : gen_magnitudes
    logic signed [33:0] signed_stride, signed_reach;
    assign signed_stride = 34'($signed(stride[first_flat + 4'(i)]));
    assign signed_reach = reach_q[first_flat + 4'(i)];
    always_ff @(posedge clk_i) begin
      magnitude_stride_q[i] <= signed_stride < 0 ? -signed_stride : signed_stride;
      magnitude_reach_q[i] <= many[i] ? (signed_reach < 0 ? -signed_reach : signed_reach) : '0;
      many_q[i] <= many[i];
    end
  end
  always_comb begin
    many[0] = columns > 32'd1;
    if (is_topk) many[0] = top_k > 32'd1;
    else if (is_reduction && operand_q == 2'd0) many[0] = 1'b0;
    many[1] = rows > 32'd1;
    many[2] = planes > 32'd1;
  end

  /// Whether stride i comes before stride j: those of one element first, they ask for nothing.
  function automatic logic comes_first(
    input logic many_i, input logic [33:0] stride_i, input logic many_j, input logic [33:0] stride_j
  );
    comes_first = !many_i || (many_j && stride_i <= stride_j);
  endfunction

  logic [1:0] rank [3];
  always_comb begin
    logic zero_one, zero_two, one_two;
    zero_one = comes_first(
        many_q[0], magnitude_stride_q[0], many_q[1], magnitude_stride_q[1]);
    zero_two = comes_first(
        many_q[0], magnitude_stride_q[0], many_q[2], magnitude_stride_q[2]);
    one_two = comes_first(
        many_q[1], magnitude_stride_q[1], many_q[2], magnitude_stride_q[2]);
    rank[0] = 2'(!zero_one) + 2'(!zero_two);
    rank[1] = 2'(zero_one) + 2'(!one_two);
    rank[2] = 2'(zero_two) + 2'(one_two);
    for (int unsigned r = 0; r < 3; r++) begin
      ordered_stride[r] = '0;
      ordered_reach[r] = '0;
      ordered_many[r] = 1'b0;
      for (int unsigned i = 0; i < 3; i++) begin
        if (rank[i] == 2'(r)) begin
          ordered_stride[r] = magnitude_stride_q[i];
          ordered_reach[r] = magnitude_reach_q[i];
          ordered_many[r] = many_q[i];
        end
      end
    end
  end

  assign first_end = is_small ? 35'd1 : {28'b0, element_bits >> 3};
  assign second_end = first_end + {1'b0, ordered_reach[0]};
  assign third_end = second_end + {1'b0, ordered_reach[1]};
  assign is_distinct = (!ordered_many[0] || {1'b0, ordered_stride[0]} >= first_end)
      && (!ordered_many[1] || {1'b0, ordered_stride[1]} >= second_end)
      && (!ordered_many[2] || {1'b0, ordered_stride[2]} >= third_end);

  // A pair: x is d, or top-k's indices; y a source, or the indices --------------------------------

  logic [1:0] pair_q;
  logic [1:0] x, y;
  logic       pair_is_present, is_identical, same_rows, same_planes, spans_meet, is_coarse;
  logic       pair_is_present_q, is_identical_q, spans_meet_q, is_coarse_q;
  logic [4:0] x_width, y_width;

  // Pairs: d with a, b, c; 3: indices with a.
  assign x = pair_q == 2'd3 ? 2'd3 : 2'd0;
  assign y = pair_q == 2'd3 ? 2'd1 : pair_q + 2'd1;
  assign pair_is_present = pair_q == 2'd3 ? is_topk && columns != '0
      : is_place[y] && columns != '0;

  // Widths are multiples of four.
  // verilator lint_off UNUSEDSIGNAL
  logic [6:0] x_bits, y_bits;
  // verilator lint_on UNUSEDSIGNAL
  assign x_bits = apus_convert_pkg::element_width(format[x]);
  assign y_bits = apus_convert_pkg::element_width(format[y]);
  assign x_width = x_bits[6:2];
  assign y_width = y_bits[6:2];

  logic [31:0] x_row, y_row, x_plane, y_plane, x_column, y_column;
  assign x_column = stride[4'({2'b0, x} * 4'd3)];
  assign y_column = stride[4'({2'b0, y} * 4'd3)];
  assign x_row = stride[4'({2'b0, x} * 4'd3) + 4'd1];
  assign y_row = stride[4'({2'b0, y} * 4'd3) + 4'd1];
  assign x_plane = stride[4'({2'b0, x} * 4'd3) + 4'd2];
  assign y_plane = stride[4'({2'b0, y} * 4'd3) + 4'd2];

  assign same_rows = rows == 32'd1 || x_row == y_row;
  assign same_planes = planes == 32'd1 || x_plane == y_plane;
  // Top-k reads its row once for each result, so it cannot run in place.
  assign is_identical = !is_topk && address[x] == address[y] && x_width == y_width
      && (is_reduction || columns <= 32'd1 || x_column == y_column) && same_rows && same_planes;
  assign spans_meet = span_high_q[x] > span_low_q[y] && span_high_q[y] > span_low_q[x];
  assign is_coarse = x_width == 5'd1 || y_width == 5'd1 || !same_rows || !same_planes
      || planes > 32'd4096;

  // Rows' spans: of the first rows, and how much both are long.
  logic signed [35:0] x_low_q, x_length_q, y_length_q, y_low_q, lengths;
  logic signed [33:0] x_reach, y_reach;
  assign x_reach = reach_q[4'({2'b0, x} * 4'd3)];
  assign y_reach = reach_q[4'({2'b0, y} * 4'd3)];
  assign lengths = x_length_q + y_length_q;
  // A reach's magnitude and an element are one addition: -r is ~r + 1.
  logic [4:0] x_element, y_element;
  assign x_element = {1'b0, x_width[4:1]} + {4'b0, x_reach[33]};
  assign y_element = {1'b0, y_width[4:1]} + {4'b0, y_reach[33]};

  // Rows r apart meet where r · row lies between distance and distance + lengths, both excluded.
  // The first such r is found by a division of the distance, or of what lacks to it, by the row's
  // stride.
  logic signed [35:0] distance_q, first_distance, row_reach_q, plane_reach_q, plane_step_q;
  logic signed [33:0] row_magnitude_signed;
  logic [33:0]        row_magnitude_q;
  logic [13:0]        shifts_left_q;
  logic [5:0]         bits_left_q;
  logic [34:0]        rest_q, rest_shifted;
  logic [33:0]        dividend_q, quotient_q;
  logic signed [33:0] row_reach_signed, row_reach_magnitude, plane_reach_signed;
  logic               rest_fits, rows_meet, goes_back, is_passed;

  assign row_magnitude_signed = 34'($signed(x_row));
  assign row_reach_signed = reach_q[4'({2'b0, x} * 4'd3) + 4'd1];
  assign plane_reach_signed = reach_q[4'({2'b0, x} * 4'd3) + 4'd2];
  assign row_reach_magnitude = row_reach_signed < 0 ? -row_reach_signed : row_reach_signed;
  // What STATE_ROWS_OF_PAIR takes stands as long as the pair does.
  always_ff @(posedge clk_i) begin
    pair_is_present_q <= pair_is_present;
    is_identical_q <= is_identical;
    spans_meet_q <= spans_meet;
    is_coarse_q <= is_coarse;
    x_low_q <= $signed({4'b0, address[x]}) + (x_reach < 0 ? 36'(x_reach) : 36'sd0);
    y_low_q <= $signed({4'b0, address[y]}) + (y_reach < 0 ? 36'(y_reach) : 36'sd0);
    x_length_q <= (36'(x_reach) ^ {36{x_reach[33]}}) + $signed({31'b0, x_element});
    y_length_q <= (36'(y_reach) ^ {36{y_reach[33]}}) + $signed({31'b0, y_element});
    row_magnitude_q <= rows == 32'd1 ? '0
        : row_magnitude_signed < 0 ? -row_magnitude_signed : row_magnitude_signed;
    row_reach_q <= rows == 32'd1 ? '0 : 36'(row_reach_magnitude);
    plane_reach_q <= planes == 32'd1 ? '0 : 36'(plane_reach_signed);
    plane_step_q <= planes == 32'd1 ? '0 : 36'($signed(x_plane));
  end
  // The first shift is that of planes - 1 planes back.
  assign first_distance = (x_low_q + plane_reach_q) - (y_length_q + y_low_q);

  assign is_passed = !pair_is_present_q || is_identical_q || !spans_meet_q;
  assign goes_back = distance_q < 0;
  assign rest_shifted = {rest_q[33:0], dividend_q[33]};
  assign rest_fits = rest_shifted >= {1'b0, row_magnitude_q};

  // r · row less distance: of the first row beyond the distance, or of the first row there is.
  logic signed [36:0] beyond;
  always_comb begin
    if (rows == 32'd1) beyond = 37'sd0 - 37'(distance_q);
    else if (goes_back) begin
      beyond = 37'sd1 + $signed({2'b0, rest_q});
      if ({2'b0, quotient_q} > 36'(rows - 32'd1)) begin
        beyond = 37'sd0 - 37'(row_reach_q) - 37'(distance_q);
      end
    end else begin
      beyond = $signed({3'b0, row_magnitude_q}) - $signed({2'b0, rest_q});
    end
    rows_meet = beyond > 0 && beyond < 37'(lengths);
    // r = quotient + 1 must be less than rows.
    if (rows != 32'd1 && !goes_back && {2'b0, quotient_q} + 36'd1 > 36'(rows - 32'd1)) begin
      rows_meet = 1'b0;
    end
  end

  // Control ---------------------------------------------------------------------------------------

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= STATE_IDLE;
      cause_q <= '0;
      empty_q <= 1'b0;
    end else begin
      unique case (state_q)
        STATE_IDLE: begin
          if (start_i) state_q <= STATE_EARLY;
          cause_q <= '0;
          empty_q <= 1'b0;
        end
        STATE_EARLY: begin
          cause_q <= early_cause;
          empty_q <= is_empty;
          state_q <= early_cause != '0 || is_empty ? STATE_DONE : STATE_ROWS;
        end
        STATE_ROWS: state_q <= STATE_PLANES;
        STATE_PLANES: begin
          state_q <= STATE_ELEMENTS;
          if (product_q > ElementsMax) begin
            cause_q <= apus_isa_pkg::CAUSE_BAD_SHAPE;
            state_q <= STATE_DONE;
          end
        end
        STATE_ELEMENTS: begin
          state_q <= STATE_REACH;
          if (product_q > ElementsMax) begin
            cause_q <= apus_isa_pkg::CAUSE_BAD_SHAPE;
            state_q <= STATE_DONE;
          end
        end
        STATE_REACH: state_q <= STATE_SPAN;
        STATE_SPAN: state_q <= dimension_q == 2'd2 ? STATE_BOUNDS : STATE_REACH;
        STATE_BOUNDS: begin
          if (is_present && !in_scratchpad && !in_accumulators) begin
            cause_q <= apus_isa_pkg::CAUSE_LOCAL_BOUNDS;
            state_q <= STATE_DONE;
          end else begin
            state_q <= operand_q == 2'd3 ? STATE_STRIDES : STATE_REACH;
          end
        end
        STATE_STRIDES: state_q <= STATE_DISTINCT;
        STATE_DISTINCT: begin
          // First d, then the indices of a top-k.
          if (!is_distinct) begin
            cause_q <= apus_isa_pkg::CAUSE_OVERLAP;
            state_q <= STATE_DONE;
          end else begin
            state_q <= operand_q == 2'd0 && is_topk ? STATE_STRIDES : STATE_ROWS_OF_PAIR;
          end
        end
        STATE_ROWS_OF_PAIR: state_q <= STATE_PAIR;
        STATE_PAIR: begin
          if (is_passed) begin
            state_q <= STATE_ROWS_OF_PAIR;
            if (pair_q == 2'd3) state_q <= STATE_DONE;
            // A reduction in place: no row may read the result of another.
            else if (pair_is_present_q && is_identical_q && is_reduction) state_q <= STATE_STRIDES;
          end else if (is_coarse_q) begin
            cause_q <= apus_isa_pkg::CAUSE_OVERLAP;
            state_q <= STATE_DONE;
          end else begin
            state_q <= STATE_DIVIDE;
          end
        end
        STATE_DIVIDE: if (bits_left_q == 6'd1) state_q <= STATE_MEETS;
        STATE_MEETS: begin
          if (rows_meet) begin
            cause_q <= apus_isa_pkg::CAUSE_OVERLAP;
            state_q <= STATE_DONE;
          end else if (shifts_left_q == 14'd1) begin
            state_q <= pair_q == 2'd3 ? STATE_DONE : STATE_ROWS_OF_PAIR;
          end else begin
            state_q <= STATE_DIVIDE;
          end
        end
        default: state_q <= STATE_IDLE;
      endcase
    end
  end

  logic signed [35:0] next_distance;
  // Tiles fit the memories, so 34 bits hold what is divided.
  // verilator lint_off UNUSEDSIGNAL
  logic signed [35:0] first_dividend, next_dividend;
  // verilator lint_on UNUSEDSIGNAL
  assign next_distance = distance_q - plane_step_q;
  // floor: of a negative distance, -1 - distance, the rows back that do not reach it.
  assign first_dividend = first_distance < 0 ? ~first_distance : first_distance;
  assign next_dividend = next_distance < 0 ? ~next_distance : next_distance;

  always_comb begin
    operand_d = operand_q;
    dimension_d = dimension_q;
    unique case (state_q)
      STATE_EARLY: begin
        operand_d = 2'd0;
        dimension_d = 2'd0;
      end
      STATE_SPAN: dimension_d = dimension_q + 2'd1;
      STATE_BOUNDS: begin
        operand_d = operand_q + 2'd1;
        dimension_d = 2'd0;
      end
      // Next are the indices, or a reduction's a.
      STATE_DISTINCT: operand_d = is_topk ? 2'd3 : 2'd1;
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    operand_q <= operand_d;
    dimension_q <= dimension_d;
    unique case (state_q)
      STATE_EARLY: begin
        low_q <= '0;
        high_q <= '0;
        is_far_q <= 1'b0;
      end
      STATE_SPAN: begin
        reach_q[flat] <= product_q[33:0];
        if (product_q < 0) low_q <= low_q + 36'(product_q);
        else high_q <= high_q + 36'(product_q);
        if (is_far) is_far_q <= 1'b1;
      end
      STATE_BOUNDS: begin
        span_low_q[operand_q] <= byte_low[33:0];
        span_high_q[operand_q] <= byte_high[33:0];
        low_q <= '0;
        high_q <= '0;
        is_far_q <= 1'b0;
      end
      STATE_DISTINCT: if (operand_q == 2'd0) pair_q <= 2'd0;
      STATE_PAIR: begin
        if (is_passed) pair_q <= pair_q + 2'd1;
        distance_q <= first_distance;
        dividend_q <= first_dividend[33:0];
        rest_q <= '0;
        quotient_q <= '0;
        bits_left_q <= 6'd34;
        shifts_left_q <= 14'({planes[12:0], 1'b0}) - 14'd1;
      end
      STATE_DIVIDE: begin
        rest_q <= rest_fits ? rest_shifted - {1'b0, row_magnitude_q} : rest_shifted;
        quotient_q <= {quotient_q[32:0], rest_fits};
        dividend_q <= {dividend_q[32:0], 1'b0};
        bits_left_q <= bits_left_q - 6'd1;
      end
      STATE_MEETS: begin
        if (shifts_left_q == 14'd1) pair_q <= pair_q + 2'd1;
        distance_q <= next_distance;
        dividend_q <= next_dividend[33:0];
        rest_q <= '0;
        quotient_q <= '0;
        bits_left_q <= 6'd34;
        shifts_left_q <= shifts_left_q - 14'd1;
      end
      default: ;
    endcase
  end

  assign done_o = state_q == STATE_DONE;
  assign cause_o = cause_q;
  assign is_empty_o = empty_q;
  for (genvar o = 0; o < 4; o++) begin : gen_column_reach
    // Strides of 4-bit elements count half bytes, others bytes.
    assign column_reach_o[33*o +: 33] =
        apus_convert_pkg::element_width(format[o]) == 7'd4
        ? reach_q[3*o][32:0] : {reach_q[3*o][31:0], 1'b0};
  end

endmodule
