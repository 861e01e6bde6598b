import Foundation
import Testing

@Suite("the layers of docs/Architecture.md")
struct LayerTests {
    /// Layer by module, from the table on the page.
    private static let layers: [String: Int] = {
        var layers: [String: Int] = [:]
        let page = Repository.text("docs/Architecture.md")
        for line in page.split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 2, let layer = Int(cells[0]) else { continue }
            for word in cells[1].split(whereSeparator: { !($0.isLetter || $0 == "-") }) {
                layers[String(word)] = layer
            }
        }
        return layers
    }()

    /// Dependencies by module, from Package.swift; test targets and plug-ins are left out.
    private static let dependencies: [String: [String]] = {
        let manifest = Repository.text("Package.swift")
        var result: [String: [String]] = [:]
        let target = /\.(?:target|executableTarget)\(\s*name:\s*"([^"]+)"/
        for match in manifest.matches(of: target) {
            let body = balanced(manifest[match.range.lowerBound...])
            let start = body.firstRange(of: "dependencies: [")?.upperBound
            let list = start.map { body[$0...].prefix { $0 != "]" } } ?? ""
            let own = list.replacing(/\.product\([^)]*\)/, with: "")
            result[String(match.1)] = own.matches(of: /"([^"]+)"/).map { String($0.1) }
        }
        return result
    }()

    /// The text up to the parenthesis that closes the first one.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text[..<index] }
            }
        }
        return text
    }

    @Test("every module has a layer")
    func everyModuleHasALayer() {
        #expect(Self.dependencies.count > 10)
        for module in Self.dependencies.keys.sorted() {
            #expect(Self.layers[module] != nil, "\(module) is not in the table of layers")
        }
    }

    @Test("a module uses only modules of lower layers, or its own C part")
    func edgesPointDown() {
        for (module, used) in Self.dependencies.sorted(by: { $0.key < $1.key }) {
            guard let layer = Self.layers[module] else { continue }
            for other in used where other != "C" + module {
                guard let below = Self.layers[other] else { continue }
                #expect(below < layer, "\(module) (\(layer)) uses \(other) (\(below))")
            }
        }
    }

    @Test("imports are declared in Package.swift")
    func importsAreDeclared() {
        for (module, used) in Self.dependencies.sorted(by: { $0.key < $1.key }) {
            for path in Repository.files(under: "Sources/" + module, endingIn: [".swift"]) {
                for match in Repository.text(path).matches(of: /(?m)^import (\w+)/) {
                    let imported = String(match.1)
                    guard Self.layers[imported] != nil else { continue }
                    #expect(used.contains(imported), "\(path) imports \(imported)")
                }
            }
        }
    }

    @Test("what ends in the library does not import Foundation")
    func libraryHasNoFoundation() {
        for (module, layer) in Self.layers where layer < 7 {
            for path in Repository.files(under: "Sources/" + module, endingIn: [".swift"]) {
                #expect(!Repository.text(path).contains("import Foundation"), "\(path)")
            }
        }
    }

    @Test("the program that loads models links FoundationEssentials alone")
    func programHasNoFoundation() {
        for path in Repository.files(under: "Sources/apus", endingIn: [".swift"]) {
            let lines = Repository.text(path).split(separator: "\n")
            #expect(!lines.contains("import Foundation"), "\(path)")
        }
    }
}
