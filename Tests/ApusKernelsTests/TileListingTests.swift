import ApusISA
import ApusKernels
import Testing

@Suite("A listing has the commands of the tile program that was encoded")
struct TileListingTests {
    @Test("every command, in its phase and order, whatever buffers and needs its record has")
    func commands() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        for number in 0..<200 {
            let program = randomTileProgram(&random)
            let listing = try #require(
                TileListing(arguments: program.encode().arguments),
                "seed \(seed), program \(number)")
            let phases = zip(
                TileListing.Phase.allCases,
                [program.beforeChunks, program.eachChunk, program.afterChunks])
            for (phase, commands) in phases {
                let entries = listing.entries.filter { $0.phase == phase }
                #expect(
                    entries.map { TileListingTests.engine($0.template.opcode) }
                        == commands.map(TileListingTests.engine),
                    "seed \(seed), program \(number), \(phase)")
            }
        }
    }

    private static func engine(_ opcode: UInt8) -> Engine {
        switch opcode {
        case Opcode.load: .load
        case Opcode.store: .store
        case Opcode.matmul: .matrix
        default: .vector
        }
    }

    private static func engine(_ command: TileCommand) -> Engine {
        switch command {
        case .load: .load
        case .store: .store
        case .matrix: .matrix
        case .vector: .vector
        }
    }
}
