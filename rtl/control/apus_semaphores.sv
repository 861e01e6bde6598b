/// The core's semaphores: 16-bit counters, of which number 0 is "none" and stays zero.
///
/// One post is added in each cycle, that of the lowest port that has one; a poster keeps its post
/// until `post_ready_o`; port 0 never waits. A semaphore has one posting agent, so order does not
/// matter.
///
/// Latency: a wait sees a post in the next cycle.
module apus_semaphores #(
  parameter int unsigned Posters = 5
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [Posters-1:0]    post_valid_i,
  output logic [Posters-1:0]    post_ready_o,
  input  logic [5*Posters-1:0]  post_semaphore_i,
  input  logic [16*Posters-1:0] post_count_i,
  // Semaphore s is [16 * s +: 16].
  output logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] values_o
);

  logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] values_q, values_d;
  logic [4:0]                                  first_number, number;
  logic [15:0]                                 first_sum, count, sum;

  assign post_ready_o = post_valid_i & (-post_valid_i);

  // Whether port 0 posts is known late in a cycle: its sum is made beside that of the others, and
  // only chosen.
  assign first_number = post_semaphore_i[4:0];
  assign first_sum = values_q[16*first_number +: 16] + post_count_i[15:0];

  always_comb begin
    number = '0;
    count = '0;
    for (int unsigned i = Posters - 1; i > 0; i--) begin
      if (post_valid_i[i]) begin
        number = post_semaphore_i[5*i +: 5];
        count = post_count_i[16*i +: 16];
      end
    end
    sum = values_q[16*number +: 16] + count;
    values_d = values_q;
    for (int unsigned s = 1; s < apus_isa_pkg::SEMAPHORE_COUNT; s++) begin
      if (post_valid_i[0]) begin
        if (first_number == 5'(s)) values_d[16*s +: 16] = first_sum;
      end else if (number == 5'(s)) begin
        values_d[16*s +: 16] = sum;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      values_q <= '0;
    end else begin
      values_q <= values_d;
    end
  end
  assign values_o = values_q;

endmodule
