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

  // Pairs, then pairs of pairs: whether there is a one, and the zeros before it. Ones behind the word
  // end the search. Node 0 of a level is the leftmost one; its results overwrite its left child.
  always_comb begin
    logic [PaddedWidth-1:0]            rest, found;
    logic [PaddedWidth*CountWidth-1:0] counts;
    rest = '1;
    rest[PaddedWidth-1 -: Width] = word_i;
    counts = '0;
    for (int unsigned i = 0; i < PaddedWidth; i++) found[i] = rest[PaddedWidth-1-i];
    for (int unsigned level = 0; level < CountWidth; level++) begin
      for (int unsigned i = 0; i < PaddedWidth >> (level + 1); i++) begin
        counts[CountWidth*i +: CountWidth] = found[2*i]
            ? counts[CountWidth*2*i +: CountWidth]
            : counts[CountWidth*(2*i+1) +: CountWidth] | CountWidth'(1 << level);
        found[i] = found[2*i] || found[2*i+1];
      end
    end
    count_o = counts[CountWidth-1:0];
  end

endmodule
