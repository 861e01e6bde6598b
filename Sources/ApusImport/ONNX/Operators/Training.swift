extension OperatorTable {
    static let training: [OperatorRow] = []
}
