extension OperatorTable {
    static let selection: [OperatorRow] = []
}
