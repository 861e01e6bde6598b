extension OperatorTable {
    static let attention: [OperatorRow] = []
}
