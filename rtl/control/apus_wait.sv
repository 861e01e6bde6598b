/// Whether `wait(semaphore, value)` passes: the counter has reached the value, wrapping allowed.
///
/// Latency: combinational.
module apus_wait (
  input  logic [16*apus_isa_pkg::SEMAPHORE_COUNT-1:0] values_i,
  input  logic [4:0]                                  semaphore_i,
  input  logic [15:0]                                 value_i,
  output logic                                        passes_o
);

  logic [15:0] distance;
  assign distance = values_i[16*semaphore_i +: 16] - value_i;
  assign passes_o = semaphore_i == '0 || !distance[15];

  // Only the sign of the distance counts.
  logic unused;
  assign unused = ^distance[14:0];

endmodule
