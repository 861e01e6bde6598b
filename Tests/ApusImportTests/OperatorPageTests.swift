import ApusImport
import Testing

@Suite("The page of operators")
struct OperatorPageTests {
    @Test("the committed page is the one that the table makes")
    func isFresh() throws {
        let root = String(#filePath.dropLast("Tests/ApusImportTests/OperatorPageTests.swift".count))
        let page = try MappedFile(path: root + "docs/onnx-operators.md")
        #expect(page.span.text == ONNXModel.operatorPage)
    }
}
