/// The format of a GPU's operands, as its measured kernels have it.
public enum KernelFormat: String, Sendable, Hashable, CaseIterable {
    case bf16
    /// E4M3 with one scale for each tensor.
    case fp8
    /// E4M3 with DeepSeek's blocks of scales.
    case fp8Block

    var operandBytes: Double { self == .bf16 ? 2 : 1 }
}

/// Whether a step reads a prompt or makes the next token.
public enum Phase: String, Sendable, Hashable, CaseIterable {
    case prefill
    case decode
}

/// The fitted figures of one GPU. Times are in µs.
///
/// - Source: benchmarks/cost/fit.py, which also prints how far they are off on held-out shapes.
struct FittedFigures: Sendable {
    /// Matrix products in one format.
    struct Product: Sendable {
        var kind: KernelFormat
        /// Logarithms: a rate and an overhead for each tiling, then launch, bandwidth and the rest.
        var physics: [Double]
        /// Coded tables (``CodedTable``), those of ``ProductTables`` one after another.
        var tables: String
    }

    /// Attention of one phase, head size and cache format.
    struct Attention: Sendable {
        var phase: Phase
        var dimension: Int
        var cache: KernelFormat
        var table: String
    }

    /// All-reduce over so many GPUs: logarithms of µs times 1000 at 2⁸, 2¹⁰, … 2³⁰ bytes.
    struct Reduction: Sendable {
        var count: Int
        var table: [Double]
    }

    var multiprocessors: Double
    var products: [Product]
    var attentions: [Attention]
    var reductions: [Reduction]
}

/// Fitted scales and overheads of serving frameworks, and of families of models on them.
struct ServingFigures: Sendable {
    struct Framework: Sendable {
        var name: String
        /// Of dense products, attention, experts and all-reduce.
        var scales: [Double]
        /// µs of a layer and of a step beside the kernels.
        var layer: Double
        var step: Double
        /// How much of others' prefills a token waits for.
        var interference: Double
    }

    /// Logarithmic factors of a family of models on a framework.
    struct Group: Sendable {
        var name: String
        var offset: Double
        /// For each doubling of concurrency beyond 32, of GPUs beyond 4, of expert parallelism.
        var concurrency: Double
        var gpus: Double
        var experts: Double
    }

    var frameworks: [Framework]
    var groups: [Group]
    var h200: Double
    /// Mean absolute error on held-out serving conditions.
    var heldOutError: Double
}
