import Glibc
import SelatLedger
import SelatNode
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// Months leave the database, and nothing is forgotten. Specs/Protocol/Database.md, "Archives".
@Suite struct ArchiveTests {
    @Test func monthsLeaveAndEveryReportStaysTheSame() throws {
        let months = try Months()
        let before = try months.reports()
        let limit = try Months.start(of: "2026-11")
        #expect(try months.count("batch") == 73)
        for name in ["2026-09.1", "2026-10.1"] {
            let archive = try #require(try Archiving.writeNext(of: months.path, before: limit))
            #expect(archive.name == name)
            #expect(archive.batches.count == (name == "2026-09.1" ? 25 : 24))
            #expect(try months.reports() == before, "\(name) is copied")
            try months.opened().register(archive: name)
            #expect(try months.reports() == before, "\(name) is registered")
            while try !months.opened().isTidy {
                try months.opened().tidy()
                #expect(try months.reports() == before, "\(name) is being cleared")
            }
        }
        #expect(try Archiving.writeNext(of: months.path, before: limit) == nil)
        #expect(try months.count("batch") == 24)
        // The open ones stay, and those that were folded together with a later month's first.
        #expect(try months.count("dossier") < 24)
        #expect(try months.count("record") < 24)
        #expect(try StoredKey.all(of: months.path).count { $0.kind == 0 } == 72)
        try months.reopen()
        #expect(try months.reports() == before)
        #expect(try months.reader().archives().map(\.name) == ["2026-09.1", "2026-10.1"])
        #expect(try months.reader().checkIntegrity() == "ok")
    }

    @Test func everythingMayLeave() throws {
        let months = try Months()
        let before = try months.reports()
        let archives = try months.archive(before: "2026-12")
        #expect(archives.map(\.name).last == "2026-11.1")
        // Each row is in one of them.
        #expect(archives.map(\.dossiers).reduce(0, +) == 33)
        #expect(archives.map(\.records).reduce(0, +) == 36)
        try months.clear()
        #expect(try months.count("batch") == 0)
        // The payments with an armed timer.
        #expect(try months.count("dossier") == 3)
        #expect(try months.count("record") == 0)
        #expect(try months.reports() == before)
        try months.reopen()
        #expect(try months.reports() == before)
        #expect(try Backup(reading: months.path).lastBatch == 73)
        // Ids go on behind those that left: nothing is found under another's.
        for number in 37...40 as ClosedRange<UInt64> { try months.pay(number) }
        try months.opened().foldAll()
        let after = try months.reports()
        #expect(after.facts.dropLast(3) == before.facts.dropLast(3))
        #expect(Array(after.dump.payments.prefix(36)) == before.dump.payments)
        #expect(after.dump.payments.count == 40)
    }

    /// Exactly once does not end with the month.
    @Test(arguments: [false, true]) func whatIsArchivedStaysKnown(reopens: Bool) throws {
        let months = try Months()
        try months.archive(before: "2026-12")
        try months.clear()
        if reopens { try months.reopen() }
        let store = try months.opened()
        let now = try Months.start(of: "2026-12").nanoseconds / 1_000_000_000
        for number in months.all {
            let payment = batch(at: now) { $0.payments = [Sample.payment(number)] }
            #expect(store.commit(payment) == .conflict)
            let receipt = batch(at: now) {
                $0.payments = [Sample.payment(number + 1000)]
                $0.receipts = [Sample.receiptWrite(number + 1000, id: "m\(number)")]
            }
            #expect(store.commit(receipt) == .conflict)
            let quote = batch(at: now) { $0.records = [Sample.record("q\(number)", [1])] }
            #expect(store.commit(quote) == .conflict)
            let journal = batch(at: now) {
                $0.book(
                    Sample.journal(
                        number,
                        1,
                        .direct,
                        [Sample.transfer(Sample.settlement, Sample.income, 1)]
                    )
                )
            }
            guard case .failed(let why) = store.commit(journal) else {
                Issue.record("journal 1 of payment \(number) was booked twice")
                continue
            }
            #expect(why.contains("exists"))
        }
    }

