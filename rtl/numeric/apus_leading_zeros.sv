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

  // Pairs, then pairs of pairs: whether there is a one, and the zeros before it. A node's results
  // stand at the place of its highest bit, bit b of all counts in word b, so that a level is a few
  // operations on whole words; places that are no node's hold what nobody reads. Ones behind the
  // word end the search.
  always_comb begin
    logic [PaddedWidth-1:0]            found;
    logic [PaddedWidth*CountWidth-1:0] counts;
    found = '1;
    found[PaddedWidth-1 -: Width] = word_i;
    counts = '0;
    for (int unsigned level = 0; level < CountWidth; level++) begin
      for (int unsigned b = 0; b < level; b++) begin
        counts[PaddedWidth*b +: PaddedWidth] = (found & counts[PaddedWidth*b +: PaddedWidth])
            | (~found & (counts[PaddedWidth*b +: PaddedWidth] << (1 << level)));
      end
      counts[PaddedWidth*level +: PaddedWidth] = ~found;
      found = found | (found << (1 << level));
    end
    for (int unsigned b = 0; b < CountWidth; b++) begin
      count_o[b] = counts[PaddedWidth*b + PaddedWidth - 1];
    end
  end

endmodule
