import ApusChip
import ApusNumerics
import Testing

@Suite("a chip as data")
struct ChipTests {
    @Test("every preset is a possible chip")
    func presetsAreValid() throws {
        for chip in Chip.presets { try chip.validate() }
        #expect(Chip.presets.map(\.name) == ["nano", "nano2x2", "edge14", "cloud14", "cloud7"])
    }

    @Test("a chip file read back is the same chip, sources included")
    func filesRoundTrip() throws {
        for chip in Chip.presets {
            #expect(try Chip(json: Array(chip.json.text.utf8)) == chip)
        }
    }

    @Test("a source names an existing parameter")
    func sourcesNameParameters() {
        let names = Set(ChipParameter.all.map(\.name))
        for chip in Chip.presets { #expect(names.isSuperset(of: chip.sources.keys)) }
        #expect(names.count == ChipParameter.all.count)
    }

    @Test("a value outside its bounds is refused with field, value and bound")
    func boundsAreKept() {
        for parameter in ChipParameter.all {
            for value in [parameter.bounds.lowerBound - 1, parameter.bounds.upperBound + 1] {
                var chip = Chip.edge14
                chip[keyPath: parameter.path] = value
                #expect(
                    throws: ChipError.outOfBounds(
                        field: parameter.name, value: value, bounds: parameter.bounds,
                        unit: parameter.unit)
                ) { try chip.validate() }
            }
        }
    }

    @Test("sizes that do not fit each other are refused")
    func sizesFitEachOther() {
        var chip = Chip.cloud7
        chip.accumulatorBytes = 4096
        #expect(
            throws: ChipError.tooSmall(
                field: "accumulatorBytes", value: 4096, needed: 64 * 64 * 8,
                because: .accumulatorTile)
        ) { try chip.validate() }
        chip = .edge14
        chip.scratchpadBanks = 12
        #expect(throws: ChipError.notPowerOfTwo(field: "scratchpadBanks", value: 12)) {
            try chip.validate()
        }
        chip = .edge14
        chip.name = "my chip"
        #expect(throws: ChipError.badName("my chip")) { try chip.validate() }
    }

    @Test("a number may stand without unit and source")
    func plainNumbers() throws {
        guard case .object(let given) = Chip.nano.json else { return }
        let plain = given.map { JSONValue.Field($0.name, $0.value["value"] ?? $0.value) }
        #expect(try Chip(json: Array(JSONValue.object(plain).text.utf8)) == Chip.nano)
    }

    private func failure(_ edit: (String) -> String) -> ChipError? {
        do {
            _ = try Chip(json: Array(edit(Chip.edge14.json.text).utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("a fault in a chip file is named in one line")
    func faultsAreNamed() {
        #expect(
            failure { $0.replacing("\"queueDepth\"", with: "\"queueDeph\"") }?.description
                == "unknown field \"queueDeph\"; did you mean \"queueDepth\"?")
        #expect(
            failure { $0.replacing("\"MHz\"", with: "\"GHz\"") }?.description
                == "clockMegahertz.unit: expected \"MHz\"")
        #expect(
            failure { $0.replacing("\"lpddr5x\"", with: "\"sram\"") }?.description
                == "memoryKind: \"sram\" is none of ideal, lpddr5x, hbm2e, hbm3")
        #expect(
            failure { $0.replacing("\"value\": 800", with: "\"value\": 8e2") }?.description
                == "clockMegahertz.value: expected a whole number of MHz")
        #expect(
            failure { $0.replacing("\"value\": 800", with: "\"value\": 0") }?.description
                == "clockMegahertz: 0 MHz is outside 1...5000")
        #expect(failure { _ in "[]" } == .notAnObject)
        #expect(failure { _ in "{}" } == .missingField("name"))
        #expect(failure { String($0.dropLast(3)) } != nil)
    }
}
