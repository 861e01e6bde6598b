/// Ones where a kind of command has fields; a one anywhere else in a word traps.
struct FieldMask: Sendable {
    let words: SIMD8<UInt32>

    init(_ fields: [BitRange]) {
        var words = SIMD8<UInt32>.zero
        for field in fields { words[field.word] |= field.mask }
        self.words = words
    }

    static let nop = FieldMask(CommandSpec.syncFields.map(\.bits))
    static let transfer = FieldMask(CommandSpec.load.fields.map(\.bits))
    static let matmul = FieldMask(CommandSpec.matmul.fields.map(\.bits))

    static func vector(_ form: VectorOpcode.Form) -> FieldMask { vectorForms[Int(form.rawValue)] }

    private static let vectorForms = VectorOpcode.Form.allCases.map { form in
        FieldMask((CommandSpec.syncFields + CommandSpec.vectorFields(form)).map(\.bits))
    }
}
