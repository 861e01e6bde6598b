/// Counts the zeros before the first one of a word.
///
/// Latency: combinational. A word without a one counts as Width zeros or more.
module apus_leading_zeros #(
  parameter int unsigned Width = 76,
  localparam int unsigned CountWidth = $clog2(Width + 1)
) (
  input  logic [Width-1:0]      word_i,
  output logic [CountWidth-1:0] count_o
);

  localparam int unsigned PaddedWidth = 1 << CountWidth;

  // Each level asks whether the upper half of what is left is empty, and keeps the half that
  // matters. Ones behind the word end the search.
  always_comb begin
    logic [PaddedWidth-1:0] rest;
    rest = '1;
    rest[PaddedWidth-1 -: Width] = word_i;
    count_o = '0;
    for (int level = int'(CountWidth) - 1; level >= 0; level--) begin
      logic [PaddedWidth-1:0] upper;
      upper = rest >> (1 << level);
      if (upper == '0) count_o[level] = 1'b1;
      else rest = upper;
      rest = rest & ((PaddedWidth'(1) << (1 << level)) - 1);
    end
  end

endmodule
