// Builds kernels for the chip's control processors and embeds them as Swift source.
//
//     apus-kernel-image OUTPUT.swift WORKFOLDER SWIFTC CLANG LLD SOURCE...
//
//     *.swift ─ swiftc (riscv32, Embedded) ─► kernels.o ┐
//     *.c *.S ─ clang ───────────────────────► *.o ─────┴ ld.lld ─► kernels.elf ─► OUTPUT.swift
//
// The plug-in KernelImage runs it. An output `KernelImage+NAME.swift` declares `KernelImage.NAME`;
// an output that ends in `.elf` is the image itself.
import Foundation

/// Prints one line and ends with status 2.
func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("apus-kernel-image: \(message)\n".utf8))
    exit(2)
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count < 6 { fail("usage: OUTPUT WORKFOLDER SWIFTC CLANG LLD SOURCE...") }
let toolchain = Toolchain(swiftc: arguments[2], clang: arguments[3], linker: arguments[4])
let output = arguments[0]
do {
    let image = try toolchain.build(Array(arguments[5...]), in: arguments[1])
    let elf = try Data(contentsOf: URL(fileURLWithPath: image))
    if output.hasSuffix(".elf") {
        try elf.write(to: URL(fileURLWithPath: output))
    } else {
        guard let entries = functions(inELF: Array(elf)) else {
            fail("\(image) is not a 32-bit ELF")
        }
        let name = output.split(separator: "/").last?.split(separator: "+").last?.dropLast(6) ?? ""
        let source = swiftSource(name: String(name), elf: Array(elf), entries: entries)
        try source.write(toFile: output, atomically: true, encoding: .utf8)
    }
} catch let failure as ToolFailure {
    fail("\(failure.tool) ended with status \(failure.status)")
} catch {
    fail("\(error)")
}
