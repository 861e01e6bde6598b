import ApusChip

/// A file that is made from the tables and committed with them.
public struct GeneratedFile: Sendable, Hashable {
    /// Path from the repository's root.
    public let path: String
    public let text: String

    /// All generated files, in the order of their paths.
    public static func all() -> [GeneratedFile] {
        let notice = CommandPage.notice
        var files = [
            GeneratedFile(path: "Kernels/include/apus_isa.h", text: CHeader.text()),
            GeneratedFile(path: "rtl/generated/apus_isa_pkg.sv", text: SystemVerilogPackage.text()),
            GeneratedFile(
                path: "rtl/generated/apus_command_check.sv", text: CommandCheckModule.text()),
            GeneratedFile(path: "rtl/generated/apus_chip.h", text: ChipPackage.header(.nano)),
            GeneratedFile(path: "rtl/generated/apus_chip_pkg.sv", text: ChipPackage.text(.nano)),
            GeneratedFile(
                path: "rtl/generated/nano2x2/apus_chip.h", text: ChipPackage.header(.nano2x2)),
            GeneratedFile(
                path: "rtl/generated/nano2x2/apus_chip_pkg.sv", text: ChipPackage.text(.nano2x2)),
            GeneratedFile(path: "docs/isa/README.md", text: notice + IndexPage.text()),
            GeneratedFile(path: "docs/isa/descriptors.md", text: notice + DescriptorPage.text()),
            GeneratedFile(path: "docs/isa/machine.md", text: notice + MachinePage.text()),
            GeneratedFile(path: "docs/chip.svg", text: CorePicture.text(.edge14)),
        ]
        files += CommandPage.pages()
        files += MicroROM.files()
        files.append(GeneratedFile(path: ClockPrograms.path, text: ClockPrograms.text()))
        return files.sorted { $0.path < $1.path }
    }
}

/// Spellings of names in other languages.
enum Spelling {
    /// `waitAValue` as `WAIT_A_VALUE`.
    static func constant(_ name: String) -> String { snake(name).uppercased() }

    /// `waitAValue` as `wait_a_value`.
    static func snake(_ name: String) -> String {
        var result = ""
        var previousIsUpper = true
        for character in name {
            if character.isUppercase && !previousIsUpper { result += "_" }
            if character.isUppercase && previousIsUpper && result.count > 1 { result += "_" }
            result += character.lowercased()
            previousIsUpper = character.isUppercase
        }
        return result
    }
}
