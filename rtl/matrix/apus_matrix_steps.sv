/// Sends what `current` holds through the array: every pass, both slots.
///
///     six passes     a0·b2  a1·b1  a2·b0  a0·b1  a1·b0  a0·b0
///     three passes                        a0·b1  a1·b0  a0·b0
///
/// A step of slot s leaves in a cycle in which `phase_i` is s, so that it meets the slot's
/// accumulators.
///
/// Latency: 2 cycles a pass, and one more if the phase is wrong.
module apus_matrix_steps (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [1:0] passes_i,
  input  logic       phase_i,
  // `current` is complete; it may change behind the cycle of `release_o`.
  input  logic       valid_i,
  output logic       release_o,
  output logic       issue_o,
  output logic       slot_o,
  output logic [1:0] a_part_o,
  output logic [1:0] b_part_o,
  output logic       is_last_part_o
);

  // Parts: 0 the whole number, 1 to 3 slices 0 to 2. Passes count down to 0, a0·b0.
  logic       busy_q, starts, release_d, release_q;
  logic [2:0] pass_q, pass, pass_first;

  always_comb begin
    unique case (passes_i)
      2'd0: pass_first = 3'd0;
      2'd1: pass_first = 3'd2;
      default: pass_first = 3'd5;
    endcase
  end

  assign starts = valid_i && !busy_q && !phase_i;
  assign pass = busy_q ? pass_q : pass_first;
  assign issue_o = starts || busy_q;
  assign slot_o = phase_i;
  assign release_o = release_q;
  // The last pass's second step, in the cycle behind its first.
  assign release_d = !phase_i && issue_o && is_last_part_o;
  assign is_last_part_o = pass == '0;

  always_comb begin
    unique case (pass)
      3'd5: {a_part_o, b_part_o} = {2'd1, 2'd3};
      3'd4: {a_part_o, b_part_o} = {2'd2, 2'd2};
      3'd3: {a_part_o, b_part_o} = {2'd3, 2'd1};
      3'd2: {a_part_o, b_part_o} = {2'd1, 2'd2};
      3'd1: {a_part_o, b_part_o} = {2'd2, 2'd1};
      default: {a_part_o, b_part_o} = passes_i == 2'd0 ? {2'd0, 2'd0} : {2'd1, 2'd1};
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      release_q <= 1'b0;
    end else begin
      release_q <= release_d;
      if (starts) busy_q <= 1'b1;
      else if (release_q) busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (starts) pass_q <= pass_first;
    else if (busy_q && phase_i) pass_q <= pass_q - 3'd1;
  end

`ifndef SYNTHESIS
  // Steps come in pairs, slot 0 first.
  assert property (@(posedge clk_i) disable iff (!busy_q && !valid_i) starts |=> busy_q && phase_i);
`endif

endmodule
