extension OperatorTable {
    static let resizing: [OperatorRow] = []
}
