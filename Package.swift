// swift-tools-version: 6.2
// The modules by layer: a module uses only modules of lower layers (docs/Architecture.md), and
// Tests/ArchitectureTests fails on an upward or sideways edge.
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let package = Package(
    name: "apus",
    products: [
        .executable(name: "apus", targets: ["apus"]),
        .executable(name: "apus-dev", targets: ["apus-dev"]),
        .library(name: "apuschip", type: .dynamic, targets: ["ApusLibrary"]),
    ],
    dependencies: [
        // Command lines with help, completion and one-line errors.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        // Layer 0
        .target(name: "CApusNumerics", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),
        .target(
            name: "ApusNumerics", dependencies: ["CApusNumerics"],
            exclude: ["Constants/derive_constants.py"], swiftSettings: strict),
        // Layer 1
        .target(name: "ApusChip", dependencies: ["ApusNumerics"], swiftSettings: strict),
        .target(name: "ApusISA", dependencies: ["ApusNumerics"], swiftSettings: strict),
        // Layer 2
        .target(name: "ApusGraph", dependencies: ["ApusNumerics"], swiftSettings: strict),
        .target(
            name: "ApusKernels", dependencies: ["ApusISA", "ApusNumerics"], swiftSettings: strict,
            plugins: ["KernelImage"]),
        // Builds Kernels/ for the chip and embeds the image into ApusKernels.
        .plugin(
            name: "KernelImage", capability: .buildTool(), dependencies: ["apus-kernel-image"]),
        .executableTarget(name: "apus-kernel-image", swiftSettings: strict),
        .executableTarget(
            name: "own-kernel", dependencies: ["ApusMachine", "ApusISA", "ApusChip"],
            path: "examples/own-kernel", exclude: ["Kernels", "README.md"],
            swiftSettings: strict, plugins: ["KernelImage"]),
        .target(
            name: "ApusGenerate", dependencies: ["ApusISA", "ApusChip", "ApusNumerics"],
            swiftSettings: strict),
        // Layer 3
        .target(
            name: "CApusMachine", dependencies: ["CApusNumerics"],
            cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),
        .target(
            name: "ApusMachine",
            dependencies: ["ApusNumerics", "ApusChip", "ApusISA", "CApusNumerics", "CApusMachine"],
            swiftSettings: strict),
        // The RTL as a Verilated library, opened at run time.
        .target(name: "CApusRTL"),
        .target(
            name: "ApusRTL", dependencies: ["ApusISA", "ApusChip", "CApusRTL"],
            swiftSettings: strict),
        .target(
            name: "ApusImport", dependencies: ["ApusChip", "ApusGraph", "ApusNumerics"],
            exclude: ["Tokenizer/Text/derive_compatibility.py"],
            resources: [.embedInCode("LanguageModel/Shapes/Presets")], swiftSettings: strict),
        .target(name: "ApusCost", dependencies: ["ApusChip"], swiftSettings: strict),
        // Layer 4
        .target(
            name: "ApusCompiler",
            dependencies: ["ApusGraph", "ApusKernels", "ApusISA", "ApusChip", "ApusNumerics"],
            swiftSettings: strict),
        .target(
            name: "ApusRuntime", dependencies: ["ApusMachine", "ApusRTL", "ApusISA", "ApusChip"],
            swiftSettings: strict),
        // Random programs on the emulator and the RTL, side by side.
        .target(
            name: "ApusCosimulation",
            dependencies: ["ApusMachine", "ApusRTL", "ApusISA", "ApusChip", "ApusNumerics"],
            swiftSettings: strict),
        // Layer 5
        .target(
            name: "ApusSession",
            dependencies: [
                "ApusImport", "ApusGraph", "ApusCompiler", "ApusRuntime", "ApusMachine",
                "ApusKernels", "ApusChip", "ApusISA", "ApusNumerics",
            ],
            swiftSettings: strict),
        .target(
            name: "ApusLLM",
            dependencies: [
                "ApusImport", "ApusRuntime", "ApusMachine", "ApusKernels", "ApusChip", "ApusISA",
                "ApusNumerics",
            ],
            swiftSettings: strict),
        // What runs took, as tables, traces and pages.
        .target(
            name: "ApusReport",
            dependencies: [
                "ApusRuntime", "ApusMachine", "ApusCost", "ApusChip", "ApusISA", "ApusNumerics",
            ],
            swiftSettings: strict),
        // Layer 6
        .target(name: "CApus"),
        .target(
            name: "ApusLibrary",
            dependencies: [
                "ApusSession", "ApusRuntime", "ApusCompiler", "ApusImport", "ApusGraph", "ApusChip",
                "CApus",
            ],
            exclude: ["exports.map"], swiftSettings: strict),
        // Layer 7
        .executableTarget(
            name: "apus",
            dependencies: [
                "ApusSession", "ApusLLM", "ApusReport", "ApusRuntime", "ApusCompiler",
                "ApusMachine", "ApusCost", "ApusKernels", "ApusGenerate", "ApusGraph", "ApusImport",
                "ApusISA", "ApusChip",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "apus-dev",
            dependencies: [
                "ApusLLM", "ApusRuntime", "ApusChip", "ApusCompiler", "ApusCosimulation",
                "ApusCost",
                "ApusGenerate", "ApusGraph", "ApusImport", "ApusISA", "ApusKernels", "ApusMachine",
                "ApusNumerics", "ApusRTL", "ApusSession", "CApusNumerics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // Layers, lengths and names: the tests of the house, which read files only.
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "ApusNumericsTests", dependencies: ["ApusNumerics", "CApusNumerics"],
            exclude: ["Neon", "Vectors"], swiftSettings: strict),
        .testTarget(
            name: "ApusChipTests", dependencies: ["ApusChip", "ApusNumerics"], swiftSettings: strict
        ),
        .testTarget(
            name: "ApusCostTests", dependencies: ["ApusCost", "ApusChip"], exclude: ["Vectors"],
            swiftSettings: strict),
        .testTarget(
            name: "ApusISATests", dependencies: ["ApusISA", "ApusGenerate", "ApusNumerics"],
            swiftSettings: strict),
        .testTarget(
            name: "ApusGenerateTests", dependencies: ["ApusGenerate", "ApusISA", "ApusNumerics"],
            swiftSettings: strict),
        .testTarget(
            name: "ApusGraphTests", dependencies: ["ApusGraph", "ApusNumerics"],
            exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "ApusKernelsTests",
            dependencies: [
                "ApusKernels", "ApusMachine", "ApusISA", "ApusChip", "ApusNumerics",
                "CApusNumerics",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ApusMachineTests",
            dependencies: [
                "ApusCosimulation", "ApusMachine", "ApusISA", "ApusChip", "ApusNumerics",
                "CApusMachine",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ApusCosimulationTests",
            dependencies: ["ApusCosimulation", "ApusMachine", "ApusRTL", "ApusISA", "ApusChip"],
            swiftSettings: strict),
        .testTarget(
            name: "ApusImportTests",
            dependencies: ["ApusImport", "ApusGraph", "ApusChip", "ApusNumerics"],
            exclude: ["Goldens", "LanguageModel/Vectors"], swiftSettings: strict),
        .testTarget(
            name: "ApusCompilerTests",
            dependencies: [
                "ApusCompiler", "ApusGraph", "ApusRuntime", "ApusKernels", "ApusChip", "ApusISA",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ApusRuntimeTests",
            dependencies: ["ApusRuntime", "ApusKernels", "ApusISA", "ApusChip", "ApusNumerics"],
            swiftSettings: strict),
        .testTarget(
            name: "ApusLLMTests",
            dependencies: ["ApusLLM", "ApusImport", "ApusRuntime", "ApusChip"],
            exclude: ["Goldens"], swiftSettings: strict),
        .testTarget(
            name: "ApusReportTests",
            dependencies: [
                "ApusReport", "ApusRuntime", "ApusMachine", "ApusCost", "ApusKernels", "ApusISA",
                "ApusChip",
            ], swiftSettings: strict),
        .testTarget(
            name: "ApusSessionTests", dependencies: ["ApusSession", "ApusChip"],
            swiftSettings: strict),
    ]
)
