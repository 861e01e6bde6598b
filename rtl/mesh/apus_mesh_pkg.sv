/// What travels on the mesh: packets of flits, the first of which tells where to.
///
/// Requests and answers have a mesh each, so that an answer never waits for a request.
// No single design uses every constant.
// verilator lint_off UNUSEDPARAM
package apus_mesh_pkg;

  parameter int unsigned PLACE_WIDTH = 4;  // of a column or row

  // Ports of a router.
  parameter int unsigned PORT_COUNT = 6;
  parameter int unsigned PORT_CORE = 0;
  parameter int unsigned PORT_MEMORY = 1;
  parameter int unsigned PORT_NORTH = 2;
  parameter int unsigned PORT_EAST = 3;
  parameter int unsigned PORT_SOUTH = 4;
  parameter int unsigned PORT_WEST = 5;

  typedef enum logic [1:0] {
    KIND_READ = 2'd0,     // request: one flit; answer: a flit, then one for each word
    KIND_WRITE = 2'd1,    // request: a flit, then one for each word; answer: one flit
    KIND_POST = 2'd2      // request: one flit, without an answer
  } kind_e;

  /// The first flit's payload.
  typedef struct packed {
    logic [1:0]             kind;
    logic                   is_memory;  // the memory beside that router, not its core
    logic [PLACE_WIDTH-1:0] column;     // where to
    logic [PLACE_WIDTH-1:0] row;
    logic [PLACE_WIDTH-1:0] source_column;
    logic [PLACE_WIDTH-1:0] source_row;
    logic [3:0]             id;         // AXI's
    logic [7:0]             length;     // AXI's: words, less one
    logic [63:0]            address;    // of a post: semaphore [20:16], count [15:0]
  } header_t;

  parameter int unsigned PAYLOAD_WIDTH = 95;

  /// Words are `{strobe, data}` in the low 72 bits of a payload.
  typedef struct packed {
    logic                     is_head;
    logic                     is_tail;
    logic [PAYLOAD_WIDTH-1:0] payload;
  } flit_t;

  parameter int unsigned FLIT_WIDTH = PAYLOAD_WIDTH + 2;

endpackage
// verilator lint_on UNUSEDPARAM
