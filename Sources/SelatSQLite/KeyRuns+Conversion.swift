import SelatStorage

extension KeyRuns {
    /// Keys of versions before 7 had a row each, `row_key`; each era's become one run.
    static func takeKeysByRow(_ connection: SQLiteConnection) throws(SQLiteError) {
        let runs = try KeyRuns(connection)
        let eras = try Statement(
            connection,
            "SELECT era, count(*) FROM row_key GROUP BY era ORDER BY era"
        )
        let keys = try Statement(
            connection,
            "SELECT hash, kind, id FROM row_key WHERE era = ? ORDER BY hash"
        )
        while try eras.step() {
            runs.begin(eras.integer(0), keys: eras.integer(1))
            keys.bind(eras.integer(0))
            while try keys.step() {
                guard let table = KeyedTable(rawValue: keys.integer(1)) else {
                    throw keys.unreadable(1, "0 or 1")
                }
                try runs.append([RowKey(hash: keys.integer(0), table: table, row: keys.integer(2))])
            }
            keys.reset()
        }
        // Else they would still be reading what is to go.
        eras.reset()
        try connection.execute("DROP TABLE row_key")
    }
}
