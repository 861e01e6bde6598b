extension OperatorTable {
    static let quantization: [OperatorRow] = []
}
