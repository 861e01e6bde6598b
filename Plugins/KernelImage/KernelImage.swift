import Foundation
import PackagePlugin

/// Builds a target's kernels for the chip with the toolchain that builds the package, and embeds
/// them.
///
/// The sources are the files in the target's folder `Kernels` (which the target must exclude), or,
/// for ApusKernels, in the package's. One build command runs `apus-kernel-image`, which compiles,
/// links and writes the Swift source that the target is compiled with. Its intermediate files are
/// no outputs of the command: SwiftPM would take them for resources.
@main
struct KernelImage: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let apus = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let device = apus.appending(path: "Kernels")
        let isApus = target.name == "ApusKernels"
        var inputs = try files(device.appending(path: "Device"))
        inputs += try files(device.appending(path: "include"))
        if isApus {
            inputs += try files(device)
            inputs.append(apus.appending(path: "Sources/ApusKernels/ArgumentLayout.swift"))
        } else {
            inputs += try files(target.directoryURL.appending(path: "Kernels"))
        }
        let work = context.pluginWorkDirectoryURL
        let name = isApus ? "apus" : "embedded"
        let output = work.appending(path: "KernelImage+\(name).swift")
        let tools = try ["swiftc", "clang", "ld.lld"].map { try context.tool(named: $0).url }
        let builder = try context.tool(named: "apus-kernel-image").url
        return [
            .buildCommand(
                displayName: "Building kernels of \(target.name)",
                executable: builder,
                arguments: [output.path, work.path] + (tools + inputs).map(\.path),
                inputFiles: inputs + [builder],
                outputFiles: [output])
        ]
    }

    /// The files of a folder, without its subfolders.
    private func files(_ folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.contains(".") }.map { folder.appending(path: $0) }
    }
}
