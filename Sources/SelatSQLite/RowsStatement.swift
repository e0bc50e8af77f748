/// A statement that writes one row, and the same for several, which costs less for each of them.
struct RowsStatement {
    /// Rows that the latter writes.
    static let most = 16

    private let one: Statement
    private let many: Statement

    /// `insert` is the statement up to its `VALUES`.
    init(_ connection: SQLiteConnection, _ insert: String, columns: Int) throws(SQLiteError) {
        let row = "(" + [String](repeating: "?", count: columns).joined(separator: ", ") + ")"
        let rows = [String](repeating: row, count: RowsStatement.most).joined(separator: ", ")
        one = try Statement(connection, "\(insert) VALUES \(row)")
        many = try Statement(connection, "\(insert) VALUES \(rows)")
    }

    /// The statement to bind the next of so many rows to, and how many of them it takes.
    func taking(of rows: Int) -> (statement: Statement, count: Int) {
        rows < RowsStatement.most ? (one, min(rows, 1)) : (many, RowsStatement.most)
    }
}
