import Glibc
import SelatNode
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// Archives that are lost, damaged or another's; and their way through backups.
@Suite struct ArchiveRefusalTests {
    private static func archived() throws -> (Months, Months.Reports) {
        let months = try Months()
        let reports = try months.reports()
        try months.archive(before: "2026-11")
        try months.clear()
        return (months, reports)
    }

    private static func error(opening path: String) -> String {
        do {
            _ = try SQLiteStore(path: path)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func aMissingArchiveKeepsTheNodeFromStarting() throws {
        let (months, reports) = try Self.archived()
        let file = months.folder.file("node.db.2026-09.1")
        let content = contents(of: file)
        months.close()
        #expect(unsafe unlink(file) == 0)
        let said = Self.error(opening: months.path)
        #expect(said.contains("archive \(file) is missing"))
        #expect(said.contains("put it back"))
        #expect(throws: StoreError.self) { try months.reader().archives() }
        #expect(throws: StoreError.self) { try months.reader().dump() }
        try write(content, to: file)
        try months.reopen()
        #expect(try months.reports() == reports)
    }

    @Test func anotherArchiveKeepsTheNodeFromStarting() throws {
        let (months, _) = try Self.archived()
        let (others, _) = try Self.archived()
        months.close()
        let file = months.folder.file("node.db.2026-09.1")
        for other in [
            others.folder.file("node.db.2026-09.1"), months.folder.file("node.db.2026-10.1"),
        ] {
            try write(contents(of: other), to: file)
            let said = Self.error(opening: months.path)
            #expect(said.contains("\(file) is another archive than the one registered"))
            #expect(said.contains("batches 1 to 25"))
        }
        try write(Array("nothing".utf8), to: file)
        #expect(Self.error(opening: months.path).contains("node.db.2026-09.1"))
        // And an archive is no database.
        let archive = months.folder.file("node.db.2026-10.1")
        #expect(Self.error(opening: archive).contains("it is no database of this program"))
    }

    @Test func onlyTheNextArchiveIsRegistered() throws {
        let months = try Months()
        let others = try Months()
        try others.archive(before: "2026-11")
        let file = months.folder.file("node.db.2026-09.1")
        func refusal(_ name: String) throws -> String {
            let store = try months.opened()
            do throws(StoreError) { try store.register(archive: name) } catch {
                // A refused file is no fault of the store's.
                _ = try store.fetch(months.keys)
                return error.description
            }
            return "none"
        }
        #expect(try refusal("2026-09.1").contains("is missing"))
        #expect(try refusal("../2026-09.1").contains("expected an archive's name"))
        try write(contents(of: others.folder.file("node.db.2026-09.1")), to: file)
        let foreign = try refusal("2026-09.1")
        #expect(foreign.contains("it is of another database") && foreign.contains("move it away"))
        #expect(unsafe unlink(file) == 0)
        let limit = try Months.start(of: "2026-10")
        #expect(try Archiving.writeNext(of: months.path, before: limit)?.name == "2026-09.1")
        let copy = months.folder.file("node.db.2026-09.2")
        try write(contents(of: file), to: copy)
        #expect(try refusal("2026-09.2").contains("it is archive 2026-09.1"))
        #expect(try refusal("2026-09.1") == "none")
        #expect(unsafe unlink(copy) == 0)
    }

    /// Never served: refused at the start, or when it is read.
    @Test func aDamagedPageOfAnArchiveIsRefused() throws {
        let (months, reports) = try Self.archived()
        let file = months.folder.file("node.db.2026-09.1")
        let sound = contents(of: file)
        months.close()
        for page in 1...sound.count / Pages.size {
            var damaged = sound
            damaged[(page - 1) * Pages.size + 1000 + page % 512] ^= 1 << UInt8(page % 8)
            try write(damaged, to: file)
            var said = ""
            do {
                try months.reopen()
                #expect(try months.reports() == reports)
            } catch let error as StoreError {
                said = error.description
            }
            #expect(said.contains("page \(page) of \(file) does not agree with its mark"))
            #expect(said.contains("selat restore"))
            months.close()
            // Nor does it get into a backup.
            let backup = months.folder.file("backup-\(page)")
            #expect(throws: StoreError.self) { try Backup.make(of: months.path, at: backup) }
        }
        try write(sound, to: file)
        try months.reopen()
        #expect(try months.reports() == reports)
    }

    // MARK: Backups

    @Test func backupsTakeArchivesAlong() throws {
        let (months, reports) = try Self.archived()
        let other = try TemporaryFolder()
        let backup = other.file("backup")
        #expect(try Backup.make(of: months.path, at: backup).lastBatch == 73)
        #expect(try SQLiteReader(path: backup).dump() == reports.dump)
        // What is there already stays, what is new comes, another file is not overwritten.
        try months.archive(before: "2026-12")
        try months.clear()
        #expect(try Backup.takeLog(of: months.path, into: backup).damage == nil)
        try Backup.copyArchives(of: months.path, besides: backup)
        let names = ["2026-09.1", "2026-10.1", "2026-11.1"]
        for name in names {
            #expect(contents(of: backup + ".\(name)") == contents(of: months.path + ".\(name)"))
        }
        try write([1, 2, 3], to: backup + ".2026-10.1")
        #expect(throws: StoreError.self) {
            try Backup.copyArchives(of: months.path, besides: backup)
        }
    }

    /// The disk is gone, archives and all.
    @Test func aRestoredDatabaseHasItsArchives() throws {
        let (months, reports) = try Self.archived()
        let other = try TemporaryFolder()
        let backup = other.file("backup")
        _ = try Backup.make(of: months.path, at: backup)
        months.close()
        for name in months.folder.names() { _ = unsafe unlink(months.folder.file(name)) }
        try restore(months, from: backup)
        try months.reopen()
        #expect(try months.reports() == reports)
        #expect(!months.folder.names().contains { $0.contains("restoring") })
    }

    /// One archive is damaged; the others are beside the database and sound.
    @Test func aDamagedArchiveComesBackWithARestore() throws {
        let (months, reports) = try Self.archived()
        let other = try TemporaryFolder()
        let backup = other.file("backup")
        _ = try Backup.make(of: months.path, at: backup)
        months.close()
        let file = months.folder.file("node.db.2026-10.1")
        var damaged = contents(of: file)
        damaged[5000] ^= 1
        try write(damaged, to: file)
        try restore(months, from: backup)
        try months.reopen()
        #expect(try months.reports() == reports)
        let names = months.folder.names()
        // The old ones stay beside the old database.
        for name in ["2026-09.1", "2026-10.1"] {
            #expect(names.contains("node.db.replaced-9.\(name)"))
        }
        #expect(contents(of: months.folder.file("node.db.replaced-9.2026-10.1")) == damaged)
        #expect(!names.contains { $0.contains("restoring") })
    }

    /// The backup is older than the archives: its log goes on with theirs.
    @Test func aLogThatWasArchivedMeanwhileIsRolledForward() throws {
        let months = try Months()
        let other = try TemporaryFolder()
        let backup = other.file("backup")
        _ = try Backup.make(of: months.path, at: backup)
        try months.begin("2026-12")
        for number in 37...48 as ClosedRange<UInt64> { try months.pay(number) }
        try months.archive(before: "2027-01")
        try months.clear()
        try months.pay(49)
        let reports = try months.reports()
        months.close()
        try restore(months, from: backup, rollingForward: 26)
        try months.reopen()
        #expect(try months.reports() == reports)
        // The archives of the lost database are there and fit: they are taken, not made again.
        let content = contents(of: months.path + ".2026-10.1")
        #expect(
            try months.archive(before: "2026-12").map(\.name)
                == ["2026-09.1", "2026-10.1", "2026-11.1"]
        )
        #expect(contents(of: months.path + ".2026-10.1") == content)
        try months.clear()
        #expect(try months.reports() == reports)
    }

    private func restore(
        _ months: Months,
        from backup: String,
        rollingForward batches: Int = 0
    ) throws {
        let restoration = try Restoration(of: months.path, from: backup)
        if batches > 0 {
            let taken = try restoration.takeLog(of: months.path)
            #expect(taken.damage == nil && taken.batches == batches)
        }
        _ = try restoration.finish(Restoration.Findings(), at: Sample.at(9)) { 1 }
    }
}
