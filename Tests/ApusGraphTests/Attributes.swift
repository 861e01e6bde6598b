import ApusGraph
import Testing

/// An operation as Vectors/produce.py writes it: its kind and its attributes in order.
struct Attributes {
    let values: [Any]

    func operation() throws -> ApusGraph.Operation {
        let kind = try named(0, Operation.Kind.self)
        switch kind {
        case .unary: return .unary(try named(1, Unary.self))
        case .binary: return .binary(try named(1, Binary.self))
        case .compare: return .compare(try named(1, Comparison.self))
        case .select: return .select
        case .clamp: return .clamp
        case .convert:
            let rounding = try named(3, Conversion.Rounding.self)
            return .convert(Conversion(to: try type(1), saturates: try flag(2), rounding: rounding))
        case .bitcast: return .bitcast(try type(1))
        case .reshape: return .reshape(Shape(try list(1)))
        case .transpose: return .transpose(try list(1))
        case .broadcast: return .broadcast(Shape(try list(1)))
        case .slice:
            return .slice(Slice(starts: try list(1), counts: try list(2), strides: try list(3)))
        case .pad:
            return .pad(Padding(low: try list(1), high: try list(2), interior: try list(3)))
        case .concatenate: return .concatenate(axis: try integer(1))
        case .iota: return .iota(TensorType(try type(1), Shape(try list(2))), axis: try integer(3))
        case .gather: return .gather(axis: try integer(1))
        case .gatherND: return .gatherND(batchDimensions: try integer(1))
        case .gatherElements: return .gatherElements(axis: try integer(1))
        case .scatterElements:
            let reduction = try named(2, ScatterReduction.self)
            return .scatterElements(axis: try integer(1), reduction)
        case .scatterND: return .scatterND(try named(1, ScatterReduction.self))
        default: return try contractionOrFold(kind)
        }
    }

    private func contractionOrFold(_ kind: Operation.Kind) throws -> ApusGraph.Operation {
        switch kind {
        case .dot:
            return .dot(
                Dot(
                    leftBatch: try list(1), rightBatch: try list(2), leftContracting: try list(3),
                    rightContracting: try list(4), resultType: try type(5)))
        case .convolution:
            return .convolution(
                Convolution(
                    strides: try list(1), low: try list(2), high: try list(3),
                    inputDilations: try list(4), weightDilations: try list(5),
                    groups: try integer(6), resultType: try type(7)))
        case .reduce:
            let reduction = try named(1, Reduction.self)
            return .reduce(reduction, axes: try list(2), keepDimensions: try flag(3))
        case .argument:
            return .argument(
                ArgumentReduction(
                    axis: try integer(1), largest: try flag(2), keepDimension: try flag(3),
                    selectsLast: try flag(4)))
        case .reduceWindow:
            return .reduceWindow(
                try named(1, WindowReduction.self),
                Window(
                    extents: try list(2), strides: try list(3), low: try list(4),
                    high: try list(5), dilations: try list(6)))
        case .scan:
            return .scan(
                Scan(
                    try named(1, Scan.Fold.self), axis: try integer(2),
                    isExclusive: try flag(3), isReversed: try flag(4)))
        case .sort:
            return .sort(
                Sort(axis: try integer(1), count: try integer(2), descending: try flag(3)))
        default:
            #expect(kind == .random)
            let seed = UInt64(try integer(2))
            return .random(Random(shape: Shape(try list(1)), seed: seed))
        }
    }

    private func text(_ position: Int) throws -> String {
        try #require(values[position] as? String)
    }
    private func integer(_ position: Int) throws -> Int { try #require(values[position] as? Int) }
    private func flag(_ position: Int) throws -> Bool { try #require(values[position] as? Bool) }
    private func list(_ position: Int) throws -> [Int] { try #require(values[position] as? [Int]) }
    private func type(_ position: Int) throws -> ElementType {
        try description(try text(position))
    }
    private func named<Value: RawRepresentable>(
        _ position: Int, _: Value.Type
    ) throws -> Value where Value.RawValue == String {
        let name = try text(position)
        return try #require(Value(rawValue: name))
    }
    private func description(_ name: String) throws -> ElementType {
        try #require(ElementType(description: name))
    }
}
