import Foundation

/// A tool ended with a status other than 0; it has said why.
struct ToolFailure: Error {
    let tool: String
    let status: Int32
}

/// The stock Swift toolchain's tools, by path.
struct Toolchain {
    let swiftc: String
    let clang: String
    let linker: String

    /// Compiles and links sources for the control processor; the ELF's path.
    ///
    /// Headers and module maps among the sources say where to search for modules.
    func build(_ sources: [String], in folder: String) throws -> String {
        let objects = folder + "/objects"
        try FileManager.default.createDirectory(atPath: objects, withIntermediateDirectories: true)
        let search = Set(
            sources.filter { $0.hasSuffix(".modulemap") || $0.hasSuffix(".h") }.map {
                URL(fileURLWithPath: $0).deletingLastPathComponent().path
            }
        ).sorted().flatMap { ["-I", $0] }
        var linked: [String] = []
        for source in sources where source.hasSuffix(".S") || source.hasSuffix(".c") {
            let name = URL(fileURLWithPath: source).lastPathComponent
            let object = "\(objects)/\(name).o"
            try run(
                clang,
                [
                    "--target=riscv32-none-elf", "-march=rv32im", "-mabi=ilp32", "-O2",
                    "-ffreestanding", "-ffunction-sections",
                ] + search + ["-c", source, "-o", object])
            linked.append(object)
        }
        let swift = sources.filter { $0.hasSuffix(".swift") }
        if !swift.isEmpty {
            let object = "\(objects)/kernels.o"
            try run(
                swiftc,
                [
                    "-target", "riscv32-none-none-eabi",
                    "-enable-experimental-feature", "Embedded", "-wmo", "-O", "-no-allocations",
                    "-parse-as-library", "-swift-version", "6", "-module-name", "Kernels",
                    "-Xcc", "-march=rv32im", "-Xcc", "-mabi=ilp32",
                    "-Xfrontend", "-function-sections",
                    "-module-cache-path", folder + "/modules",
                ] + search + ["-c"] + swift + ["-o", object])
            linked.append(object)
        }
        let image = objects + "/kernels.elf"
        // Entries lie in sections marked "retain" (start.S); the rest is kept if they need it.
        try run(
            linker,
            [
                "--gc-sections", "--strip-debug",
                "--image-base=0", "-e", "0",
            ] + linked + ["-o", image])
        return image
    }

    private func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            let name = URL(fileURLWithPath: tool).lastPathComponent
            throw ToolFailure(tool: name, status: process.terminationStatus)
        }
    }
}
