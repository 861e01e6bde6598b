/// Encodes 64 bits into a 72-bit code word that corrects one error and detects two.
///
/// A Hsiao code: every data bit's column of the check matrix has an odd weight (all 56 of weight
/// three and eight of weight five), so that an odd syndrome is a single error and an even one that
/// is not zero is a double error. Check bit i covers the data bits whose column has bit i set.
///
/// Latency: combinational.
module apus_ecc_encode (
  input  logic [63:0] data_i,
  output logic [7:0]  check_o
);

  always_comb begin
    check_o = '0;
    for (int unsigned i = 0; i < 64; i++) begin
      if (data_i[i]) check_o = check_o ^ apus_ecc_pkg::COLUMNS[8*i +: 8];
    end
  end

endmodule
