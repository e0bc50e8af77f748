import SelatJSON
import SelatSQLite
import SelatTime

/// What `selat archive` did.
struct ArchiveReport {
    /// One archive and its file.
    struct File {
        let archive: Archive
        let path: String
        let bytes: Int64
    }

    let node: String
    let database: String
    /// Nothing of this moment or later was taken.
    let limit: Instant
    var files: [File] = []
    /// The database's size, before and after.
    var before = DatabaseSize()
    var after = DatabaseSize()

    init(node: String, database: String, before limit: Instant) {
        self.node = node
        self.database = database
        self.limit = limit
    }

    /// For people.
    var text: String {
        var lines = files.map { file in
            "\(file.archive.month): \(file.archive.batches.count) batches, "
                + "\(file.archive.dossiers) payments, \(file.bytes) bytes in \(file.path)"
        }
        if lines.isEmpty { lines = ["\(node): nothing before \(limit) that is not archived"] }
        lines.append(
            "\(database): \(before.bytes) bytes before, \(after.bytes) after, "
                + "\(after.freeBytes) of them free"
        )
        return lines.joined(separator: "\n")
    }

    /// The document's members.
    var members: [JSONMember] {
        [
            JSONMember("node", .string(node)),
            JSONMember("before", .string(limit.description)),
            JSONMember(
                "archives",
                .array(
                    files.map { file in
                        [
                            "month": .string(file.archive.month),
                            "file": .string(file.path),
                            "firstBatch": .integer(file.archive.batches.lowerBound),
                            "batches": .integer(file.archive.batches.count),
                            "payments": .integer(file.archive.dossiers),
                            "bytes": .integer(file.bytes),
                        ]
                    }
                )
            ),
            JSONMember("bytesBefore", .integer(before.bytes)),
            JSONMember("bytesAfter", .integer(after.bytes)),
            JSONMember("bytesFree", .integer(after.freeBytes)),
        ]
    }
}
