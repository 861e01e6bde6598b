/// How much of a chip's peaks its programs reach, as they are compiled today: from the cycle
/// simulator, by benchmarks/cost/efficiency.py, which writes ``measured``.
///
/// Weights of 8 bits are dequantised to BF16 before they are multiplied, so that a cell takes one
/// product a cycle, not four.
public struct CompiledToday: Sendable, Hashable {
    /// Of a preset's name.
    public var chip: String
    /// Share of memory's bandwidth that decode of Llama-3.1-8B reaches: one sequence, and many.
    var decodeOne: Double
    var decodeMany: Double
    /// Share of the arrays' 16-bit peak: prefill of Llama-3.1-8B, and one product of 4096³.
    var prefill: Double
    var product: Double

    /// That of a chip of this name, if it was timed.
    static func named(_ name: String) -> CompiledToday? { measured.first { $0.chip == name } }

    private static let source =
        "cycle simulator, Llama-3.1-8B, INT8 weights, E4M3 cache, context 2048 "
        + "(benchmarks/cost/efficiency.py)"

    /// Expected is what many sequences reach, as servers run many; the other bound is one's.
    var memory: Fact {
        Fact(
            "today.\(chip).memory_share", min(decodeOne, decodeMany), decodeMany,
            max(decodeOne, decodeMany), "1", .read, CompiledToday.source + "; batch 1 and 128")
    }
    /// Expected is a prompt's; the other bound is a large product's alone.
    var matrix: Fact {
        Fact(
            "today.\(chip).matrix_share", min(prefill, product), prefill, max(prefill, product),
            "1", .read, CompiledToday.source + "; a product of 4096³")
    }

    /// All shares, as facts.
    static let facts: [Fact] = measured.flatMap { [$0.memory, $0.matrix] }
}
