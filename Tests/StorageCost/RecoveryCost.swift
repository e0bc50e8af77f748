import Foundation
import Glibc
import SelatNode
import SelatSQLite
import SelatScheme
import SelatTime

/// Prints how long a node that was killed needs to its first acknowledgement, and what memory it
/// holds: `storage-cost recovery DATABASE [FINISHED [OPEN]]`.
///
/// A process fills the database through the store, a hub's batches, and kills itself when as much
/// as ever is left to replay; others start on what it left, each a process of its own: open,
/// recover, take one message, commit it, acknowledge, and die as the first did. The time is from
/// the start of the process to the acknowledgement; links and handshakes are not in it.
enum RecoveryCost {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ path: String, finished: Int, open: Int) throws {
        try child(["fill", path, "\(finished)", "\(open)"]) { print("  \($0)") }
        for round in 1...5 {
            if round <= 2 { forgetPages(of: path) }
            let began = ContinuousClock.now
            try child(["start", path]) { line in
                let parts = (ContinuousClock.now - began).components
                let milliseconds =
                    parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
                let disk = round <= 2 ? "cold" : "warm"
                print("start \(round) (\(disk)): \(milliseconds) ms to the first \(line)")
            }
        }
    }

    /// Runs this program again and hands over each line as it comes; it must have killed itself.
    private static func child(_ arguments: [String], _ tell: (String) -> Void) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var text = ""
        while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            while let end = text.firstIndex(of: "\n") {
                tell(String(text[..<end]))
                text = String(text[text.index(after: end)...])
            }
        }
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL
        else { throw Failure(description: "\(arguments[0]) ended by itself") }
    }

    // MARK: Filling

    static func fill(_ path: String, finished: Int, open: Int) throws {
        let size = 250
        let store = try SQLiteStore(path: path)
        var load = Load(size: size)
        try commit(store, load.opening())
        var mostUnfolded: Int64 = 0
        for number in 0..<(finished + size - 1) / size {
            try commit(store, load.quotes())
            try commit(store, load.instructions().batch)
            try commit(store, load.answers().batch)
            mostUnfolded = max(mostUnfolded, store.unfoldedBatches)
            if (number + 1) * size % 250_000 == 0 {
                say("\((number + 1) * size) payments finished, \(memory())")
            }
        }
        for _ in 0..<(open + size - 1) / size {
            try commit(store, load.quotes())
            try commit(store, load.instructions().batch)
        }
        // More of them, until about as much as ever is not folded yet.
        var rounds = 0
        while store.unfoldedBatches < mostUnfolded * 9 / 10, rounds < 2000 {
            rounds += 1
            try commit(store, load.quotes())
            try commit(store, load.instructions().batch)
            try commit(store, load.answers().batch)
        }
        say("\(open) open; \(store.unfoldedBatches) batches to replay; \(memory())")
        kill(getpid(), SIGKILL)
    }

    private static func commit(_ store: SQLiteStore, _ batch: CommitBatch) throws {
        let outcome = store.commit(batch)
        guard outcome == .committed else { throw Failure(description: "\(outcome)") }
    }

    // MARK: Starting

    static func start(_ path: String) throws {
        let store = try SQLiteStore(path: path)
        let recovered = try store.recover()
        let link = LinkID("ips-sg")
        let party = PartyID(checked: "ips-sg")
        var core = NodeCore(
            roles: [.hub: Listener()],
            routing: Routing(links: [party: link], speakers: [link: [party]]),
            recovered: recovered,
            epochSeed: Seed(high: 1, low: 2)
        )
        guard let position = core.position(of: link) else {
            throw Failure(description: "the link is not recovered")
        }
        let announcement = RateAnnouncement(
            id: UUIDv4(Seed(high: 1, low: 7)),
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: nil
        )
        let (kind, bytes) = Message.rate(announcement).encoded()
        var actions = core.receive(
            .inbound(
                InboundMessage(
                    link: link,
                    epoch: position.receivedEpoch,
                    sequence: position.receivedSequence + 1,
                    kind: kind,
                    from: party,
                    to: .hub,
                    payload: bytes,
                    at: recovered.greatestInstant,
                    seed: Seed(high: 3, low: 4)
                )
            )
        )
        while !actions.isEmpty {
            switch actions.removeFirst() {
            case .fetch(let token, let keys):
                actions += core.fetched(token, try store.fetch(keys))
            case .commit(let token, let sealed):
                actions += core.receive(.committed(token, store.commit(sealed.batch)))
            case .acknowledge:
                say(
                    "acknowledgement; \(recovered.timers.count) timers, "
                        + "\(recovered.undelivered.count) undelivered, "
                        + "\(store.unfoldedBatches) batches replayed, \(memory())"
                )
                kill(getpid(), SIGKILL)
            case .stop(let why): throw Failure(description: why)
            case .send, .reply, .forward, .notice, .wakeAt: break
            }
        }
        throw Failure(description: "nothing was acknowledged")
    }

    /// Notes what it hears, as a hub notes a rate.
    private struct Listener: Role {
        func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
            keys.append(.record(.hub, .counter, "heard"))
        }

        func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
            decision.records = [
                RecordChange(
                    kind: .counter,
                    key: "heard",
                    expectedVersion: facts.record(.hub, .counter, "heard")?.version ?? 0,
                    content: [1]
                )
            ]
        }
    }

    // MARK: What the system says

    private static func say(_ line: String) {
        print(line)
        _ = fflush(nil)
    }

    /// Resident now and at most, in MB.
    private static func memory() -> String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func megabytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            return (Int(line.filter(\.isNumber)) ?? 0) / 1024
        }
        return "\(megabytes("VmRSS")) MB resident, at most \(megabytes("VmHWM")) MB"
    }

    /// The next reader meets the disk.
    private static func forgetPages(of path: String) {
        for name in [path, path + "-wal"] {
            let descriptor = unsafe Glibc.open(name, O_RDONLY)
            guard descriptor >= 0 else { continue }
            _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }
}
