extension OperatorTable {
    static let losses: [OperatorRow] = []
}
