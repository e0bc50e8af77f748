import SelatHub
import SelatISO20022
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

@Suite struct ResolutionTests {
    typealias Request = IdentificationVerificationRequest
    typealias Report = IdentificationVerificationReport

    static func agent(_ code: String, country: String? = nil) -> Agent {
        Agent(bicfi: Region.bicfi(code), country: country)
    }

    func request(
        proxy: String? = "+66812004417",
        account: String? = nil,
        agent: String? = nil,
        country: String? = "TH",
        first: String = "MRLNSGS0"
    ) -> Request {
        Request(
            messageIdentification: "MRLN0001",
            creationDateTime: Instant(nanoseconds: 1_795_406_400_000_000_000),
            creator: SelatISO20022.Party(name: "Aisyah Tan"),
            firstAgent: Self.agent(first),
            assigner: Self.agent(first),
            assignee: Self.agent("FSTOSGS0").with(country: country),
            verificationIdentification: "V1",
            account: Account(
                identification: account.map { .other($0) },
                proxy: proxy.map { Proxy(code: "MBNO", identification: $0) }
            ),
            agent: agent.map { Self.agent($0) }
        )
    }

    /// What the Thai directory answers: Lotus holds the account, the display name is masked.
    func directoryReport(to request: Request, agent: String = "LTUSTHB0") -> Report {
        Report(
            messageIdentification: "TH0001",
            creationDateTime: Instant(nanoseconds: 1_795_406_401_000_000_000),
            creator: request.creator,
            firstAgent: request.firstAgent,
            assigner: Self.agent("BPAYTHB0"),
            assignee: Self.agent("BPAYTHB0"),
            originalAssignment: OriginalAssignment(
                messageIdentification: request.messageIdentification,
                creationDateTime: request.creationDateTime
            ),
            originalIdentification: request.verificationIdentification,
            verification: true,
            originalParty: request.party,
            originalAccount: request.account,
            originalAgent: request.agent,
            updatedParty: SelatISO20022.Party(name: "Somchai Wong"),
            updatedAccount: Account(identification: .other("0887124455"), name: "SOMCHAI W***"),
            updatedAgent: Self.agent(agent)
        )
    }

    /// What the creditor agent answers to the hub's own look-up.
    func agentReport(
        to second: Request,
        verification: Bool = true,
        reason: String? = nil
    ) -> Report {
        Report(
            messageIdentification: "LTUS0001",
            creationDateTime: Instant(nanoseconds: 1_795_406_402_000_000_000),
            creator: second.creator,
            firstAgent: second.firstAgent,
            assigner: Self.agent("LTUSTHB0"),
            assignee: Self.agent("MRLNSGS0"),
            originalAssignment: OriginalAssignment(
                messageIdentification: second.messageIdentification,
                creationDateTime: second.creationDateTime
            ),
            originalIdentification: second.verificationIdentification,
            verification: verification,
            reason: reason,
            originalAccount: second.account,
            originalAgent: second.agent,
            updatedParty: verification
                ? SelatISO20022.Party(
                    name: "Somchai Wongsakul",
                    postalAddress: PostalAddress(townName: "Bangkok", country: "TH")
                ) : nil,
            updatedAccount: verification
                ? Account(identification: .other("0887124455"), name: "SOMCHAI WONGSAKUL") : nil
        )
    }

    func requests(_ decision: Decision, to party: PartyID) -> [Request] {
        decision.messages.compactMap { outgoing in
            guard outgoing.to == party,
                case .iso(.verificationRequest(let request)) = outgoing.message
            else { return nil }
            return request
        }
    }

    func reports(_ decision: Decision, to party: PartyID) -> [Report] {
        decision.messages.compactMap { outgoing in
            guard outgoing.to == party,
                case .iso(.verificationReport(let report)) = outgoing.message
            else { return nil }
            return report
        }
    }

    // MARK: Out

    @Test func aProxyGoesToTheDestinationWithOnlyTheAssigneeChanged() {
        var story = HubStory()
        let request = request()
        let decision = story.harness.receive(.iso(.verificationRequest(request)), from: Region.sg)
        var expected = request
        expected.assignee = Self.agent("BPAYTHB0", country: "TH")
        #expect(requests(decision, to: Region.th) == [expected])
        #expect(decision.messages.count == 1)
    }

    @Test func anAccountGoesToItsAgent() {
        var story = HubStory()
        let request = request(proxy: nil, account: "0887124455", agent: "LTUSTHB0")
        let decision = story.harness.receive(.iso(.verificationRequest(request)), from: Region.sg)
        var expected = request
        expected.assignee = Self.agent("LTUSTHB0", country: "TH")
        #expect(requests(decision, to: Region.th) == [expected])
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let what: String
        let reason: String
        var proxy: String? = "+66812004417"
        var account: String?
        var agent: String?
        var country: String? = "TH"
        var first = "MRLNSGS0"

        var testDescription: String { what }
    }

