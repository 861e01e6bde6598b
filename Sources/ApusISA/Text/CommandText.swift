import ApusNumerics

/// Commands as lines of text: the mnemonic, then `field=value` for every field that is not zero.
///
///     load descriptor=0x40 local=0x1000 coordinate1=-1 waitA=4 waitAValue=17 post=1 postCount=1
///     fma d=0x0 a=0x100 b=0x3F800000 bImmediate=1 c=0x200 descriptor=0x80 dFormat=bf16
///
/// Formats and roundings have their names, addresses are hexadecimal, all else is decimal. Fields
/// that are left out are zero.
public enum CommandText {
    /// The line of a command.
    ///
    /// - Throws: ``DecodeError`` if the words are not a command.
    public static func disassemble(_ word: CommandWord) throws(DecodeError) -> String {
        _ = try Command(decoding: word)
        guard let spec = CommandSpec.spec(opcode: word.opcode) else {
            throw .unknownOpcode(word.opcode)
        }
        var line = spec.mnemonic
        for field in order(spec.fields) where word[field.bits] != 0 {
            line += " \(field.name)=\(text(word[field.bits], of: field))"
        }
        return line
    }

    /// The words of a line.
    ///
    /// - Throws: ``AssemblyError`` for the first fault.
    public static func assemble(_ line: some StringProtocol) throws(AssemblyError) -> CommandWord {
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard let first = parts.first else { throw .emptyLine }
        let mnemonic = String(first)
        guard let spec = CommandSpec.spec(mnemonic: mnemonic) else {
            throw .unknownMnemonic(mnemonic)
        }
        var word = CommandWord(words: .zero)
        word[CommandFields.opcode] = UInt32(spec.opcode)
        var given: Set<String> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard let field = spec.fields.first(where: { $0.name == name && name != "opcode" })
            else { throw .unknownField(name, mnemonic: mnemonic) }
            if !given.insert(name).inserted { throw .duplicateField(name) }
            word[field.bits] = try value(pair.count == 2 ? String(pair[1]) : "", of: field)
        }
        do { _ = try Command(decoding: word) } catch { throw .notACommand(error) }
        return word
    }

    /// Operands first, waits and post last.
    private static func order(_ fields: [FieldSpec]) -> [FieldSpec] {
        fields.filter { $0.role != .sync && $0.name != "opcode" }
            + fields.filter { $0.role == .sync }
    }

    private static func isFormat(_ field: FieldSpec) -> Bool { field.name.hasSuffix("Format") }

    private static func isSigned(_ field: FieldSpec) -> Bool {
        field.name.hasPrefix("coordinate")
    }

    private static func text(_ value: UInt32, of field: FieldSpec) -> String {
        if isFormat(field), let format = ElementFormat(rawValue: UInt8(value)) {
            return "\(format)"
        }
        if field.name == "rounding", let rule = RoundingRule(rawValue: UInt8(value)) {
            return "\(rule)"
        }
        if isSigned(field) {
            let unused = UInt32(32 - field.bits.widthBits)
            return String(Int32(bitPattern: value << unused) >> Int32(unused))
        }
        if field.bits.widthBits == 32 { return "0x" + Hexadecimal.text(value, digits: 1) }
        return String(value)
    }

    private static func value(
        _ text: String, of field: FieldSpec
    ) throws(AssemblyError) -> UInt32 {
        if isFormat(field), let format = ElementFormat.allCases.first(where: { "\($0)" == text }) {
            return UInt32(format.rawValue)
        }
        if field.name == "rounding",
            let rule = RoundingRule.allCases.first(where: { "\($0)" == text })
        {
            return UInt32(rule.rawValue)
        }
        let number = text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
        guard let number, !text.hasPrefix("0x-"), !text.hasPrefix("0x+") else {
            throw .badValue(field: field.name, value: text)
        }
        let signedLimit = Int64(1) << (field.bits.widthBits - 1)
        let fits =
            isSigned(field)
            ? (-signedLimit..<signedLimit).contains(number)
            : (0...Int64(field.bits.valueMax)).contains(number)
        if !fits {
            throw .tooLarge(field: field.name, value: text, widthBits: field.bits.widthBits)
        }
        return UInt32(truncatingIfNeeded: number) & field.bits.valueMax
    }
}
