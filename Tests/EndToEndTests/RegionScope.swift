import Foundation
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatStorage
import Testing

/// One region around a whole suite, its nested suites included. At the end the laws must hold, while
/// the nodes run and once more when they have stopped.
struct RegionScope: SuiteTrait, TestScoping {
    let edits: [Region.Edit]

    var isRecursive: Bool { false }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let region = try Region(edits)
        var isLawful = false
        // A region that breaks a law stays, for a look.
        defer { try? region.stop(keep: !isLawful) }
        try await Region.$current.withValue(region) { try await function() }
        try region.expectLawful()
        try region.awaitDelivery()
        try region.stop(keep: true)
        try region.expectLawful()
        try region.emitMessages()
        isLawful = true
    }
}

/// The laws hold when the suite has run.
struct LawfulScope: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await function()
        try Region.shared().expectLawful()
    }
}

extension Trait where Self == RegionScope {
    /// A region of this suite's own.
    static func region(_ edits: Region.Edit...) -> Self { RegionScope(edits: edits) }
}

extension Trait where Self == LawfulScope {
    /// `selat ledger check` after the suite.
    static var lawful: Self { LawfulScope() }
}

extension Region {
    /// The region of the suite around.
    static func shared() throws -> Region {
        guard let current else { throw Failure("the suite has no region") }
        return current
    }

    /// What nodes still owe each other has come to its end: only then is a stopped region at rest.
    func awaitDelivery() throws {
        try until("all messages to be delivered") {
            for node in Region.nodes.keys.sorted() {
                let status = try client(node).call("status", of: OperatorProtocol.node).body
                // What is held, for its pace, has not been sent on yet.
                guard case .array(let links)? = status["links"], status["idle"] == true else {
                    return false
                }
                // All nodes of the region run: a link between two of them comes up again.
                let isDelivered = links.allSatisfy { link in
                    guard link["undelivered"] != 0 else { return true }
                    guard case .string(let peer)? = link["node"] else { return false }
                    return link["up"] == .bool(false) && Region.nodes[peer] == nil
                }
                guard isDelivered else { return false }
            }
            return true
        }
    }

    /// `selat ledger check` finds nothing.
    func expectLawful() throws {
        let said = try selat("ledger", "check")
        guard said.status == 0 else { throw Failure("\(directory): \(said.output) \(said.errors)") }
    }

    /// Messages that nodes wrote, as every hop kept them, where SELAT_EMITTED says: CI validates
    /// them against the official schemas. What tests sent raw is not a node's.
    func emitMessages() throws {
        guard let path = ProcessInfo.processInfo.environment["SELAT_EMITTED"] else { return }
        let names = [
            Message.Kind.creditTransfer: "pacs.008.001.13",
            Message.Kind.statusReport: "pacs.002.001.15",
            Message.Kind.verificationRequest: "acmt.023.001.04",
            Message.Kind.verificationReport: "acmt.024.001.04",
        ]
        for node in Region.nodes.keys.sorted() {
            let dump = try SQLiteReader(path: "\(directory)/\(node).sqlite").dump()
            var written: [String: Int] = [:]
            for message in dump.messages where !isRaw(message.bytes) {
                guard let name = names[message.kind] else { continue }
                let group = "\(name)/\(node)-\(message.direction)"
                // A few of each place are enough: every kind of every hop is among them.
                guard written[group, default: 0] < 12 else { continue }
                written[group, default: 0] += 1
                let folder = URL(fileURLWithPath: path).appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: folder,
                    withIntermediateDirectories: true
                )
                try Data(message.bytes).write(
                    to: folder.appendingPathComponent(
                        "node-\(node)-\(message.direction)-\(message.number)-\(getpid()).xml"
                    )
                )
            }
        }
    }
}
