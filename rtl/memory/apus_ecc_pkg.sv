/// The check matrix of the scratchpad's error-correcting code (72, 64).
///
/// Byte i is the column of data bit i: the 56 bytes of weight three, ascending, then the eight
/// rotations of five ones. Each check bit covers 26 data bits, so the eight parity trees are alike.
/// Source: M. Y. Hsiao, "A class of optimal minimum odd-weight-column SEC-DED codes", 1970.
package apus_ecc_pkg;

  parameter logic [511:0] COLUMNS = {
    8'h8F, 8'hC7, 8'hE3, 8'hF1, 8'hF8, 8'h7C, 8'h3E, 8'h1F,
    8'hE0, 8'hD0, 8'hC8, 8'hC4, 8'hC2, 8'hC1, 8'hB0, 8'hA8,
    8'hA4, 8'hA2, 8'hA1, 8'h98, 8'h94, 8'h92, 8'h91, 8'h8C,
    8'h8A, 8'h89, 8'h86, 8'h85, 8'h83, 8'h70, 8'h68, 8'h64,
    8'h62, 8'h61, 8'h58, 8'h54, 8'h52, 8'h51, 8'h4C, 8'h4A,
    8'h49, 8'h46, 8'h45, 8'h43, 8'h38, 8'h34, 8'h32, 8'h31,
    8'h2C, 8'h2A, 8'h29, 8'h26, 8'h25, 8'h23, 8'h1C, 8'h1A,
    8'h19, 8'h16, 8'h15, 8'h13, 8'h0E, 8'h0D, 8'h0B, 8'h07
  };

endpackage
