import SelatISO20022
import SelatJSON
import SelatNode
import SelatProxyDirectory
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// One acmt.023, one acmt.024. Rulebook: Addressing.
@Suite struct ProxyDirectoryTests {
    static let id = PartyID(checked: "th.directory")
    static let system = PartyID(checked: "th")

    private func opened(
        _ limit: ProxyDirectory.LookupLimit? = nil
    ) throws -> RoleHarness<ProxyDirectory> {
        func registration(
            _ code: String,
            _ value: String,
            _ bicfi: String
        ) throws -> ProxyDirectory.Registration {
            ProxyDirectory.Registration(
                code: code,
                value: value,
                bicfi: try #require(BICFI(bicfi)),
                account: "0887124455",
                name: "Kanokwan Srisuwan",
                displayName: "Kano**** Sri****"
            )
        }
        let configuration = ProxyDirectory.Configuration(
            id: Self.id,
            bicfi: try #require(BICFI("PDIRTHB0")),
            registrations: [
                try registration("MBNO", "+66812004417", "LTUSTHB0"),
                try registration("EMAL", "Kanokwan@Example.TH", "LTUSTHB0"),
                try registration("NIDN", "1103700012345", "LTUSTHB0"),
                try registration("NIDN", "1103700012345", "SMUTTHB0"),
            ],
            lookupLimit: limit
        )
        var harness = RoleHarness(ProxyDirectory(configuration), as: Self.id)
        harness.open()
        return harness
    }

    private func question(
        _ code: String,
        _ value: String,
        token: String = "b7f1",
        agent: String? = nil
    ) -> IdentificationVerificationRequest {
        IdentificationVerificationRequest(
            messageIdentification: "MRLN1",
            creationDateTime: Instant(nanoseconds: 1_795_406_399_000_000_000),
            creator: Party(
                name: "Tan Hui Shan Amelia",
                identification: .person(PrivateIdentification(other: token))
            ),
            firstAgent: Agent(bicfi: BICFI("MRLNSGS0")),
            assigner: Agent(bicfi: BICFI("MRLNSGS0")),
            assignee: Agent(bicfi: BICFI("PDIRTHB0"), country: "TH"),
            verificationIdentification: "PRX-1",
            account: Account(proxy: Proxy(code: code, identification: value)),
            agent: agent.map { Agent(bicfi: BICFI($0)) }
        )
    }

    private func ask(
        _ harness: inout RoleHarness<ProxyDirectory>,
        _ request: IdentificationVerificationRequest
    ) throws -> IdentificationVerificationReport {
        let decision = harness.receive(.iso(.verificationRequest(request)), from: Self.system)
        #expect(decision.recipients == [Self.system])
        guard case .iso(.verificationReport(let report)) = decision.messages.first?.message else {
            throw NoReport()
        }
        #expect(report.violations() == [])
        return report
    }

    private struct NoReport: Error {}

    @Test func aRegisteredProxyGivesAccountAndBothNames() throws {
        var harness = try opened()
        let request = question("MBNO", "+66812004417")
        let report = try ask(&harness, request)
        #expect(report.verification)
        #expect(report.reason == nil)
        #expect(report.updatedParty?.name == "Kanokwan Srisuwan")
        #expect(report.updatedAccount?.name == "Kano**** Sri****")
        #expect(report.updatedAccount?.number == "0887124455")
        #expect(report.updatedAgent?.bicfi?.code == "LTUSTHB0")
        #expect(report.originalAccount == request.account)
        #expect(report.originalIdentification == "PRX-1")
        #expect(report.originalAssignment?.messageIdentification == "MRLN1")
        #expect(report.creator == request.creator)
        #expect(report.assigner.bicfi?.code == "PDIRTHB0")
        #expect(report.assignee == request.firstAgent)
        #expect(harness.violations == [])
    }

    @Test(
        arguments: [
            ("MBNO", "+66 81 200 4417"), ("MBNO", "+66-81-200-4417"),
            ("EMAL", "kanokwan@example.th"),
        ]
    )
    func spellingIsNoDifference(_ code: String, _ value: String) throws {
        var harness = try opened()
        let decision = harness.receive(
            .iso(.verificationRequest(question(code, value))),
            from: Self.system
        )
        guard case .iso(.verificationReport(let report)) = decision.messages.first?.message else {
            throw NoReport()
        }
        #expect(report.verification)
        #expect(report.originalAccount?.proxy?.identification == value)
    }

    @Test(arguments: [("MBNO", "+66800000000"), ("EMAL", "+66812004417"), ("PVTX", "1")])
    func anUnregisteredProxyIsBE23(_ code: String, _ value: String) throws {
        var harness = try opened()
        let report = try ask(&harness, question(code, value))
        #expect(!report.verification)
        #expect(report.reason == "BE23")
        #expect(report.updatedParty == nil)
    }

    @Test func aProxyAtSeveralInstitutionsNeedsTheInstitution() throws {
        var harness = try opened()
        #expect(try ask(&harness, question("NIDN", "1103700012345")).reason == "DUPL")
        let there = try ask(&harness, question("NIDN", "1103700012345", agent: "SMUTTHB0"))
        #expect(there.updatedAgent?.bicfi?.code == "SMUTTHB0")
        let elsewhere = try ask(&harness, question("NIDN", "1103700012345", agent: "PRLNTHB0"))
        #expect(elsewhere.reason == "BE23")
    }

    @Test func tooManyLookupsOfOneSenderAreFRADUntilTheWindowEnds() throws {
        var harness = try opened(.init(count: 2, window: .seconds(60)))
        let start = harness.now
        func reason(_ token: String) throws -> String? {
            try ask(&harness, question("MBNO", "+66812004417", token: token)).reason
        }
        #expect(try reason("a") == nil)
        #expect(try reason("a") == nil)
        #expect(try reason("a") == "FRAD")
        #expect(try reason("b") == nil)
        harness.now = start + .seconds(59)
        #expect(try reason("a") == "FRAD")
        harness.now = start + .seconds(60)
        #expect(try reason("a") == nil)
        #expect(harness.violations == [])
    }

    @Test func withoutALimitNothingIsCounted() throws {
        var harness = try opened()
        for _ in 0..<20 {
            let report = try ask(&harness, question("MBNO", "+66812004417"))
            #expect(report.verification)
        }
        #expect(harness.decisions.dropFirst().allSatisfy { $0.records == [] })
    }

    @Test func theDirectoryIsFilledOnce() throws {
        var harness = try opened()
        #expect(harness.open() == .nothing)
        #expect(harness.violations == [])
    }

    @Test func requestsAndOtherMessagesAreNotItsBusiness() throws {
        var harness = try opened()
        #expect(harness.request("accounts", [:], from: .operatorChannel)?.status == 404)
        let rate = RateAnnouncement(
            id: UUIDv4(Seed(high: 1, low: 1)),
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: nil
        )
        #expect(harness.receive(.rate(rate), from: Self.system).alerts.count == 1)
    }
}
