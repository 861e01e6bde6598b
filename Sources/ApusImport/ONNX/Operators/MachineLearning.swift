extension OperatorTable {
    static let machineLearning: [OperatorRow] = []
}
