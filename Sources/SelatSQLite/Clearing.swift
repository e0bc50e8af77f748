/// An archive's rows on their way out of the database, some with each commit: dossiers, records,
/// and then the batches. Where it stands needs no row of its own: as long as the log has a batch
/// of an archive, that one is not cleared, and rows that are gone already cost a look each.
struct Clearing {
    private enum Stage {
        /// From the id behind this one on.
        case dossiers(after: Int64)
        case records(after: Int64)
        case batches
    }

    private let file: ArchiveFile
    private let nextDossiers: Statement
    private let nextRecords: Statement
    private var stage = Stage.dossiers(after: 0)

    /// The first archive that is not cleared; `nil` when all are.
    init?(_ archives: Archives, _ statements: ClearingStatements) throws(SQLiteError) {
        guard let first = try statements.firstLogged(),
            let archive = archives.registered.first(where: { $0.batches.upperBound >= first })
        else { return nil }
        let file = try archives.file(archive)
        func next(_ table: String) throws(SQLiteError) -> Statement {
            try Statement(
                file.connection,
                "SELECT id, as_of, content FROM \(table) WHERE id > ? ORDER BY id LIMIT ?"
            )
        }
        self.file = file
        nextDossiers = try next("dossier")
        nextRecords = try next("record")
    }

    /// Clears `count` rows more; false when the archive's are all gone.
    mutating func clear(
        _ count: Int,
        _ statements: ClearingStatements
    ) throws(SQLiteError) -> Bool {
        switch stage {
        case .dossiers(let last):
            let next = try clear(nextDossiers, after: last, count, statements.deleteDossier)
            stage = next.map { .dossiers(after: $0) } ?? .records(after: 0)
        case .records(let last):
            let next = try clear(nextRecords, after: last, count, statements.deleteRecord)
            stage = next.map { .records(after: $0) } ?? .batches
        case .batches:
            let last = file.archive.batches.upperBound
            guard let first = try statements.firstLogged(), first <= last else { return false }
            statements.deleteBatches.bind(min(first + Int64(count) - 1, last))
            try statements.deleteBatches.run()
        }
        return true
    }

    /// Deletes rows that the archive has in the very same state. A row that was changed since has
    /// a later `as_of` and stays. The content is compared as well: a restored database may have
    /// given an id to another row than the one whose archive this is.
    ///
    /// - Returns: The last id; `nil` when there are no more.
    private func clear(
        _ next: Statement,
        after id: Int64,
        _ count: Int,
        _ delete: Statement
    ) throws(SQLiteError) -> Int64? {
        defer { next.reset() }
        next.bind(id)
        next.bind(Int64(count))
        var last: Int64?
        while try next.step() {
            last = next.integer(0)
            delete.bind(next, columns: 3)
            try delete.run()
        }
        return last
    }
}

extension ClearingStatements {
    /// The first batch of the table `batch`; `nil` when it is empty.
    fileprivate func firstLogged() throws(SQLiteError) -> Int64? {
        defer { firstBatch.reset() }
        return try firstBatch.step() ? firstBatch.optionalInteger(0) : nil
    }
}
