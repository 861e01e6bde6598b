import ApusGenerate
import Foundation
import Testing

@Suite("generated files")
struct GeneratedFileTests {
    @Test("every generated file is as its tables say; `apus-dev generate` renews them")
    func notStale() {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        for file in GeneratedFile.all() {
            let text = FileManager.default.contents(
                atPath: root.appendingPathComponent(file.path).path)
            #expect(text == Data(file.text.utf8), "stale: \(file.path)")
        }
    }

    @Test("there is a page for every command, and no page without one")
    func pagesMatchCommands() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let pages = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("docs/isa").path)
        let generated = GeneratedFile.all().map(\.path).filter { $0.hasPrefix("docs/isa/") }
        #expect(Set(pages.map { "docs/isa/" + $0 }) == Set(generated))
    }
}
