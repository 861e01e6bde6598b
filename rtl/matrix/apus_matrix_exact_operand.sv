/// Makes an operand of the exact modes from four elements of at most 8 bits.
///
/// Integers become nine bits with sign. E4M3 numbers become a signed significand of five bits and a
/// shift, so that the value is a count of 2^-9; E2M1 numbers are E4M3 numbers too.
///
/// Latency: combinational.
module apus_matrix_exact_operand (
  input  logic [4:0]  format_i,
  input  logic [31:0] elements_i,
  output logic [apus_matrix_pkg::OPERAND_WIDTH-1:0] operand_o
);

  localparam int unsigned LANES = apus_matrix_pkg::LANES;
  localparam int unsigned LANE_WIDTH = apus_matrix_pkg::LANE_WIDTH;

  apus_matrix_pkg::operand_t operand;
  logic [LANES-1:0] is_nan;

  for (genvar i = 0; i < LANES; i++) begin : gen_lanes
    logic [7:0]  element;
    logic [8:0]  lane;
    logic [3:0]  shift, significand;
    logic        is_float, sign;

    assign element = elements_i[8*i +: 8];
    assign is_float = format_i == apus_isa_pkg::FORMAT_E4M3
        || format_i == apus_isa_pkg::FORMAT_E2M1;
    assign is_nan[i] = format_i == apus_isa_pkg::FORMAT_E4M3 && element[6:0] == '1;

    always_comb begin
      if (format_i == apus_isa_pkg::FORMAT_E2M1) begin
        sign = element[3];
        significand = {element[2:1] != '0, element[0], 2'b00};
        shift = 4'd5 + 4'(element[2:1] | 2'(element[2:1] == '0));
      end else begin
        sign = element[7];
        significand = {element[6:3] != '0, element[2:0]};
        shift = (element[6:3] | 4'(element[6:3] == '0)) - 4'd1;
      end
      unique case (format_i)
        apus_isa_pkg::FORMAT_INT8: lane = {element[7], element};
        apus_isa_pkg::FORMAT_UINT8: lane = {1'b0, element};
        apus_isa_pkg::FORMAT_INT4: lane = {{5{element[3]}}, element[3:0]};
        apus_isa_pkg::FORMAT_UINT4: lane = {5'b0, element[3:0]};
        default: lane = sign ? -{5'b0, significand} : {5'b0, significand};
      endcase
    end

    assign operand.lanes[LANE_WIDTH*i +: LANE_WIDTH] = lane;
    assign operand.shifts[4*i +: 4] = is_float ? shift : 4'd0;
  end

  assign operand.exponent = '0;
  assign operand.sign = 1'b0;
  assign operand.is_zero = 1'b0;
  assign operand.is_infinite = 1'b0;
  assign operand.is_nan = is_nan != '0;

  assign operand_o = operand;

endmodule
