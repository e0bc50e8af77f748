import Foundation
import SelatJSON
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatTime
import Testing

/// Damaged databases, backups, and what peers know better. Specs/Disk.md.
@Suite(.serialized, .region()) struct RestoreTests {
    private let region: Region

    init() throws { region = try Region.shared() }

    private func path(_ node: String) -> String { "\(region.directory)/\(node).sqlite" }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// As a node that has run for long: everything in the tables.
    private func fold(_ node: String) throws { try SQLiteStore(path: path(node)).foldAll() }

    /// The pages of a stopped node's database, by what they hold.
    private func pages(of node: String) throws -> [String: [Int]] {
        let program = """
            import sqlite3, sys
            database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for row in database.execute("SELECT name, pagetype, pageno FROM dbstat"):
                print(f"{row[0]}-{row[1]} {row[2]}")
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", program, path(node)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        var pages: [String: [Int]] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if let number = Int(parts[1]) { pages[String(parts[0]), default: []].append(number) }
        }
        return pages
    }

    private func change(_ page: Int, of node: String) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path(node)))
        let offset = UInt64((page - 1) * 4096 + 2100)
        try handle.seek(toOffset: offset)
        let byte = try handle.read(upToCount: 1)?.first ?? 0
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data([byte ^ 0x10]))
        try handle.close()
    }

    private static let refusal = "does not agree with its mark"

    /// One byte in one page of each kind: refused at the start, or when somebody reads it, and
    /// never served.
    @Test func aChangedByteIsRefusedAndSaysWhatToDo() throws {
        var paid: [UUIDv4] = []
        for _ in 1...3 { paid.append(try region.pay(.usual).uetr) }
        for uetr in paid { try region.settle(uetr) }
        try region.end("ips-th")
        try fold("ips-th")
        let whole = try bytes(path("ips-th"))
        let pages = try pages(of: "ips-th")
        #expect(pages.count >= 12, "\(pages.keys.sorted())")
        // Of the migrations only the index of their names is ever read.
        for (kind, numbers) in pages.sorted(by: { $0.key < $1.key }) where kind != "migration-leaf"
        {
            try change(numbers[0], of: "ips-th")
            let process = try region.start("ips-th")
            var said = ""
            if !region.hasEnded("ips-th") {
                // Not needed for a start: whoever reads it is refused.
                said = try region.selat("ledger", "check").errors
                try region.end("ips-th")
            } else {
                process.waitUntilExit()
                #expect([69, 70].contains(process.terminationStatus))
                said = try region.log(ofEnded: "ips-th")
                region.forget("ips-th")
            }
            #expect(said.contains("page \(numbers[0]) of"), "\(kind): \(said)")
            #expect(said.contains(Self.refusal) && said.contains("selat restore"), "\(kind)")
            try Data(whole).write(to: URL(fileURLWithPath: path("ips-th")))
            for beside in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path("ips-th") + beside)
            }
        }
        try region.start("ips-th")
        try region.expectLawful()
    }

    /// A backup, rolled forward over the log of the damaged database: nothing is missing.
    @Test func aDamagedNodeIsRestoredAndRolledForward() throws {
        try region.restart("hub")
        let file = "\(region.directory)/hub.backup"
        for _ in 1...2 { try region.settle(try region.pay(.usual).uetr) }
        let first = try region.selat("backup", "hub", file, "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["added"] == .null)
        try region.settle(try region.pay(.usual).uetr)
        let second = try region.selat("backup", "hub", file, "--json")
        #expect(second.status == 0, "\(second.errors)")
        #expect(try second.json()["added"] != .integer(0))
        var since: [UUIDv4] = []
        for _ in 1...2 {
            since.append(try region.pay(.usual).uetr)
            try region.settle(since[since.count - 1])
        }
        let underWay = try region.begin(.usual)
        try region.signal(SIGKILL, "hub")
        try region.end("hub")
        try fold("hub")
        for (kind, numbers) in try pages(of: "hub")
        where kind.hasPrefix("dossier") || kind.hasPrefix("record") {
            for number in numbers { try change(number, of: "hub") }
        }
        let dead = try region.start("hub")
        dead.waitUntilExit()
        #expect([69, 70].contains(dead.terminationStatus))
        #expect(try region.log(ofEnded: "hub").contains("selat restore"))
        region.forget("hub")

        // The backup alone would not know what the hub has said since.
        let before = try bytes(path("hub"))
        let refused = try region.selat("restore", "hub", file, "--json")
        #expect(refused.status == 1)
        let missing = try missing(refused)
        #expect(Set(since).isSubset(of: missing), "\(refused.output)")
        #expect(missing.subtracting(since).isSubset(of: [underWay]))
        #expect(try bytes(path("hub")) == before)

        let restored = try region.selat("restore", "hub", file, "--log", path("hub"), "--json")
        #expect(restored.status == 0, "\(restored.output) \(restored.errors)")
        #expect(try restored.json()["missing"] == .array([]))
        try region.start("hub")
        #expect(try region.ending(.usual, underWay).state == "completed")
        try region.settle(underWay)
        try region.settle(try region.pay(.usual).uetr)
        try region.expectLawful()
    }

    private func missing(_ said: Region.Said) throws -> Set<UUIDv4> {
        guard case .array(let entries) = try said.json()["missing"] ?? .null else { return [] }
        return Set(
            entries.compactMap { entry in
                guard case .string(let text) = entry["uetr"] ?? .null else { return nil }
                return UUIDv4(text)
            }
        )
    }

    /// The disk is gone, the backup is older, and the node has only heard since: its peers send
    /// again what it had acknowledged.
    @Test func whatARestoredNodeOnlyHeardComesAgain() throws {
        try region.settle(try region.pay(.usual).uetr)
        let file = "\(region.directory)/fx.backup"
        #expect(try region.selat("backup", "fx-merlion", file).status == 0)
        var since: [UUIDv4] = []
        for _ in 1...3 {
            since.append(try region.pay(.usual).uetr)
            try region.settle(since[since.count - 1])
            // Acknowledgements may wait for company; the next payment makes them durable.
            try region.awaitDelivery()
        }
        func areKnown() throws -> Bool {
            try since.allSatisfy { uetr in
                try region.state(uetr, of: "fx-merlion", at: "fx-merlion") == "1"
            }
        }
        try region.until("the notifications") { try areKnown() }
        try region.end("fx-merlion")
        try FileManager.default.removeItem(atPath: path("fx-merlion"))
        let said = try region.selat("restore", "fx-merlion", file, "--json")
        #expect(said.status == 0, "\(said.output) \(said.errors)")
        guard case .array(let toCome) = try said.json()["toCome"] ?? .null else {
            throw Region.Failure("\(said.output)")
        }
        // The hub need not have noted the last acknowledgement yet; that one comes anyway.
        #expect((2...3).contains(toCome.count), "\(said.output)")
        try region.start("fx-merlion")
        try region.until("the notifications once more") { try areKnown() }
        try region.settle(try region.pay(.usual).uetr)
        try region.expectLawful()
    }

    /// What a node said cannot be heard again from anybody: it is listed, and nothing changes.
    @Test func aNodeThatLacksItsOwnWordsIsNotRestored() throws {
        let file = "\(region.directory)/th.backup"
        #expect(try region.selat("backup", "ips-th", file).status == 0)
        let running = try region.selat("restore", "ips-th", file)
        #expect(running.status == 2)
        #expect(running.errors.contains("is open for writing in process"))
        let (uetr, _) = try region.pay(.usual)
        try region.settle(uetr)
        try region.end("ips-th")
        let before = try bytes(path("ips-th"))
        let said = try region.selat("restore", "ips-th", file, "--json")
        #expect(said.status == 1)
        #expect(try missing(said) == [uetr])
        #expect(try region.selat("restore", "ips-th", file, "--unreconciled").status == 1)
        #expect(try bytes(path("ips-th")) == before)
        try region.start("ips-th")
        try region.settle(try region.pay(.usual).uetr)
        try region.expectLawful()
    }
}
