extension OperatorTable {
    static let signal: [OperatorRow] = []
}
