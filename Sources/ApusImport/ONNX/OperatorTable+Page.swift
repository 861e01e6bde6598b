extension ONNXModel {
    /// docs/onnx-operators.md: every operator that can be imported, by domain.
    public static var operatorPage: String {
        var text = """
            # ONNX operators

            Made by `apus-dev onnx-operators`. *since* is the first version of the domain's operator
            set that a lowering is for; differences between later versions are handled inside it.


            """
        for domain in Set(OperatorTable.rows.map(\.domain)).sorted() {
            text += "## \(domain.isEmpty ? "ai.onnx" : domain)\n\n"
            text += "| operator | since | note |\n|---|---:|---|\n"
            let rows = OperatorTable.rows.filter { $0.domain == domain }
            for row in rows.sorted(by: { ($0.name, $0.since) < ($1.name, $1.since) }) {
                text += "| \(row.name) | \(row.since) | \(row.note) |\n"
            }
            text += "\n"
        }
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }
}
