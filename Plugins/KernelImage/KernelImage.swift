import Foundation
import PackagePlugin

/// Builds the chip's kernels with the toolchain that builds the package, and embeds them.
///
/// One build command runs `apus-kernel-image`, which compiles, links and writes the Swift source
/// that the target is compiled with. Its intermediate files are no outputs of the command: SwiftPM
/// would take them for resources. The command runs again when a kernel's source changes.
@main
struct KernelImage: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let package = context.package.directoryURL
        let kernels = package.appending(path: "Kernels")
        let work = context.pluginWorkDirectoryURL
        let output = work.appending(path: "KernelImage+Apus.swift")
        let tools = try ["swiftc", "clang", "ld.lld"].map { try context.tool(named: $0).url }
        let sources = try ["", "Device", "include"].map { kernels.appending(path: $0) }.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                .filter { $0.contains(".") }.map { folder.appending(path: $0) }
        }
        let layout = package.appending(path: "Sources/ApusKernels/ArgumentLayout.swift")
        let inputs = sources + [layout]
        return [
            .buildCommand(
                displayName: "Building the chip's kernels",
                executable: try context.tool(named: "apus-kernel-image").url,
                arguments: [output.path, work.path] + (tools + inputs).map(\.path),
                inputFiles: inputs + [try context.tool(named: "apus-kernel-image").url],
                outputFiles: [output])
        ]
    }
}
