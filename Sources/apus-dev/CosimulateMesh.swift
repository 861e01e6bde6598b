import ApusChip
import ApusCosimulation
import ApusRTL
import ArgumentParser

/// `apus-dev cosimulate-mesh`: random programs of four cores on the emulator and on the RTL.
struct CosimulateMesh: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run random programs of several cores on the emulator and the RTL of nano2x2.")

    @Option(help: "How many programs.")
    var programs = 50

    @Option(help: "The seed of the first program; those that follow have the next ones.")
    var seed: UInt64 = 1

    @Option(help: "The model, as rtl/bench/build_chip.sh builds it.")
    var model = RTLModel.defaultPath(chip: .nano2x2)

    func run() throws {
        let cosimulation = try MeshCosimulation(libraryPath: model, chip: .nano2x2)
        for number in 0..<programs {
            let seed = seed &+ UInt64(number)
            if let difference = try cosimulation.run(seed: seed) {
                print("program of seed \(seed): \(difference)")
                throw ExitCode(1)
            }
        }
        print("\(cosimulation.cycles) cycles")
        print("rtl.mesh_programs: \(programs)")
    }
}
