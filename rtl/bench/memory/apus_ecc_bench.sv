/// Encoder and decoder of the scratchpad's code, with flips between them.
module apus_ecc_bench (
  input  logic [63:0] data_i,
  input  logic [71:0] flips_i,
  output logic [7:0]  check_o,
  output logic [63:0] data_o,
  output logic        corrected_o,
  output logic        failed_o
);

  logic [71:0] word;
  apus_ecc_encode u_encode (.data_i, .check_o);
  assign word = {check_o, data_i} ^ flips_i;
  apus_ecc_decode u_decode (
    .data_i(word[63:0]), .check_i(word[71:64]), .data_o, .corrected_o, .failed_o
  );

endmodule
