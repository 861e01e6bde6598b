import Foundation

/// The repository's files, as the tests of the house read them.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The text of a file; empty if it is missing.
    static func text(_ path: String) -> String {
        let url = root.appendingPathComponent(path)
        return FileManager.default.contents(atPath: url.path)
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Paths of the files under `folder` that end so, in order.
    static func files(under folder: String, endingIn suffixes: [String]) -> [String] {
        let url = root.appendingPathComponent(folder)
        let found = FileManager.default.enumerator(atPath: url.path)
        let paths = (found?.allObjects as? [String]) ?? []
        return paths.filter { path in suffixes.contains { path.hasSuffix($0) } }
            .map { folder + "/" + $0 }.sorted()
    }

    /// Swift files of the project, tests included.
    static var swiftFiles: [String] {
        ["Sources", "Tests", "Kernels", "Plugins"].flatMap {
            files(under: $0, endingIn: [".swift"])
        }
    }

    /// C files of the project.
    static var cFiles: [String] {
        ["Sources", "Kernels"].flatMap { files(under: $0, endingIn: [".c", ".h"]) }
    }
}
