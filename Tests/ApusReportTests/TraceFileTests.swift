import ApusChip
import ApusISA
import ApusKernels
import ApusMachine
import ApusReport
import ApusRuntime
import Testing

@Suite("what runs took")
struct TraceFileTests {
    /// A copy of 64 bytes through the scratchpad, twice.
    private static func launches() -> [Launch] {
        let transfer = TransferDescriptor(
            base: LoadedProgram.arenaAddress, globalFormat: .int8, localFormat: .int8,
            gatherDimension: nil,
            reduction: .none, fill: 0, tensorExtents: Rank5([64], fill: 1),
            boxExtents: Rank5([64], fill: 1), globalStrides: Rank5([1], fill: 0),
            localStrides: Rank5([1], fill: 0), indexTable: 0)
        let program = TileProgram(
            grid: [2], slots: [Slot(address: 0, bytes: 64)],
            beforeChunks: [
                .load(Move(Place(0), transfer: transfer, coordinates: [])),
                .store(Move(Place(0), transfer: transfer, coordinates: [])),
            ])
        return [
            Launch(
                kernel: "apus_tile", arguments: program.encode().arguments, relocations: [],
                label: "copy \"x\"")
        ]
    }

    @Test("a trace is JSON whose slices lie within its launches, and a store follows its load")
    func trace() throws {
        let device = try SimulatedDevice(chip: .nano, memory: .channels, seed: 1)
        var text = ""
        var trace = TraceFile(chip: .nano, coresMax: 1) { text += $0 }
        var commands: [ClockedCommand] = []
        device.setRecorder { commands.append($0) }
        let report = try device.run(Self.launches(), of: .apus)
        for command in commands { trace.add(command, offset: 0) }
        let timing = report.launches[0].timing
        trace.add(part: "copy \"x\"", begin: timing.begin, end: timing.end, note: "")
        trace.close()
        let value = try JSONValue(reading: Array(text.utf8))
        guard case .array(let events)? = value["traceEvents"] else {
            Issue.record("no events")
            return
        }
        let phases = events.compactMap { event -> String? in
            if case .string(let phase)? = event["ph"] { phase } else { nil }
        }
        // A load, which is not repeated, two stores, and the launch.
        #expect(phases.filter { $0 == "X" }.count == 4)
        #expect(phases.filter { $0 == "s" }.count == phases.filter { $0 == "f" }.count)
        #expect(phases.contains("s"))
        #expect(trace.commands == 3)
        for command in commands {
            #expect(command.began >= timing.begin && command.ended <= timing.end)
        }
    }

    @Test("shares of the peaks follow from cycles and need")
    func shares() {
        var time = ModelTime(title: "two <launches>", chip: .cloud7, chips: 2)
        time.parts = [
            .init(label: "a", group: "g", stage: 0, cycles: 1000, count: 3, timing: nil),
            .init(label: "b", group: "g", stage: 0, cycles: 500, count: 2, timing: nil),
        ]
        #expect(time.cycles == 4000)
        #expect(time.exchangeCycles == 4000)
        let cells = 2 * 64 * Chip.cloud7.matrixRows * Chip.cloud7.matrixColumns
        time.need = .init(multiplyAdds: cells * 1000, byteMultiplyAdds: cells * 4000, bytes: 0)
        #expect(abs(time.matrixShare - 0.5) < 1e-12)
        let page = ReportPage(
            time, timeline: Timeline(core: 0), energy: nil, command: "apus report")
        #expect(page.html.contains("two &lt;launches&gt;"))
        #expect(!page.html.contains("<script"))
        #expect(!page.html.contains("http"))
    }
}
