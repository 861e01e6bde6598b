import ApusISA

/// The page about descriptors.
enum DescriptorPage {
    static func text() -> String {
        """
        # Descriptors

        A descriptor lies in argument memory at a multiple of \(AddressMap.descriptorAlignment)
        bytes and holds what commands on the same tensors share. Words that are not listed are zero.
        Extents are int32 and not negative; an extent of zero means that nothing is done.

        \(DescriptorSpec.all.map(section).joined(separator: "\n"))
        """
    }

    private static func section(_ spec: DescriptorSpec) -> String {
        """
        ## \(spec.name)

        \(spec.summary) \(spec.wordCount) words.

        | words | field | meaning |
        |---|---|---|
        \(spec.fields.map(row).joined(separator: "\n"))

        """
    }

    private static func row(_ field: DescriptorSpec.Field) -> String {
        let first = field.bits.word
        let words = field.count == 1 ? "\(first)" : "\(first)–\(first + field.count - 1)"
        let bits = field.bits.widthBits == 32 ? "" : "[\(field.bits.high):\(field.bits.low)]"
        return "| \(words)\(bits) | \(field.name) | \(field.meaning) |"
    }
}

/// The page that lists all commands.
public enum IndexPage {
    public static func text() -> String {
        """
        # The command set

        A command is 256 bits, eight little-endian words, and carries its own waits and post. See
        [Addresses, registers, semaphores, traps](machine.md) and [Descriptors](descriptors.md).

        | opcode | command | meaning | |
        |---|---|---|---|
        \(CommandSpec.all.map(row).joined(separator: "\n"))

        """
    }

    private static func row(_ spec: CommandSpec) -> String {
        let opcode = "`0x\(Hexadecimal.text(spec.opcode, digits: 2))`"
        let formula = spec.formula.replacing("|", with: "\\|")
        return
            "| \(opcode) | [\(spec.mnemonic)](\(spec.mnemonic).md) | \(formula) | \(spec.summary) |"
    }
}
