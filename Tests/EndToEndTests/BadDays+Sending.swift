import Foundation
import SelatISO20022
import SelatJSON
import SelatRuntime
import SelatTime
import Testing

extension BadDays {
    /// What an engineer attaches: `selat send`, and the sample in Python.
    @Suite(.lawful) struct Sending {
        /// A file of its own, gone with the test.
        private func file(_ bytes: [UInt8]) throws -> String {
            let path = NSTemporaryDirectory() + UUID().uuidString + ".xml"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return path
        }

        private func send(_ bytes: [UInt8], as party: String = "KRNJSGS0") throws -> Region.Said {
            let path = try file(bytes)
            try Region.shared().noteRaw(bytes)
            defer { _ = unsafe unlink(path) }
            return try Region.shared().selat("send", "--as", party, path, "--json")
        }

        @Test func theReplyIsTheDocumentAndTheExitCode() throws {
            let region = try Region.shared()
            // Its own connection ends before the command's begins.
            func prepared() throws -> RawPayment { RawPayment(try Kranji(region).quote()) }
            let payment = try prepared()
            let accepted = try send(try payment.bytes())
            #expect(accepted.status == 0, "\(accepted.errors)")
            let document = try accepted.json()
            #expect(document["schema"] == "selat.send/1")
            #expect(document["kind"] == "pacs.002")
            #expect(document["status"] == "ACCC")
            #expect(document["reason"] == .null)
            #expect(document["uetr"] == .string(payment.uetr.description))
            try region.settle(payment.uetr)
            // The same file again: the same reply, byte for byte, and nothing moves.
            #expect(try send(try payment.bytes()).json()["reply"] == document["reply"])

            var broken = try prepared()
            broken.changes = [("<NbOfTxs>1</NbOfTxs>", "<NbOfTxs>1</NbOfTxs><Surprise/>")]
            let refused = try send(try broken.bytes())
            #expect(refused.status == 1)
            #expect(try refused.json()["reason"] == "FF01")

            try region.script(
                "creditor",
                of: "LTUSTHB0",
                at: "ips-th",
                ["kind": "block", "times": 1]
            )
            let blocked = try prepared()
            #expect(try send(try blocked.bytes()).status == 5)
            try region.settle(blocked.uetr)
        }

        @Test(arguments: [("0887124455", true, 0 as Int32), ("0887124477", false, 1)])
        func aQuestionIsAnsweredByTheReport(
            account: String,
            isVerified: Bool,
            status: Int32
        ) throws {
            let kranji = Agent(bicfi: BICFI("KRNJSGS0"))
            let identification = String(Order.newIdentity().description.filter { $0 != "-" })
            let question = IdentificationVerificationRequest(
                messageIdentification: identification,
                creationDateTime: RawPayment.now(),
                creator: Party(name: "A customer of Kranji"),
                firstAgent: kranji,
                assigner: kranji,
                assignee: Agent(bicfi: BICFI("FSTOSGS0"), country: "TH"),
                verificationIdentification: identification,
                account: Account(identification: .other(account)),
                agent: Agent(bicfi: BICFI("LTUSTHB0"))
            )
            let said = try send(ISOMessage.verificationRequest(question).encode())
            #expect(said.status == status)
            let document = try said.json()
            #expect(document["kind"] == "acmt.024")
            #expect(document["verified"] == .bool(isVerified))
            #expect(document["reason"] == (isVerified ? .null : "AC04"))
        }

        @Test func whatNobodyCanAnswerEndsWithItsAcknowledgement() throws {
            let said = try send(Array("no message at all".utf8))
            #expect(said.status == 1)
            #expect(try said.json()["reply"] == .null)
        }

        @Test func whoHasNoLinkIsToldWhatToDo() throws {
            let hosted = try send(Array("<a/>".utf8), as: "MRLNSGS0")
            #expect(hosted.status == 2)
            #expect(hosted.errors.contains("hosted by ips-sg"))
            let running = try send(Array("<a/>".utf8), as: "PASRSGS0")
            #expect(running.status == 2)
            #expect(running.errors.contains("stop it first"))
            let nobody = try Region.shared().selat("send", "--as", "KRNJSGS0", "/nowhere.xml")
            #expect(nobody.status == 2)
        }

        /// What comes for a node's own roles while the command holds its link is left for them.
        @Test func theNodesOwnMessagesAreLeftForItsDaemon() throws {
            let region = try Region.shared()
            try region.end("psp-pasir")
            let order = Order.toKranji.with { order in
                order.creditorAgent = "PASRSGS0"
                order.creditorAccount = "2210450001"
            }
            let uetr = try region.begin(order)
            try region.until("the instruction for the bank that is away") {
                try region.texts(uetr, kind: 1, "out", with: "psp-pasir", at: "ips-sg").count == 1
            }
            #expect(try send(Array("no message at all".utf8), as: "PASRSGS0").status == 1)
            try region.start("psp-pasir")
            #expect(try region.ending(order, uetr).state == "completed")
            try region.settle(uetr)
        }

        @Test func anUnreachableCountryIsSaidSo() throws {
            let region = try Region.shared()
            try region.end("ips-sg")
            #expect(try send(Array("<a/>".utf8)).status == 3)
            try region.start("ips-sg")
        }

        @Test func theSampleInPythonPays() throws {
            let region = try Region.shared()
            let endpoints = try Endpoints.read(in: region.directory)
            let country = try #require(endpoints["ips-sg"])
            let samples = Region.root.appendingPathComponent("Specs/Samples")
            let folder = NSTemporaryDirectory() + UUID().uuidString
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let pki = region.directory + "/pki"
            let python = Process()
            python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            python.currentDirectoryURL = URL(fileURLWithPath: folder)
            python.arguments = [
                "python3", samples.appendingPathComponent("psp.py").path, "\(country)",
                pki + "/ca.pem", "\(pki)/nodes/\(Kranji.node)/certificate.pem",
                "\(pki)/nodes/\(Kranji.node)/key.pem", Kranji.node, "KRNJSGS0", "ips-sg", "sg",
                """
                {"sourceCountry":"SG","sourceCurrency":"SGD","destinationCountry":"TH",\
                "destinationCurrency":"THB","amountCurrency":"SGD","amount":"25.00"}
                """,
                samples.appendingPathComponent("pacs.008.xml").path,
            ]
            let output = Pipe()
            python.standardInput = FileHandle.nullDevice
            python.standardOutput = output
            try python.run()
            let said = try output.fileHandleForReading.readToEnd() ?? Data()
            python.waitUntilExit()
            #expect(python.terminationStatus == 0)
            let text = String(decoding: said, as: UTF8.self)
            #expect(text.contains("<TxSts>ACCC</TxSts>"), "\(text)")
        }
    }
}
