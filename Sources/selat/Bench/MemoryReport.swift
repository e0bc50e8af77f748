import SelatJSON

/// What a process held when.
struct MemorySample: Hashable, Sendable {
    let name: String
    let bytes: Int
}

/// What the links of PSPs cost that have nothing to say, where they are accepted.
struct IdleLinksReport {
    /// A payment system.
    struct Acceptor {
        let name: String
        /// Links that came up between the two looks.
        let links: Int
        let before: Int
        let after: Int
    }

    let acceptors: [Acceptor]

    private var links: Int { acceptors.reduce(0) { $0 + $1.links } }

    /// Of all acceptors together.
    var bytesPerLink: Int {
        acceptors.reduce(0) { $0 + $1.after - $1.before } / max(links, 1)
    }

    /// For a person.
    var lines: [String] {
        ["idle links: \(links), \(bytesPerLink) bytes each"]
            + acceptors.map {
                "    \($0.name): \($0.links) links, \($0.before / 1024) KiB before, "
                    + "\($0.after / 1024) KiB after"
            }
    }

    /// For a program.
    var body: JSONValue {
        [
            "links": .integer(links),
            "bytesPerLink": .integer(bytesPerLink),
            "processes": .array(
                acceptors.map {
                    [
                        "name": .string($0.name), "links": .integer($0.links),
                        "bytesBefore": .integer($0.before), "bytesAfter": .integer($0.after),
                    ]
                }
            ),
        ]
    }
}

/// What a payment under way costs: memory with few and with many of them, at a moment at which
/// nothing else goes on.
struct InFlightReport {
    let few: Int
    let many: Int
    /// At rest, before the last round of the warm-up.
    let before: [MemorySample]
    /// After that round, of as many payments as are held later, when all have ended.
    let atRest: [MemorySample]
    let withFew: [MemorySample]
    let withMany: [MemorySample]

    /// By process. What many hold more than few do, over how many more there are; and what a
    /// payment leaves behind that is not held.
    private var perPayment: [(name: String, held: Int, ended: Int)] {
        withMany.indices.map { place in
            (
                withMany[place].name,
                (withMany[place].bytes - withFew[place].bytes) / (many - few),
                (atRest[place].bytes - before[place].bytes) / many
            )
        }
    }

    /// For a person.
    var lines: [String] {
        ["payments in flight: \(few), then \(many)"]
            + perPayment.enumerated().map { place, process in
                "    \(process.name): \(process.held) bytes per payment, "
                    + "\(process.ended) left behind by one that has ended; at rest "
                    + "\(atRest[place].bytes / 1024) KiB, with few "
                    + "\(withFew[place].bytes / 1024) KiB, with many "
                    + "\(withMany[place].bytes / 1024) KiB"
            }
    }

    /// For a program.
    var body: JSONValue {
        [
            "few": .integer(few),
            "many": .integer(many),
            "processes": .array(
                perPayment.enumerated().map { place, process in
                    [
                        "name": .string(process.name),
                        "bytesPerPayment": .integer(process.held),
                        "bytesPerEndedPayment": .integer(process.ended),
                        "bytesBefore": .integer(before[place].bytes),
                        "bytesAtRest": .integer(atRest[place].bytes),
                        "bytesWithFew": .integer(withFew[place].bytes),
                        "bytesWithMany": .integer(withMany[place].bytes),
                    ]
                }
            ),
        ]
    }
}
