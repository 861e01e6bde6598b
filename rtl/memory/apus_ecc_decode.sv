/// Corrects a single error of a 72-bit code word and detects a double one.
///
/// `corrected_o` is high if one bit was wrong, in the data or in the check bits; `failed_o` if two
/// were, and then the data are as they were stored.
///
/// Latency: combinational.
module apus_ecc_decode (
  input  logic [63:0] data_i,
  input  logic [7:0]  check_i,
  output logic [63:0] data_o,
  output logic        corrected_o,
  output logic        failed_o
);

  logic [7:0] expected, syndrome;
  apus_ecc_encode u_encode (.data_i, .check_o(expected));
  assign syndrome = expected ^ check_i;

  logic [63:0] flips;
  always_comb begin
    for (int unsigned i = 0; i < 64; i++) begin
      flips[i] = syndrome == apus_ecc_pkg::COLUMNS[8*i +: 8];
    end
  end

  // A single wrong check bit has a syndrome of weight one, and nothing to correct.
  logic is_check_bit;
  assign is_check_bit = (syndrome & (syndrome - 8'd1)) == '0;

  assign data_o = data_i ^ flips;
  assign corrected_o = syndrome != '0 && (flips != '0 || is_check_bit);
  assign failed_o = syndrome != '0 && !corrected_o;

endmodule
