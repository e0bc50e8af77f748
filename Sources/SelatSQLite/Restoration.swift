import Glibc
package import SelatNode
import SelatStorage
package import SelatTime

/// Puts a backup in the place of a node's database, once it is known what the node said and heard
/// since. Source: Specs/Disk.md, Specs/Decisions/0017.
///
/// A node may go on only when it knows every word it gave: deciding a payment again could
/// contradict what a peer was told. What it only heard is no hindrance: its peers kept it, find
/// out at the next hello and send it again.
package final class Restoration {
    /// Messages that the restored log does not have, one per entry.
    package struct Findings: Hashable, Sendable {
        /// What the node sent about a payment, and a peer has received.
        package var words: [RetainedMessage] = []
        /// What the node sent about no payment: taken into its log again.
        package var notices: [RetainedMessage] = []
        /// What peers sent and the node acknowledged: comes again.
        package var toCome: [RetainedMessage] = []
        /// Peers whose databases could not be read, with the reason.
        package var unread: [LinkID: String] = [:]

        package init() {}
    }

    private let path: String
    private let part: String
    private let lock: WriterLock

    /// Copies the backup beside the database, which stays as it is.
    ///
    /// Throws `.unavailable` while the node runs, `.corrupt` when the backup is damaged.
    package init(of path: String, from backup: String) throws(StoreError) {
        lock = try WriterLock(database: path)
        self.path = path
        part = Restoration.part(of: path)
        try removePart()
        try linkArchives(of: backup)
        _ = try Backup.make(of: backup, at: part)
    }

    deinit {
        do throws(StoreError) { try removePart() } catch {
            // What is left beside the database is removed by the next restore.
        }
    }

    private func removePart() throws(StoreError) {
        removeDatabase(part)
        for name in try ArchiveCopy.names(beside: part) {
            _ = unsafe unlink(Archive.path(of: name, beside: part))
        }
    }

    /// Archives that are beside the database already, and sound, need no copying.
    private func linkArchives(of backup: String) throws(StoreError) {
        let source = try realPath(of: backup)
        for archive in try SQLiteReader(path: backup).registeredArchives() {
            let own = archive.path(beside: path)
            guard fileSize(own) != nil,
                try ArchiveCopy.areSame(archive.path(beside: source), own)
            else { continue }
            try ArchiveCopy.link(own, to: archive.path(beside: part))
        }
    }

    private static func part(of path: String) -> String { path + ".restoring" }

    /// Between two renames there is no database: nobody may begin a new one then.
    static func checkNoneIsUnfinished(_ path: String) throws(StoreError) {
        guard fileSize(path) == nil, fileSize(part(of: path)) != nil else { return }
        throw .unavailable(
            "\(path) is missing and \(part(of: path)) is there: a restore was cut short; "
                + "run it again"
        )
    }

    /// Rolls forward over the log of `source`, as far as that can be read.
    package func takeLog(of source: String) throws(StoreError) -> Backup.Taken {
        var all = Backup.Taken()
        while true {
            // As many as a start is made to replay; then they are folded.
            let taken = try Backup.takeLog(of: source, into: part, limit: 4096)
            all.batches += taken.batches
            all.damage = taken.damage
            try SQLiteStore(path: part).foldAll()
            if taken.batches < 4096 { return all }
        }
    }

    // MARK: Peers

    /// Compares the restored log with its peers'.
    ///
    /// - Parameters:
    ///   - node: Whose database is restored.
    ///   - database: Where a peer's database, or a copy of it as young, is.
    /// - Returns: What the restored log lacks, and which peers could not be read.
    /// - Throws: `.corrupt` when the restored database cannot be read.
    package func findings(
        node: String,
        _ database: (LinkID) -> String
    ) throws(StoreError) -> Findings {
        let own = try SQLiteReader(path: part)
        let state = try own.state()
        var findings = Findings()
        for link in state.links.keys.sorted() {
            guard let position = state.links[link] else { continue }
            do throws(StoreError) {
                let peer = try SQLiteReader(path: database(link))
                try compare(position, LinkID(node), own, peer, &findings)
            } catch {
                findings.unread[link] = error.description
            }
        }
        return findings
    }

    private func compare(
        _ own: LinkPosition,
        _ node: LinkID,
        _ reader: SQLiteReader,
        _ peer: SQLiteReader,
        _ findings: inout Findings
    ) throws(StoreError) {
        guard let other = try peer.state().links[node] else { return }
        // What it received of us. An epoch that is not ours now may be one we had before.
        var known = own.nextSequence - 1
        if other.receivedEpoch != own.sendEpoch {
            known =
                try reader.messages(
                    .sent,
                    own.link,
                    epoch: other.receivedEpoch,
                    from: 1,
                    through: other.receivedSequence
                ).last?.sequence ?? 0
        }
        let received = try peer.messages(
            .received,
            node,
            epoch: other.receivedEpoch,
            from: known + 1,
            through: other.receivedSequence
        )
        for message in received {
            let sent = message.over(own.link)
            if sent.uetr == nil, sent.epoch == own.sendEpoch {
                findings.notices.append(sent)
            } else {
                findings.words.append(sent)
            }
        }
        let has = own.receivedEpoch == other.sendEpoch ? own.receivedSequence : 0
        findings.toCome += try peer.messages(
            .sent,
            node,
            epoch: other.sendEpoch,
            from: has + 1,
            through: other.acknowledged
        ).map { $0.over(own.link) }
    }

    // MARK: Taking the place

    /// Makes the backup the node's database; the old one stays beside it.
    ///
    /// With peers that were not compared a new epoch begins, numbered by `epoch`, so that nothing
    /// of the lost one is taken for it.
    ///
    /// - Returns: Where the old database is now; `nil` when there was none.
    package func finish(
        _ findings: Findings,
        at now: Instant,
        newEpoch epoch: () -> UInt64
    ) throws(StoreError) -> String? {
        precondition(findings.words.isEmpty, "a node that lacks its own words does not go on")
        do {
            let store = try SQLiteStore(path: part)
            let batch = try batch(findings, store, epoch)
            if !batch.isEmpty {
                let outcome = store.commit(batch)
                guard outcome == .committed else {
                    throw StoreError.unavailable("the restored database: \(outcome)")
                }
            }
            try store.foldAll()
        }
        _ = unsafe unlink(part + ".lock")
        let name = "\(path).replaced-\(now.nanoseconds / 1_000_000_000)"
        var old: String?
        if fileSize(path) != nil {
            guard fileSize(name) == nil else { throw .unavailable("\(name) exists; remove it") }
            try move(path, to: name)
            if fileSize(path + "-wal") != nil { try move(path + "-wal", to: name + "-wal") }
            old = name
        }
        try takeArchives(besides: name)
        for beside in ["-wal", "-shm"] { _ = unsafe unlink(path + beside) }
        try move(part, to: path)
        return old
    }

    /// The backup's archives become the database's. Those that were there stay beside the old
    /// database as well: it may have left more in them than the backup knows of.
    private func takeArchives(besides old: String) throws(StoreError) {
        for name in try ArchiveCopy.names(beside: path) {
            try ArchiveCopy.link(
                Archive.path(of: name, beside: path),
                to: Archive.path(of: name, beside: old)
            )
        }
        for name in try ArchiveCopy.names(beside: part) {
            try move(
                Archive.path(of: name, beside: part),
                to: Archive.path(of: name, beside: path)
            )
        }
    }

    private func batch(
        _ findings: Findings,
        _ store: SQLiteStore,
        _ epoch: () -> UInt64
    ) throws(StoreError) -> CommitBatch {
        let recovered = try store.recover()
        var batch = CommitBatch(at: recovered.greatestInstant)
        batch.sent = findings.notices
        for var position in recovered.links {
            let notices = findings.notices.filter { $0.link == position.link }
            if let last = notices.last {
                position.nextSequence = last.sequence + 1
                position.acknowledged = last.sequence
                batch.links.append(position)
            }
            guard findings.unread[position.link] != nil else { continue }
            let owed = recovered.undelivered.filter { $0.link == position.link }
            position.sendEpoch = epoch()
            position.nextSequence = UInt64(owed.count) + 1
            position.acknowledged = 0
            batch.links.append(position)
            for (index, message) in owed.enumerated() {
                batch.sent.append(message.numbered(UInt64(index) + 1, of: position.sendEpoch))
            }
        }
        return batch
    }
}
