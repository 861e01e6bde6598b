/// Descriptors in a few words, as comments of a listing.
public enum DescriptorText {
    /// The shape that a command's descriptor gives it; nil for words that are no descriptor.
    ///
    ///     box 160x4x1x1x1 of 160x96x1x1x1, fp32 to bf16
    ///     m 64 n 32 k 9·3·8
    ///     columns 160 rows 4 planes 1
    public static func text(_ words: [UInt32], opcode: UInt8) -> String? {
        switch opcode {
        case Opcode.load: transfer(words, isLoad: true)
        case Opcode.store: transfer(words, isLoad: false)
        case Opcode.matmul: matrix(words)
        case Opcode.vector: vector(words)
        default: nil
        }
    }

    private static func extents(_ extents: Rank5) -> String {
        (0..<Rank5.count).map { String(extents[$0]) }.joined(separator: "x")
    }

    private static func transfer(_ words: [UInt32], isLoad: Bool) -> String? {
        guard let descriptor = try? TransferDescriptor(words: words) else { return nil }
        let local = "\(descriptor.localFormat)"
        let global = "\(descriptor.globalFormat)"
        let formats = isLoad ? "\(global) to \(local)" : "\(local) to \(global)"
        let gather = descriptor.gatherDimension.map { ", gathers dimension \($0)" } ?? ""
        let reduction = descriptor.reduction == .none ? "" : ", \(descriptor.reduction)"
        return "box \(extents(descriptor.boxExtents)) of \(extents(descriptor.tensorExtents)), "
            + formats + gather + reduction
    }

    private static func matrix(_ words: [UInt32]) -> String? {
        guard let descriptor = try? MatrixDescriptor(words: words) else { return nil }
        func product(_ extents: [Int32]) -> String {
            let shown = extents.filter { $0 != 1 }
            return shown.isEmpty ? "1" : shown.map(String.init).joined(separator: "·")
        }
        return "m \(product([descriptor.m1, descriptor.m0])) "
            + "n \(product([descriptor.n1, descriptor.n0])) "
            + "k \(product([descriptor.k2, descriptor.k1, descriptor.k0]))"
    }

    private static func vector(_ words: [UInt32]) -> String? {
        guard let descriptor = try? VectorDescriptor(words: words) else { return nil }
        return "columns \(descriptor.columns) rows \(descriptor.rows) planes \(descriptor.planes)"
    }
}
