import Foundation
import SelatJSON
import SelatSQLite
import SelatTime

/// What `selat archive` did.
struct ArchiveReport {
    let node: String
    let database: String
    /// Nothing of this moment or later was taken.
    let limit: Instant
    var archives: [Archive] = []
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
        var lines = archives.map { archive in
            "\(archive.month): \(archive.batches.count) batches, \(archive.dossiers) payments, "
                + "\(bytes(of: archive)) bytes in \(archive.path(beside: database))"
        }
        if lines.isEmpty { lines = ["\(node): nothing before \(limit) that is not archived"] }
        lines.append(
            "\(database): \(before.bytes) bytes before, \(after.bytes) after, "
                + "\(after.freeBytes) of them free"
        )
        return lines.joined(separator: "\n")
    }

    private func bytes(of archive: Archive) -> Int {
        let path = archive.path(beside: database)
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            return size?.intValue ?? 0
        } catch {
            return 0
        }
    }

    /// The document's members.
    var members: [JSONMember] {
        [
            JSONMember("node", .string(node)),
            JSONMember("before", .string(limit.description)),
            JSONMember(
                "archives",
                .array(
                    archives.map { archive in
                        [
                            "month": .string(archive.month),
                            "file": .string(archive.path(beside: database)),
                            "firstBatch": .integer(archive.batches.lowerBound),
                            "batches": .integer(archive.batches.count),
                            "payments": .integer(archive.dossiers),
                            "bytes": .integer(bytes(of: archive)),
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