    @Test(arguments: [
        Refused(what: "unregistered first agent", reason: "RC06", first: "ZZZZSGS0"),
        Refused(what: "first agent of another country", reason: "RC06", first: "LTUSTHB0"),
        Refused(what: "first agent off the network", reason: "RC06", first: "PASRSGS0"),
        Refused(what: "no destination country", reason: "RC07", country: nil),
        Refused(what: "unknown destination country", reason: "RC07", country: "PH"),
        Refused(what: "the own country", reason: "AGNT", country: "SG"),
        Refused(what: "account without agent", reason: "RC07", proxy: nil, account: "1"),
        Refused(
            what: "unknown agent",
            reason: "RC07",
            proxy: nil,
            account: "1",
            agent: "ZZZZTHB0"
        ),
        Refused(
            what: "agent of another country",
            reason: "RC07",
            proxy: nil,
            account: "1",
            agent: "RIMBMYK0"
        ),
        Refused(
            what: "agent off the network",
            reason: "AGNT",
            proxy: nil,
            account: "1",
            agent: "KHAOTHB0"
        ),
        Refused(
            what: "agent that cannot answer",
            reason: "AB08",
            proxy: nil,
            account: "1",
            agent: "NAGATHB0"
        ),
        Refused(what: "proxy at an agent off the network", reason: "AGNT", agent: "KHAOTHB0"),
    ])
    func theHubAnswersItself(_ refused: Refused) throws {
        var story = HubStory()
        let request = request(
            proxy: refused.proxy,
            account: refused.account,
            agent: refused.agent,
            country: refused.country,
            first: refused.first
        )
        let decision = story.harness.receive(.iso(.verificationRequest(request)), from: Region.sg)
        #expect(decision.recipients == [Region.sg])
        let report = try #require(reports(decision, to: Region.sg).first)
        #expect(!report.verification)
        #expect(report.reason == refused.reason)
        #expect(report.assignee == request.firstAgent)
        #expect(report.originalAssignment?.messageIdentification == "MRLN0001")
        #expect(report.originalIdentification == "V1")
        #expect(report.originalAccount == request.account)
        #expect(report.originalAgent == request.agent)
        #expect(report.updatedAccount == nil)
    }

    @Test func onlyAPaymentSystemAsksOrAnswers() {
        var story = HubStory()
        let request = request()
        for message in [
            Message.iso(.verificationRequest(request)),
            .iso(.verificationReport(directoryReport(to: request))),
        ] {
            let decision = story.harness.receive(message, from: Region.merlion)
            #expect(decision.messages.isEmpty)
            #expect(decision.alerts.map(\.severity) == [.security])
        }
    }

    // MARK: Back

    @Test func theDirectorysAnswerIsPassedOnWhenTheAgentCannotAnswer() {
        var story = HubStory()
        let report = directoryReport(to: request(), agent: "NAGATHB0")
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        var expected = report
        expected.assignee = Self.agent("MRLNSGS0")
        #expect(reports(decision, to: Region.sg) == [expected])
        #expect(decision.messages.count == 1)
        #expect(decision.records.isEmpty)
    }

    @Test func aNegativeAnswerIsPassedOn() {
        var story = HubStory()
        var report = directoryReport(to: request())
        report.verification = false
        report.reason = "BE23"
        report.updatedParty = nil
        report.updatedAccount = nil
        report.updatedAgent = nil
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(reports(decision, to: Region.sg).map(\.reason) == ["BE23"])
    }

    @Test func anAccountsAnswerIsPassedOnWithoutAnotherLookUp() {
        var story = HubStory()
        let asked = request(proxy: nil, account: "0887124455", agent: "LTUSTHB0")
        let report = directoryReport(to: asked)
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(reports(decision, to: Region.sg).count == 1)
    }