    /// What changes late stands in the tables again, and wins over the archive's copy.
    @Test func anArchivedPaymentMayChangeLate() throws {
        let months = try Months()
        let model = MemoryStore()
        try months.archive(before: "2026-12")
        try months.clear()
        let reader = try months.reader()
        for number in 1...(try Backup(reading: months.path).lastBatch) {
            #expect(model.commit(try #require(try reader.batch(number))) == .committed)
        }
        func commit(_ month: String, _ fill: (inout CommitBatch) -> Void) throws {
            let second = try Months.start(of: month).nanoseconds / 1_000_000_000
            let next = batch(at: second, fill)
            #expect(try months.opened().commit(next) == .committed)
            #expect(model.commit(next) == .committed)
        }
        func check(_ moment: Comment) throws {
            #expect(try months.opened().fetch(months.keys) == model.fetch(months.keys), moment)
            #expect(try months.reader().dump() == model.dump(), moment)
        }
        try commit("2026-12") { batch in
            batch.payments = [Sample.payment(1, from: 2, state: 4, due: Sample.at(9))]
            batch.records = [
                Sample.record("q1", from: 1, [7]), Sample.record("q2", from: 1, nil),
            ]
            batch.history = [Sample.history(1, 3, 4)]
        }
        try check("in memory")
        try months.opened().foldAll()
        try check("folded")
        try months.reopen()
        try check("opened again")
        #expect(try months.opened().recover().timers.contains { $0.uetr == Sample.uetr(1) })
        try commit("2026-12") { batch in
            batch.payments = [Sample.payment(1, from: 3, state: 5)]
            batch.records = [Sample.record("q2", [8])]
        }
        try months.archive(before: "2027-01")
        try check("registered")
        try months.clear()
        #expect(try months.count("batch") == 0)
        #expect(try months.count("dossier") == 3)
        try check("archived once more")
        try months.reopen()
        try check("opened again after that")
        try commit("2027-01") { batch in
            batch.payments = [Sample.payment(1, from: 4, state: 6)]
            batch.records = [Sample.record("q1", from: 2, nil), Sample.record("q2", from: 1, [9])]
        }
        try check("and changed again")
    }

    /// A month that is archived in the middle gets a second file.
    @Test func aMonthMayHaveSeveralFiles() throws {
        let months = try Months()
        let before = try months.reports()
        let middle = try Months.start(of: "2026-09") + .seconds(60 * 10)
        let first = try #require(try Archiving.writeNext(of: months.path, before: middle))
        #expect(first.batches == 1...9)
        try months.opened().register(archive: first.name)
        #expect(try Archiving.writeNext(of: months.path, before: middle) == nil)
        let names = try months.archive(before: "2026-11").map(\.name)
        #expect(names == ["2026-09.2", "2026-10.1"])
        try months.clear()
        #expect(try months.reports() == before)
    }

    /// Archives are beside the file itself, from wherever it is opened.
    @Test func aDatabaseMayBeBehindALink() throws {
        let months = try Months()
        let dump = try months.reader().dump()
        let other = try TemporaryFolder()
        let link = other.file("linked.db")
        #expect(unsafe symlink(months.path, link) == 0)
        let limit = try Months.start(of: "2026-10")
        let archive = try #require(try Archiving.writeNext(of: link, before: limit))
        try months.opened().register(archive: archive.name)
        try months.clear()
        #expect(try archive.file(beside: link).path == months.path + ".2026-09.1")
        #expect(try SQLiteReader(path: link).dump() == dump)
        months.close()
        let store = try SQLiteStore(path: link)
        #expect(store.isTidy)
        #expect(try SQLiteReader(path: months.path).dump() == dump)
    }

