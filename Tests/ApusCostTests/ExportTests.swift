import ApusCost
import Testing

@Suite("the export rules")
struct ExportTests {
    @Test("all twenty parts get the published classes under every rule")
    func vectors() throws {
        let rows = try Vectors.rows("export.csv", separator: ",", heading: true)
        #expect(rows.count == 20)
        for row in rows {
            let numbers = row.map { Double($0) ?? .nan }
            let part = ExportPart(
                name: row[0], teraOperations: numbers[1], bits: numbers[2], dieArea: numbers[4],
                isForDataCentres: row[6] == "1", linkBandwidth: numbers[7],
                hostBandwidth: numbers[8], memoryBandwidth: numbers[9])
            #expect(abs(part.totalProcessingPerformance - numbers[3]) < 1e-6, "\(row[0])")
            let density = try #require(part.performanceDensity)
            // The table has four significant digits.
            #expect(abs(density / numbers[5] - 1) < 6e-4, "\(row[0]): \(density)")
            #expect(part.isControlledOct2022 == (row[10] == "controlled"), "\(row[0])")
            #expect(part.classOct2023.rawValue == row[11], "\(row[0])")
            #expect(part.needsLicenceApr2025 == row[12].hasPrefix("licence"), "\(row[0])")
            #expect(part.policyJan2026.rawValue == row[13], "\(row[0])")
        }
    }

    @Test("each threshold belongs to the class that the rule's text gives it")
    func edges() {
        #expect(part(tpp: 1600, density: 5.92).classOct2023 == .a)
        #expect(part(tpp: 1600, density: 3.2).classOct2023 == .b)
        #expect(part(tpp: 2400, density: 1.6).classOct2023 == .b)
        #expect(part(tpp: 2399, density: 3.19).classOct2023 == .none)
        #expect(part(tpp: 1599, density: 100).classOct2023 == .none)
        #expect(part(tpp: 4800, density: 0.1).classOct2023 == .a)
        #expect(part(tpp: 4799, density: 1.59).classOct2023 == .none)
    }

    @Test("a part of planar dies has no density and is judged by performance alone")
    func planar() {
        var planar = part(tpp: 4799, density: 10)
        planar.dieArea = nil
        #expect(planar.performanceDensity == nil)
        #expect(planar.classOct2023 == .none)
        planar.teraOperations = 600
        #expect(planar.classOct2023 == .a)
    }

    @Test("a reticle of 14 nm stays below thirty billion transistors, 330 mm² of 7 nm do not")
    func presumption() throws {
        let n16 = try ProcessNode.named("16nm")
        let n7 = try ProcessNode.named("7nm")
        #expect(FoundryPresumption(area: Estimate(858), node: n16).isOvercome)
        #expect(FoundryPresumption(area: Estimate(328), node: n7).isOvercome)
        #expect(!FoundryPresumption(area: Estimate(330), node: n7).isOvercome)
        #expect(
            !FoundryPresumption(area: Estimate(330), node: try ProcessNode.named("28nm")).applies)
    }

    @Test("stacks of HBM are controlled without exception, LPDDR is free")
    func memory() {
        #expect(MemoryControl(bandwidth: 460, area: 92) == .controlled)
        #expect(MemoryControl(bandwidth: 280, area: 92) == .exceptionPossible)
        #expect(MemoryControl(bandwidth: 68, area: 87) == .free)
    }

    private func part(tpp: Double, density: Double) -> ExportPart {
        ExportPart(
            name: "edge", teraOperations: tpp / 8, bits: 8, dieArea: tpp / density,
            isForDataCentres: true, linkBandwidth: 0, hostBandwidth: 0, memoryBandwidth: 0)
    }
}
