/// Adds or subtracts two magnitudes and gives the magnitude of the result.
///
///     subtract_i = 0:  magnitude_o = a_i + b_i
///     subtract_i = 1:  magnitude_o = |a_i - b_i|, less 2^-1 of the last place if sticky_i
///
/// One parallel-prefix adder with an end-around carry: a + ~b gives a - b - 1, whose carry says
/// that a > b and comes in again as the missing one; without it the complement is b - a.
/// Two's complement numbers may be added with it too: the sum modulo 2^Width.
///
/// Latency: combinational.
module apus_fma_add #(
  parameter int unsigned Width = 76
) (
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  input  logic             subtract_i,
  /// Bits of b below the last place were lost; then a_i > b_i.
  input  logic             sticky_i,
  output logic [Width-1:0] magnitude_o,
  /// b_i was the larger one of a subtraction.
  output logic             b_is_larger_o
);

  localparam int unsigned Levels = $clog2(Width);

  logic [Width-1:0] addend, half, generated;
  // The highest one would only serve a carry out.
  // verilator lint_off UNUSEDSIGNAL
  logic [Width-1:0] propagated;
  // verilator lint_on UNUSEDSIGNAL
  logic [Width-2:0] carries;
  logic             carry_in;

  assign addend = b_i ^ {Width{subtract_i}};
  assign half = a_i ^ addend;

  // Generate and propagate of bits 0 to i, level by level (Kogge-Stone): it is written in whole
  // words, and synthesis thins it out; Sklansky's tree came to 2 % less of a cell's area.
  always_comb begin
    logic [Width-1:0] g, p;
    g = a_i & addend;
    p = a_i | addend;
    for (int unsigned level = 0; level < Levels; level++) begin
      g = g | (p & (g << (1 << level)));
      p = p & ~(~p << (1 << level));
    end
    generated = g;
    propagated = p;
  end

  // A sticky bit takes the one away: a - b - 1 and more than nothing.
  assign carry_in = subtract_i && generated[Width-1] && !sticky_i;
  assign carries = generated[Width-2:0] | (propagated[Width-2:0] & {(Width - 1){carry_in}});
  assign b_is_larger_o = subtract_i && !generated[Width-1];
  assign magnitude_o = half ^ {carries, carry_in} ^ {Width{b_is_larger_o}};

endmodule