    @Test func afterAProxyHitTheAgentIsAskedAndItsDataGoesFirst() throws {
        var story = HubStory()
        let asked = request()
        let directory = directoryReport(to: asked)
        let first = story.harness.receive(.iso(.verificationReport(directory)), from: Region.th)
        #expect(first.recipients == [Region.th])
        let second = try #require(requests(first, to: Region.th).first)
        #expect(second.messageIdentification != asked.messageIdentification)
        #expect(second.assignee == Self.agent("LTUSTHB0", country: "TH"))
        #expect(second.account == Account(identification: .other("0887124455")))
        #expect(second.firstAgent == asked.firstAgent)

        let answer = agentReport(to: second)
        let last = story.harness.receive(.iso(.verificationReport(answer)), from: Region.th)
        let merged = try #require(reports(last, to: Region.sg).first)
        #expect(merged.verification)
        #expect(merged.assignee == asked.firstAgent)
        #expect(merged.originalAssignment?.messageIdentification == "MRLN0001")
        #expect(merged.originalAccount == asked.account)
        #expect(merged.updatedParty?.name == "Somchai Wongsakul")
        #expect(merged.updatedParty?.postalAddress?.townName == "Bangkok")
        #expect(merged.updatedAccount?.name == "SOMCHAI WONGSAKUL")
        #expect(merged.updatedAccount?.identification == .other("0887124455"))
        #expect(merged.updatedAgent == Self.agent("LTUSTHB0"))
        // Nothing of the look-up stays.
        #expect(story.harness.record(.resolution, second.messageIdentification) == nil)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func theAgentsNoIsTheAnswer() throws {
        var story = HubStory()
        let directory = directoryReport(to: request())
        let first = story.harness.receive(.iso(.verificationReport(directory)), from: Region.th)
        let second = try #require(requests(first, to: Region.th).first)
        let answer = agentReport(to: second, verification: false, reason: "AC04")
        let last = story.harness.receive(.iso(.verificationReport(answer)), from: Region.th)
        let merged = try #require(reports(last, to: Region.sg).first)
        #expect(!merged.verification)
        #expect(merged.reason == "AC04")
        #expect(merged.updatedParty == nil)
        #expect(merged.updatedAccount == nil)
    }

    @Test func whereTheAgentCannotAnswerAfterAllTheDirectorysWordStands() throws {
        var story = HubStory()
        let directory = directoryReport(to: request())
        let first = story.harness.receive(.iso(.verificationReport(directory)), from: Region.th)
        let second = try #require(requests(first, to: Region.th).first)
        let answer = agentReport(to: second, verification: false, reason: "AB08")
        let last = story.harness.receive(.iso(.verificationReport(answer)), from: Region.th)
        var expected = directory
        expected.assignee = Self.agent("MRLNSGS0")
        #expect(reports(last, to: Region.sg) == [expected])
    }

    @Test func onlyTheSystemThatWasAskedAnswersALookUp() throws {
        var story = HubStory()
        let directory = directoryReport(to: request())
        let first = story.harness.receive(.iso(.verificationReport(directory)), from: Region.th)
        let second = try #require(requests(first, to: Region.th).first)
        let forged = story.harness.receive(
            .iso(.verificationReport(agentReport(to: second))),
            from: Region.my
        )
        #expect(forged.messages.isEmpty)
        #expect(forged.alerts.map(\.severity) == [.security])
        #expect(story.harness.record(.resolution, second.messageIdentification) != nil)
    }

    @Test(arguments: ["KHAOTHB0", "ZZZZTHB0"])
    func aProxyThatLeadsOffTheNetworkIsRefused(_ agent: String) throws {
        var story = HubStory()
        let report = directoryReport(to: request(), agent: agent)
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(decision.recipients == [Region.sg])
        let passed = try #require(reports(decision, to: Region.sg).first)
        #expect(!passed.verification)
        #expect(passed.reason == "AGNT")
        #expect(passed.updatedParty == nil)
        #expect(passed.updatedAccount == nil)
        #expect(passed.updatedAgent == nil)
    }

    @Test func aSystemAnswersForItsOwnInstitutionsOnly() {
        var story = HubStory()
        let report = directoryReport(to: request(), agent: "RIMBMYK0")
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(decision.messages.isEmpty)
        #expect(decision.alerts.map(\.severity) == [.security])
    }

    /// A hosted party's message was never bytes: what the codec would refuse must not stop the hub.
    @Test func anAnswerThatCannotBeKeptIsPassedOnAtOnce() {
        var story = HubStory()
        var report = directoryReport(to: request())
        report.updatedParty?.name = ""
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(reports(decision, to: Region.sg).count == 1)
        #expect(decision.records.isEmpty)
    }

    @Test func anAnswerForNobodyIsDropped() {
        var story = HubStory()
        let report = directoryReport(to: request(first: "ZZZZSGS0"))
        let decision = story.harness.receive(.iso(.verificationReport(report)), from: Region.th)
        #expect(decision.messages.isEmpty)
        #expect(decision.alerts.count == 1)
    }
}

extension Agent {
    fileprivate func with(country: String?) -> Agent {
        var agent = self
        agent.country = country
        return agent
    }
}
