extension OperatorTable {
    static let sampling: [OperatorRow] = []
}
