import ApusCompiler
import ApusGraph
import Testing

@Suite("windows, lines and indices")
struct LineTests {
    @Test("pooling agrees to the bit", arguments: [1, 2, 3])
    func pooling(_ stride: Int) throws {
        for fold in [WindowReduction.maximum, .sum] {
            try expectCompiledIsInterpreted(launches: 1, integers: true) {
                let x = $0.input("x", TensorType(.float32, [2, 6, 17, 17]))
                let window = Window(
                    extents: [1, 1, 3, 3], strides: [1, 1, stride, stride], low: [0, 0, 1, 1],
                    high: [0, 0, 1, 1])
                $0.output("y", try $0.add(.reduceWindow(fold, window), [x]))
            }
        }
    }

    @Test("running sums agree along any axis and direction", arguments: [0, 1, 2])
    func scans(_ axis: Int) throws {
        for isExclusive in [false, true] {
            for isReversed in [false, true] {
                try expectCompiledIsInterpreted(integers: true) {
                    let x = $0.input("x", TensorType(.float32, [4, 5, 6]))
                    let scan = Scan(
                        .sum, axis: axis, isExclusive: isExclusive, isReversed: isReversed)
                    $0.output("y", try $0.add(.scan(scan), [x]))
                }
            }
        }
    }

    @Test("positions of extremes agree, first or last among equals", arguments: [0, 1, 2])
    func arguments(_ axis: Int) throws {
        for largest in [true, false] {
            for last in [true, false] {
                try expectCompiledIsInterpreted(integers: true) {
                    let x = $0.input("x", TensorType(.float32, [4, 5, 60]))
                    let argument = ArgumentReduction(
                        axis: axis, largest: largest, keepDimension: last, selectsLast: last)
                    $0.output("y", try $0.add(.argument(argument), [x]))
                }
            }
        }
    }

    @Test("sorting agrees in both directions", arguments: [1, 2])
    func sorting(_ axis: Int) throws {
        for descending in [true, false] {
            // Ascending order is found by keys in which −0 and 0 are one: −0 becomes 0.
            try expectCompiledIsInterpreted(
                tolerance: descending ? 0 : Double(Float.leastNonzeroMagnitude), integers: true
            ) {
                let x = $0.input("x", TensorType(.float32, [4, 5, 60]))
                let results = try $0.addNode(
                    .sort(Sort(axis: axis, count: 4, descending: descending)), [x])
                $0.output("values", results[0])
                $0.output("positions", results[1])
            }
        }
    }

    @Test("gathers agree, with indices from the end", arguments: [0, 1])
    func gathers(_ axis: Int) throws {
        try expectCompiledIsInterpreted {
            let x = $0.input("x", TensorType(.float32, [11, 30]))
            let known = $0.constant(Tensor([Int64(3), -1, 0, 5, 5, 10], shape: [2, 3]))
            $0.output("y", try $0.add(.gather(axis: axis), [x, known]))
            let given = $0.input("i", TensorType(.int64, [7]))
            $0.output("z", try $0.add(.gather(axis: axis), [x, given]))
        }
    }

    @Test("a gather whose last tile reaches beyond its table reads nothing that was not loaded")
    func gatherInTiles() throws {
        try expectCompiledIsInterpreted {
            let x = $0.input("x", TensorType(.float32, [8, 2003]))
            let indices = (0..<1999).map { Int64($0 * 37 % 2003) }
            let table = $0.constant(Tensor(indices, shape: [1999]))
            $0.output("y", try $0.add(.gather(axis: 1), [x, table]))
            $0.output(
                "z",
                try $0.add(.gather(axis: 0), [x, $0.constant(Tensor([Int64(2), 0], shape: [2]))]))
        }
    }

    @Test("gathers of places and blocks agree")
    func gatherPlaces() throws {
        try expectCompiledIsInterpreted {
            let x = $0.input("x", TensorType(.float32, [6, 7, 5]))
            let blocks = $0.input("i", TensorType(.int64, [9, 2]))
            $0.output("y", try $0.add(.gatherND(batchDimensions: 0), [x, blocks]))
            let places = $0.input("j", TensorType(.int64, [6, 3, 5]))
            $0.output("z", try $0.add(.gatherElements(axis: 1), [x, places]))
        }
    }

    @Test("what has no lowering runs on the host, with a reason")
    func host() throws {
        try expectCompiledIsInterpreted(onChip: false) {
            let x = $0.input("x", TensorType(.float64, [3, 4]))
            let y = try $0.add(.binary(.add), [x, x])
            $0.output("y", try $0.add(.transpose([1, 0]), [y]))
        }
        let subject = try CompiledGraph {
            let x = $0.input("x", TensorType(.float64, [3, 4]))
            $0.output("y", try $0.add(.binary(.add), [x, x]))
        }
        let outcome = try subject.run([Tensor(zeros: TensorType(.float64, [3, 4]))], on: .nano)
        #expect(
            outcome.compiled.report.placements.map(\.place) == [
                .host(reason: "arithmetic on f64")
            ])
    }
}
