/// The whole log: what is in archives, and behind it the table `batch`. While an archive is being
/// cleared its batches are in both; the archive's count.
struct BatchLog {
    /// Which way it is read.
    enum Direction {
        case forwards
        case backwards
    }

    let connection: SQLiteConnection
    let archives: Archives

    init(_ connection: SQLiteConnection, _ archives: Archives) {
        self.connection = connection
        self.archives = archives
    }

    /// The log of the database at a path.
    init(_ connection: SQLiteConnection, of path: String) throws(SQLiteError) {
        self.init(connection, try Archives(connection, beside: path))
    }

    /// As much as can be read of a log whose database may be damaged anywhere: where it does not
    /// say what its archives are, only what is in the database itself.
    init(ofDamaged connection: SQLiteConnection, _ path: String) {
        do throws(SQLiteError) {
            try self.init(connection, of: path)
        } catch {
            self.init(connection, Archives(without: connection))
        }
    }

    /// What `Statement.loggedBatch` reads, and the instant behind it.
    static let columns = "id, size, check_sum, content, at"

    /// Each batch after `number`, one row of `columns` at a time.
    func rows(after number: Int64 = 0, _ direction: Direction = .forwards) -> Rows {
        Rows(self, after: number, direction)
    }

    /// The check sum of a batch; `nil` when the log has no such batch.
    func checkSum(of number: Int64) throws(SQLiteError) -> Int64? {
        let sum = "SELECT check_sum FROM batch WHERE id = \(number)"
        if let sum = try connection.integer(sum) { return sum }
        return try archives.file(holding: number)?.connection.integer(sum)
    }

    /// The last batch and its instant in nanoseconds; `nil` when there is none.
    func end() throws(SQLiteError) -> (batch: Int64, at: Int64)? {
        var rows = rows(.backwards)
        return try rows.next().map { ($0.integer(0), $0.integer(4)) }
    }

    /// Goes through the log.
    struct Rows {
        private enum Part {
            case archive(Archive)
            case table
        }

        private let log: BatchLog
        private let number: Int64
        private let direction: Direction
        /// What was not begun yet, the next at the end.
        private var parts: [Part]
        private var current: Statement?

        fileprivate init(_ log: BatchLog, after number: Int64, _ direction: Direction) {
            self.log = log
            self.number = number
            self.direction = direction
            parts = log.archives.registered.filter { $0.batches.upperBound > number }
                .map { Part.archive($0) }
            parts.append(.table)
            if direction == .forwards { parts.reverse() }
        }

        /// The next row; it lasts until the next is asked for.
        mutating func next() throws(SQLiteError) -> Statement? {
            while true {
                if let current, try current.step() { return current }
                current = nil
                guard let part = parts.popLast() else { return nil }
                current = try begin(part)
            }
        }

        private func begin(_ part: Part) throws(SQLiteError) -> Statement {
            let (connection, first) =
                switch part {
                case .archive(let archive): (try log.archives.file(archive).connection, number)
                case .table: (log.connection, max(number, log.archives.lastBatch))
                }
            let order = direction == .forwards ? "ASC" : "DESC"
            let statement = try Statement(
                connection,
                "SELECT \(BatchLog.columns) FROM batch WHERE id > ? ORDER BY id \(order)"
            )
            statement.bind(first)
            return statement
        }
    }
}
