extension CommandSpec {
    /// The fields that Vector commands of a form have beside the common ones.
    static func vectorFields(_ form: VectorOpcode.Form) -> [FieldSpec] {
        let d = FieldSpec("d", CommandFields.vectorD, .write, "Local address of the destination.")
        let a = FieldSpec("a", CommandFields.vectorA, .read, "Local address of the source a.")
        let b = FieldSpec(
            "b", CommandFields.vectorB, .read, "Local address of the source b, or an immediate.")
        let c = FieldSpec(
            "c", CommandFields.vectorC, .read, "Local address of the source c, or an immediate.")
        let aFormat = FieldSpec(
            "aFormat", CommandFields.aFormat, .value,
            "Format of a; it also says whether FP32 or INT32 is computed.")
        let bFormat = FieldSpec("bFormat", CommandFields.bFormat, .value, "Format of b.")
        let cFormat = FieldSpec("cFormat", CommandFields.cFormat, .value, "Format of c.")
        let bImmediate = FieldSpec(
            "bImmediate", CommandFields.bImmediate, .value, "1: word 4 is the value of b.")
        let cImmediate = FieldSpec(
            "cImmediate", CommandFields.cImmediate, .value, "1: word 5 is the value of c.")
        let common = [
            d,
            FieldSpec(
                "descriptor", CommandFields.vectorDescriptor, .descriptor,
                "Byte offset of the vector descriptor in argument memory, a multiple of 16."),
            FieldSpec("dFormat", CommandFields.dFormat, .value, "Format of the destination."),
            FieldSpec(
                "rounding", CommandFields.rounding, .value,
                "Rule of the conversion to d, a `RoundingRule`."),
        ]
        switch form {
        case .unary, .reduction: return common + [a, aFormat]
        case .binary: return common + [a, aFormat, b, bFormat, bImmediate]
        case .ternary:
            return common + [a, aFormat, b, bFormat, bImmediate, c, cFormat, cImmediate]
        case .scan:
            return common + [
                a, aFormat, bImmediate,
                FieldSpec(
                    "exclusive", CommandFields.scanExclusive, .value,
                    "1: a column's result leaves out the column itself."),
                FieldSpec(
                    "reverse", CommandFields.scanReverse, .value,
                    "1: from the last column to the first."),
            ]
        case .topk:
            let count = FieldSpec("b", CommandFields.vectorB, .value, "How many of the largest.")
            let indices = FieldSpec(
                "c", CommandFields.vectorC, .write, "Local address of the INT32 indices.")
            return common + [a, aFormat, count, bImmediate, indices, cFormat]
        case .iota:
            let start = FieldSpec("b", CommandFields.vectorB, .value, "Value of column 0.")
            let step = FieldSpec("c", CommandFields.vectorC, .value, "From column to column.")
            return common + [aFormat, start, bImmediate, step, cImmediate]
        case .random:
            let low = FieldSpec("b", CommandFields.vectorB, .value, "Low word of the key.")
            let high = FieldSpec("c", CommandFields.vectorC, .value, "High word of the key.")
            return common + [low, bImmediate, high, cImmediate]
        }
    }
}
