import Foundation
import SelatJSON
import SelatScheme
import SelatTime
import Testing

/// The past of running nodes leaves their databases, and every report still has it.
/// Specs/Protocol/Database.md, "Archives".
@Suite(.serialized, .region()) struct ArchivingTests {
    private let region: Region

    init() throws { region = try Region.shared() }

    private static let nodes = ["hub", "ips-sg", "ips-th", "fx-merlion"]

    private func trace(_ uetr: UUIDv4) throws -> JSONValue {
        let said = try region.selat("trace", uetr.description, "--messages", "--json")
        #expect(said.status == 0, "\(said.errors)")
        return try said.json()
    }

    /// Everything that the node has committed: the limit lies ahead of its clock.
    ///
    /// - Returns: How many payments left.
    private func archive(_ node: String) throws -> Int {
        let limit = (RawPayment.now() + .seconds(3600)).description
        let said = try region.selat("archive", node, "--before", limit, "--json")
        #expect(said.status == 0, "\(node): \(said.errors)")
        guard case .array(let archives)? = try said.json()["archives"], !archives.isEmpty else {
            throw Region.Failure("\(node): \(said.output)")
        }
        return try archives.reduce(0) { sum, archive in
            sum + (try archive.cursor.member("payments").integer(Int.self))
        }
    }

    /// The checker that shares no code with the nodes finds nothing either.
    private func expectLawfulIndependently() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            Region.root.appendingPathComponent("Specs/Samples/ledger").path, "--data",
            region.directory, "--running",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: data, as: UTF8.self))")
    }

    @Test func anArchivedPaymentIsStillKnownEverywhere() throws {
        let (first, ending) = try region.pay(.usual)
        #expect(ending.state == "completed")
        try region.settle(first)
        try region.awaitDelivery()
        let before = try trace(first)

        // One payment is on its way while the months leave.
        let underWay = try region.begin(.usual)
        for node in Self.nodes { #expect(try archive(node) > 0, "\(node)") }
        #expect(try region.ending(.usual, underWay).state == "completed")
        try region.settle(underWay)
        #expect(try trace(first) == before)
        try region.expectLawful()
        try expectLawfulIndependently()

        // The second file of the month; and nothing to do is no error.
        try region.settle(try region.pay(.usual).uetr)
        #expect(try archive("hub") > 0)
        let again = try region.selat("archive", "hub", "--before", "2020-01")
        #expect(again.status == 0 && again.output.contains("hub: nothing before"))

        for node in ["hub", "ips-sg"] { try region.restart(node) }
        #expect(try trace(first) == before)
        try region.settle(try region.pay(.usual).uetr)
        try region.expectLawful()
        try expectLawfulIndependently()
    }

    /// Without its node the command does it itself.
    @Test func aStoppedNodeIsArchived() throws {
        try region.settle(try region.pay(.usual).uetr)
        try region.end("ips-th")
        #expect(try archive("ips-th") > 0)
        try region.start("ips-th")
        try region.settle(try region.pay(.usual).uetr)
        try region.expectLawful()
    }

    @Test func whatIsAskedWronglyIsSaid() throws {
        let time = try region.selat("archive", "hub", "--before", "yesterday")
        #expect(time.status == 2)
        #expect(time.errors.contains("expected a month such as 2026-11"))
        let node = try region.selat("archive", "nobody")
        #expect(node.status == 2)
        #expect(node.errors.contains("expected the database of nobody"))
    }
}
