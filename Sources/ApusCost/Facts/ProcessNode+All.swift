extension ProcessNode {
    /// Every process, oldest first.
    public static let all = [n28, n16, smic14, n7, smicN2, n5, n4]

    private static let wafers =
        "CSET, AI Chips (Khan and Mann, 2020): sale price of a 300 mm wafer, a model of one year"
    private static let defectModels =
        "low: Chiplet Actuary (DAC 2022); high: Princeton ttm-cas supply_chain_model.py"
    private static let masks = "IC Knowledge by way of Princeton ttm-cas"
    private static let designs = "Chiplet Actuary (DAC 2022): IBS-style, on the high side"
    private static let kiln = "WikiChip's peak densities as relayed in public documents"

    private static let synthesised =
        "what synthesis of the RTL met with ASAP7 (986 ps); newer processes are not held to more"
    private static let finFET14 =
        "at most 1000 / 1.2: SMIC's N+1 performs 20 % better than its 14 nm (AnandTech); 800 as "
        + "edge14 and cloud14 have"

    static let n28 = ProcessNode(
        name: "28nm", process: "TSMC 28HPC",
        density: Fact("density.28nm", 14, 15.3, 16, "MTr/mm²", .relayed, "CSET; \(kiln)"),
        bitCell: Fact("bitcell.28nm", 0.12, 0.127, 0.13, "µm²", .remembered, "TSMC 28HPC, IEDM"),
        waferPrice: Fact("wafer.price.28nm", 2600, 2891, 3300, "USD", .relayed, wafers),
        defects: Fact("defects.28nm", 0.05, 0.07, 0.08, "1/cm²", .read, defectModels),
        energyScale: Fact(
            "energy.scale.28nm", 3, 4, 6, "1", .assumed,
            "between the 45 nm (7.1) and 16 nm (2.5) scales of nodes tabulated publicly"),
        clock: Fact(
            "clock.28nm", 500, 600, 700, "MHz", .assumed, "planar: a quarter below FinFETs"),
        maskSet: Fact("masks.28nm", 1.0e6, 1.2e6, 1.5e6, "USD", .read, masks),
        design: Fact("design.28nm", 2.0e7, 5.1e7, 6e7, "USD", .read, designs),
        isNonPlanar: false, isDomestic: false)

    static let n16 = ProcessNode(
        name: "16nm", process: "TSMC 16FF+",
        density: Fact("density.16nm", 25, 28.9, 33.8, "MTr/mm²", .relayed, "CSET; \(kiln)"),
        bitCell: Fact("bitcell.16nm", 0.070, 0.074, 0.080, "µm²", .relayed, kiln),
        waferPrice: Fact("wafer.price.16nm", 3600, 3984, 4500, "USD", .relayed, wafers),
        defects: Fact("defects.16nm", 0.08, 0.08, 0.10, "1/cm²", .read, defectModels),
        energyScale: Fact(
            "energy.scale.16nm", 1.7, 2.5, 3, "1", .relayed,
            "expected: public node tables; low: Stillmaker and Baas 2017, 16 nm 0.8 V to 7 nm"),
        clock: Fact("clock.16nm", 700, 800, 833, "MHz", .relayed, finFET14),
        maskSet: Fact("masks.16nm", 2.4e6, 2.82e6, 3.5e6, "USD", .read, masks),
        design: Fact("design.16nm", 5e7, 1.06e8, 1.3e8, "USD", .read, designs),
        isNonPlanar: true, isDomestic: false)

    static let smic14 = ProcessNode(
        name: "14nm", process: "SMIC 14 nm FinFET",
        density: Fact(
            "density.14nm", 25, 30, 33.8, "MTr/mm²", .assumed,
            "no public figure: taken as of the class of TSMC 16FF"),
        bitCell: Fact(
            "bitcell.14nm", 0.074, 0.080, 0.090, "µm²", .assumed,
            "no public figure: taken as of the class of TSMC 16FF"),
        waferPrice: Fact(
            "wafer.price.14nm", 3984, 4800, 5600, "USD", .assumed,
            "CSET's 16/14 nm price times 1.0 to 1.4"),
        defects: Fact(
            "defects.14nm", 0.1, 0.15, 0.3, "1/cm²", .assumed,
            "no public figure: ttm-cas's 14 nm and up to three times that"),
        energyScale: Fact(
            "energy.scale.14nm", 1.7, 2.5, 3, "1", .relayed,
            "as 16 nm; low: Stillmaker and Baas 2017, 14 nm 0.8 V to 7 nm 0.75 V"),
        clock: Fact("clock.14nm", 700, 800, 833, "MHz", .relayed, finFET14),
        maskSet: Fact("masks.14nm", 2.4e6, 2.82e6, 4e6, "USD", .read, masks),
        design: Fact("design.14nm", 3e7, 1.06e8, 1.3e8, "USD", .read, designs),
        isNonPlanar: true, isDomestic: true)

    static let n7 = ProcessNode(
        name: "7nm", process: "TSMC N7",
        density: Fact("density.7nm", 82, 91.2, 96.3, "MTr/mm²", .relayed, "\(kiln); high: CSET"),
        bitCell: Fact("bitcell.7nm", 0.027, 0.027, 0.030, "µm²", .relayed, "TSMC, IEDM 2016"),
        waferPrice: Fact("wafer.price.7nm", 8500, 9346, 10500, "USD", .relayed, wafers),
        defects: Fact(
            "defects.7nm", 0.09, 0.09, 0.15, "1/cm²", .read,
            "TSMC symposium 2020 (AnandTech 16028); high: ttm-cas"),
        energyScale: Fact("energy.scale.7nm", 1, 1, 1, "1", .chosen, "the reference node"),
        clock: Fact("clock.7nm", 900, 1000, 1000, "MHz", .read, synthesised),
        maskSet: Fact("masks.7nm", 8e6, 1.05e7, 1.2e7, "USD", .read, masks),
        design: Fact("design.7nm", 1e8, 2.98e8, 3.5e8, "USD", .read, designs),
        isNonPlanar: true, isDomestic: false)

    static let smicN2 = ProcessNode(
        name: "n+2", process: "SMIC N+2 (a 7 nm class)",
        density: Fact(
            "density.n+2", 80, 89, 98, "MTr/mm²", .assumed,
            "TechInsights by way of SemiWiki: N+1 89, N+2 a tenth denser"),
        bitCell: Fact("bitcell.n+2", 0.027, 0.030, 0.034, "µm²", .assumed, "no public figure"),
        waferPrice: Fact(
            "wafer.price.n+2", 13000, 13550, 14000, "USD", .relayed,
            "Financial Times, February 2024: 1.40 to 1.50 times TSMC's"),
        defects: Fact(
            "defects.n+2", 0.09, 0.20, 0.50, "1/cm²", .assumed,
            "what 50 % (910B) and 20 to 40 % (910C) yield imply for 666 mm² (Reuters, FT)"),
        energyScale: Fact(
            "energy.scale.n+2", 1.0, 1.15, 1.3, "1", .assumed, "public node tables' 1.1 to 1.3"),
        clock: Fact("clock.n+2", 900, 1000, 1000, "MHz", .read, synthesised),
        maskSet: Fact("masks.n+2", 8e6, 1.05e7, 1.6e7, "USD", .assumed, "as 7 nm, more exposures"),
        design: Fact("design.n+2", 1e8, 2.98e8, 3.5e8, "USD", .read, designs),
        isNonPlanar: true, isDomestic: true)

    static let n5 = ProcessNode(
        name: "5nm", process: "TSMC N5",
        density: Fact("density.5nm", 130, 138.2, 171, "MTr/mm²", .relayed, "\(kiln); high: CSET"),
        bitCell: Fact("bitcell.5nm", 0.021, 0.021, 0.023, "µm²", .relayed, "TSMC, IEDM 2019"),
        waferPrice: Fact("wafer.price.5nm", 13495, 15000, 16988, "USD", .relayed, wafers),
        defects: Fact(
            "defects.5nm", 0.09, 0.10, 0.20, "1/cm²", .read, "AnandTech 16028; high: ttm-cas"),
        energyScale: Fact("energy.scale.5nm", 0.6, 0.7, 0.8, "1", .relayed, "public node tables"),
        clock: Fact("clock.5nm", 900, 1000, 1000, "MHz", .read, synthesised),
        maskSet: Fact("masks.5nm", 1.5e7, 1.81e7, 2.2e7, "USD", .read, masks),
        design: Fact("design.5nm", 2e8, 5.42e8, 6e8, "USD", .read, designs),
        isNonPlanar: true, isDomestic: false)

    static let n4 = ProcessNode(
        name: "4nm", process: "TSMC 4N",
        density: Fact("density.4nm", 138, 147, 171, "MTr/mm²", .assumed, kiln),
        bitCell: Fact("bitcell.4nm", 0.021, 0.021, 0.023, "µm²", .assumed, "as N5"),
        waferPrice: Fact(
            "wafer.price.4nm", 13400, 17000, 20000, "USD", .assumed, "press and analysts"),
        defects: Fact("defects.4nm", 0.07, 0.08, 0.12, "1/cm²", .assumed, "public node tables"),
        energyScale: Fact("energy.scale.4nm", 0.6, 0.65, 0.75, "1", .assumed, "public node tables"),
        clock: Fact("clock.4nm", 900, 1000, 1000, "MHz", .read, synthesised),
        maskSet: Fact("masks.4nm", 1.5e7, 1.81e7, 2.2e7, "USD", .assumed, "as N5"),
        design: Fact("design.4nm", 2e8, 5.42e8, 6e8, "USD", .assumed, "as N5"),
        isNonPlanar: true, isDomestic: false)
}