    @Test func onlyWhatIsFoldedLeaves() throws {
        let months = try Months()
        try months.begin("2026-12")
        try months.commit { $0.records = [Sample.record("young", [1])] }
        let limit = try Months.start(of: "2027-01")
        while let archive = try Archiving.writeNext(of: months.path, before: limit) {
            try months.opened().register(archive: archive.name)
        }
        try months.clear()
        #expect(try months.count("batch") == 1)
        #expect(try months.opened().unfoldedBatches == 1)
        // Asked for, it is folded with what the store does anyway.
        try months.opened().foldSoon()
        #expect(try !months.opened().isTidy)
        try months.commit { $0.records = [Sample.record("younger", [1])] }
        #expect(try months.opened().isTidy)
        let last = try #require(try Archiving.writeNext(of: months.path, before: limit))
        #expect(last.name == "2026-12.1" && last.batches == 74...75)
    }

    /// Beside each commit a few rows leave, and never more.
    @Test func commitsClearAFewRowsEach() throws {
        let months = try Months()
        try months.archive(before: "2026-11")
        var left = try (months.count("batch"), months.count("dossier"), months.count("record"))
        try months.begin("2026-12")
        var commits = 0
        while try !months.opened().isTidy {
            try months.commit { $0.links = [LinkPosition(link: Sample.secondLink, sendEpoch: 1)] }
            commits += 1
            let now = try (months.count("batch"), months.count("dossier"), months.count("record"))
            #expect(left.0 - now.0 <= 2 && left.1 - now.1 <= 3 && left.2 - now.2 <= 3)
            left = now
        }
        #expect(commits > 49 / 3)
        #expect(try months.count("batch") == 24 + commits)
    }

    // MARK: Cut short

    /// The process is killed after each step; the same command puts everything right.
    @Test func aKillAtAnyMomentLosesNothing() throws {
        let months = try Months()
        let before = try months.reader().dump()
        let limit = try Months.start(of: "2026-11")
        func killed(_ moment: Comment) throws {
            let folder = try months.afterCrash()
            let path = folder.file("node.db")
            let store = try SQLiteStore(path: path, options: Months.options)
            #expect(try SQLiteReader(path: path).dump() == before, moment)
            while let archive = try Archiving.writeNext(of: path, before: limit) {
                try store.register(archive: archive.name)
            }
            while !store.isTidy { try store.tidy() }
            #expect(try SQLiteReader(path: path).dump() == before, moment)
            let archives = try SQLiteReader(path: path).archives()
            #expect(archives.map(\.name) == ["2026-09.1", "2026-10.1"], moment)
            let left = Int(try Pages.texts("SELECT count(*) FROM batch", of: path)[0])
            #expect(left == 24, moment)
            #expect(!folder.names().contains { $0.hasSuffix(".part") }, moment)
        }
        try write(Array("half".utf8), to: months.folder.file("node.db.2026-09.1.part"))
        try killed("while copying")
        for name in ["2026-09.1", "2026-10.1"] {
            #expect(try Archiving.writeNext(of: months.path, before: limit)?.name == name)
            let file = contents(of: months.folder.file("node.db.\(name)"))
            try killed("\(name) copied")
            // The file that is there is taken, not written again.
            #expect(try Archiving.writeNext(of: months.path, before: limit)?.name == name)
            #expect(contents(of: months.folder.file("node.db.\(name)")) == file)
            try months.opened().register(archive: name)
            try months.opened().register(archive: name)
            try killed("\(name) registered")
            while try !months.opened().isTidy {
                try months.opened().tidy()
                try killed("\(name) being cleared")
            }
        }
    }

    /// A file with the name that is none of this database's archives is left alone.
    @Test func aFileInTheWayIsLeftAlone() throws {
        let months = try Months()
        let text = Array("somebody's notes".utf8)
        try write(text, to: months.folder.file("node.db.2026-09.1"))
        #expect(try months.archive(before: "2026-11").map(\.name) == ["2026-09.2", "2026-10.1"])
        #expect(contents(of: months.folder.file("node.db.2026-09.1")) == text)
    }
}
