import ApusCost
import Foundation
import Testing

@Suite("explorations")
struct ExploreTests {
    private func exploration() throws -> Exploration {
        let question = try Question(
            model: try .named("llama-3.1-8b"), phase: .decode, context: 2048, serviceLevel: 50)
        return try Exploration(
            question: question, node: try .named("7nm"), area: 400, power: 300,
            mustBeUncontrolled: false, designs: 120, rounds: 4)
    }

    private func path() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    }

    private func searched(parts: Int) throws -> [String] {
        let path = path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var state = try ExplorationProgress(path: path, try exploration())
        for round in 0..<4 {
            for part in (0..<parts).reversed() {
                var worker = try ExplorationProgress(path: path, try exploration())
                try worker.work(round: round, part: part, of: parts)
            }
            try state.refresh()
        }
        #expect(state.outcomes.count == 120)
        return state.table(Exploration.front(state.outcomes))
            .split(separator: "\n").map(String.init)
    }

    @Test("the front is the same however many share the work, and in any order")
    func shares() throws {
        let one = try searched(parts: 1)
        #expect(one.count > 2)
        #expect(try searched(parts: 3) == one)
    }

    @Test("killed anywhere and resumed, nothing is lost or repeated")
    func resumed() throws {
        let whole = path()
        defer { try? FileManager.default.removeItem(atPath: whole) }
        var state = try ExplorationProgress(path: whole, try exploration())
        for round in 0..<4 { try state.work(round: round, part: 0, of: 1) }
        let bytes = try #require(try TextFile.read(whole))
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5 {
            // A kill may leave a file that ends anywhere after its heading, within a line too.
            let heading = try #require(bytes.firstIndex(of: 0x0A))
            let cut = Int.random(in: heading + 1..<bytes.count, using: &random)
            let part = path()
            defer { try? FileManager.default.removeItem(atPath: part) }
            try TextFile.write(String(decoding: bytes[..<cut], as: UTF8.self), to: part)
            var resumed = try ExplorationProgress(path: part, try exploration())
            for round in 0..<4 { try resumed.work(round: round, part: 0, of: 1) }
            #expect(resumed.outcomes.count == 120, "cut at \(cut)")
            #expect(Set(resumed.outcomes) == Set(state.outcomes), "cut at \(cut)")
            #expect(try TextFile.read(part)?.count == bytes.count, "cut at \(cut)")
        }
    }

    @Test("no member of a front beats another, and every other design is beaten or equal")
    func front() throws {
        let path = path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var state = try ExplorationProgress(path: path, try exploration())
        for round in 0..<4 { try state.work(round: round, part: 0, of: 1) }
        let front = Exploration.front(state.outcomes).compactMap(\.figures)
        func beats(_ a: Exploration.Figures, _ b: Exploration.Figures) -> Bool {
            a != b && a.tokensPerSecond >= b.tokensPerSecond
                && a.joulesPerToken <= b.joulesPerToken
                && a.dollarsPerMillion <= b.dollarsPerMillion && a.area <= b.area
        }
        for a in front { for b in front { #expect(!beats(a, b)) } }
        for figures in state.outcomes.compactMap(\.figures) {
            #expect(figures.area <= 400)
            let isOn = front.contains { $0 == figures }
            #expect(isOn || front.contains { beats($0, figures) })
        }
    }

    @Test("a file of another search or kind is refused with what would work")
    func otherFiles() throws {
        let path = path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TextFile.write("hello\n", to: path)
        #expect(throws: CostError.badProgress(path: path, reason: .notAnExploration)) {
            try ExplorationProgress(path: path, try exploration())
        }
        try TextFile.write("apus-explore 1 another\n", to: path)
        #expect(throws: CostError.badProgress(path: path, reason: .otherQuestion)) {
            try ExplorationProgress(path: path, try exploration())
        }
        try TextFile.write("", to: path)
        _ = try ExplorationProgress(path: path, try exploration())
        try TextFile.append("0 0 x\n", to: path)
        #expect(throws: CostError.badProgress(path: path, reason: .brokenLine(2))) {
            try ExplorationProgress(path: path, try exploration())
        }
    }
}
