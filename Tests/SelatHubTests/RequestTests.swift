import SelatHub
import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

@Suite struct RequestTests {
    @Test func whoIsOnTheNetworkReadsReferenceData() throws {
        for sender in ["MRLNSGS0", "PASRSGS0", "sg", "fx-merlion", "operator"] {
            var story = HubStory()
            for operation in ["countries", "currencies", "fin-insts"] {
                #expect(try story.ask(operation, [:], from: sender).status == 200)
            }
        }
    }

    @Test func strangersReadNothing() throws {
        var story = HubStory()
        for operation in Hub.Operation.allCases {
            #expect(try story.ask(operation.rawValue, [:], from: "ZZZZSGS0").status == 403)
        }
    }

    @Test func anUnknownOperationSaysSo() throws {
        var story = HubStory()
        #expect(try story.ask("returns", [:]).status == 404)
    }

    @Test func countriesShowCurrencyMaximumAndPriority() throws {
        var story = HubStory()
        let thailand: JSONValue = [
            "countryCode": "TH", "name": "TH", "clearingSystemId": "THBPPAY",
            "highPriority": true,
            "currencies": [["currencyCode": "THB", "maxAmount": "2000000.00"]],
            "requiredMessageElements": ["pacs008": []],
        ]
        #expect(try story.ask("country", ["countryCode": "TH"]).body == thailand)
        let one = try story.ask("countries", ["countryCode": "TH"])
        #expect(one.body == ["countries": [thailand]])
        let all = try story.ask("countries", [:])
        guard case .array(let countries) = all.body["countries"] else {
            Issue.record("no list")
            return
        }
        #expect(countries.map { $0["countryCode"] } == ["MY", "SG", "TH"])
        #expect(countries.first?["highPriority"] == false)
        #expect(try story.ask("country", ["countryCode": "PH"]).status == 404)
        #expect(try story.ask("countries", ["countryCode": "PH"]).status == 404)
    }

    @Test func currenciesNameTheirDecimals() throws {
        var story = HubStory()
        let reply = try story.ask("currencies", [:])
        guard case .array(let currencies) = reply.body["currencies"] else {
            Issue.record("no list")
            return
        }
        #expect(currencies.map { $0["currencyCode"] } == ["MYR", "SGD", "THB"])
        #expect(currencies.first?["decimalPlaces"] == 2)
    }

    @Test func maximumAmountsArePerCountryAndCurrency() throws {
        var story = HubStory()
        let body: JSONValue = ["countryCode": "SG", "currencyCode": "SGD"]
        #expect(
            try story.ask("max-amounts", body).body == [
                "maxAmounts": [["clearingSystemId": "SGDFAST", "maxAmount": "200000.00"]]
            ]
        )
        let other: JSONValue = ["countryCode": "SG", "currencyCode": "USD"]
        #expect(try story.ask("max-amounts", other).status == 404)
    }

    @Test func addressTypesComeInDisplayOrderWithTheirPaths() throws {
        var story = HubStory()
        let reply = try story.ask("address-types-and-inputs", ["countryCode": "TH"])
        guard case .array(let types) = reply.body["addressTypes"] else {
            Issue.record("no list")
            return
        }
        #expect(types.map { $0["addressTypeCode"] } == ["MBNO", "ACCT"])
        #expect(types.map { $0["displayOrder"] } == [1, 2])
        guard case .array(let inputs) = types[1]["inputs"] else {
            Issue.record("no inputs")
            return
        }
        #expect(
            inputs.map { $0["iso20022XPath"] } == [
                "Document/IdVrfctnReq/Vrfctn/PtyAndAcctId/Acct/Id/Othr/Id",
                "Document/IdVrfctnReq/Vrfctn/PtyAndAcctId/Agt/FinInstnId/BICFI",
            ]
        )
    }

    @Test func institutionsAreListedByRoleAndCountry() throws {
        var story = HubStory()
        func names(_ body: JSONValue) throws -> [JSONValue?] {
            let reply = try story.ask("fin-insts", body)
            guard case .array(let found) = reply.body["finInsts"] else { return [] }
            return found.map { $0["name"] }
        }
        #expect(try names(["role": "sap", "countryCode": "TH"]) == ["ANDATHB0", "SMUTTHB0"])
        #expect(try names(["role": "fxp"]) == ["Andaman FX", "Merlion FX"])
        #expect(try names(["role": "fxp", "countryCode": "MY"]) == ["Merlion FX"])
        // Known to its country, not on the network: listed, and marked.
        #expect(try names(["role": "psp", "countryCode": "TH"]).contains("KHAOTHB0"))
        let one = try story.ask("fin-inst", ["finInstIdType": "BICFI", "finInstId": "KHAOTHB0"])
        #expect(one.body["onNetwork"] == false)
        let none = try story.ask("fin-inst", ["finInstIdType": "BICFI", "finInstId": "ZZZZTHB0"])
        #expect(none.status == 404)
        #expect(try story.ask("fin-insts", ["role": "ips"]).status == 400)
    }

    @Test func longListsComeInPages() throws {
        let many = (0..<450).map { number in
            let text = String(number + 1000)
            return Region.institution(
                "QA" + text.suffix(1) + "ZSG" + text.dropFirst().prefix(2),
                "SG"
            )
        }
        let base = Region.reference()
        let reference = ReferenceData(
            countries: base.countries,
            institutions: base.institutions + many,
            providers: base.providers
        )
        var story = HubStory(reference)
        var after: String?
        var seen: [String] = []
        repeat {
            let body: JSONValue = after.map { ["after": .string($0)] } ?? [:]
            let reply = try story.ask("fin-insts", body)
            guard case .array(let page) = reply.body["finInsts"] else { return }
            #expect(page.count <= 200)
            seen += page.compactMap { element in
                guard case .string(let name) = element["name"] else { return nil }
                return name
            }
            if case .string(let next) = reply.body["next"] { after = next } else { after = nil }
        } while after != nil
        #expect(seen.count == reference.institutions.count + reference.providers.count)
        #expect(Set(seen).count == seen.count)
    }

    @Test func feeFormulasAreRatios() throws {
        var story = HubStory()
        #expect(
            try story.ask("fee-formulas/nexus-scheme-fee", ["countryCode": "SG"]).body == [
                "countryCode": "SG", "currency": "SGD", "nominalFeeAmount": "0.50",
                "percentageFeeAsRatio": "0.001",
            ]
        )
        let malaysia: JSONValue = ["countryCode": "MY", "currencyCode": "MYR"]
        #expect(
            try story.ask("fee-formulas/creditor-agent-fee", malaysia).body == [
                "countryCode": "MY", "nominalFee": ["amount": "1.00", "currency": "MYR"],
                "percentageFee": "0.0005",
            ]
        )
    }

    @Test func feesAndAmountsNeedNoQuote() throws {
        var story = HubStory()
        let body: JSONValue = [
            "sourceCountry": "SG", "sourceCurrency": "SGD", "destinationCountry": "TH",
            "destinationCurrency": "THB", "amountCurrency": "SGD", "amount": "498.00",
            "exchangeRate": "25.4137",
        ]
        let reply = try story.ask("fees-and-amounts", body)
        #expect(
            reply.body == [
                "debtorAgent": [
                    "interbankSettlementAmount": ["amount": "498.00", "currency": "SGD"],
                    "nexusSchemeFee": ["amount": "1.00", "currency": "SGD"],
                ],
                "creditorAgent": [
                    "interbankSettlementAmount": ["amount": "12656.02", "currency": "THB"],
                    "chargesAmount": ["amount": "45.00", "currency": "THB"],
                    "creditorAccountAmount": ["amount": "12611.02", "currency": "THB"],
                ],
            ]
        )
    }

    // MARK: Operator

    @Test func onlyTheOperatorSeesTheBook() throws {
        var story = HubStory()
        for operation in ["accounts", "positions"] {
            #expect(try story.ask(operation, [:]).status == 403)
        }
        let uetr: JSONValue = ["uetr": .string(Region.uuid(1).description)]
        #expect(try story.ask("payment", uetr, from: "sg").status == 403)
        #expect(try story.ask("payment", uetr, from: "operator").status == 404)
        #expect(try story.ask("payment", [:], from: "operator").status == 400)
    }

    @Test func positionsShowWhatIsOpenAndWhatIsDone() throws {
        var (story, _, onward) = HubStory.forwarded()
        func row(
            _ list: String,
            _ owner: String,
            _ name: String,
            _ currency: String
        ) throws
            -> JSONValue?
        {
            let reply = try story.ask("positions", [:], from: "operator")
            guard case .array(let rows) = reply.body[list] else { return nil }
            return rows.first {
                $0[owner] == .string(name) && $0["currency"] == .string(currency)
            }
        }
        #expect(
            try row("positions", "provider", "fx-merlion", "THB") == [
                "provider": "fx-merlion", "currency": "THB", "posted": "0.00",
                "pendingIn": "0.00", "pendingOut": "12656.02",
            ]
        )
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(
            try row("receivable", "system", "sg", "SGD") == [
                "system": "sg", "currency": "SGD", "posted": "1.00", "pendingIn": "0.00",
                "pendingOut": "0.00",
            ]
        )
        #expect(
            try row("cleared", "system", "th", "THB")?["posted"] == "-12656.02"
        )
    }

    @Test func aPaymentIsShownWithStateReasonAndAmounts() throws {
        var (story, _, onward) = HubStory.forwarded()
        let body: JSONValue = ["uetr": .string(Region.uuid(1).description)]
        let open = try story.ask("payment", body, from: "operator")
        #expect(open.body["state"] == "Forwarded")
        #expect(open.body["reason"] == nil)
        #expect(open.body["destinationAmount"] == ["amount": "12656.02", "currency": "THB"])
        story.report(story.answer(.rejected, "AC04", to: onward))
        let ended = try story.ask("payment", body, from: "operator")
        #expect(ended.body["state"] == "Rejected(destination)")
        #expect(ended.body["reason"] == "AC04")
    }
}

@Suite struct OpeningTests {
    @Test func opensEveryAccountOnce() {
        var story = HubStory()
        let names = story.harness.accounts.map { "\($0.key.name) \($0.key.currency)" }
        #expect(
            names == [
                "cleared:my MYR", "cleared:sg SGD", "cleared:th THB",
                "position:fx-andaman SGD", "position:fx-andaman THB",
                "position:fx-merlion MYR", "position:fx-merlion SGD", "position:fx-merlion THB",
                "receivable:my MYR", "receivable:sg SGD", "receivable:th THB",
                "scheme-fee-income MYR", "scheme-fee-income SGD", "scheme-fee-income THB",
            ]
        )
        #expect(story.harness.open() == .nothing)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func aNewCountryOpensOnlyItsOwnAccounts() {
        let full = Region.reference()
        let before = ReferenceData(
            countries: full.countries.filter { $0.code != "MY" },
            institutions: full.institutions,
            providers: full.providers
        )
        let old = HubStory(before)
        var grown = RoleHarness(Hub(reference: full, times: SchemeTimes()), as: .hub)
        for (key, fact) in old.harness.stored { grown.store(fact, at: key) }
        let decision = grown.open()
        #expect(
            decision.accounts.map(\.key.name) == [
                "cleared:my", "position:fx-merlion", "receivable:my", "scheme-fee-income",
            ]
        )
        #expect(grown.open() == .nothing)
        #expect(grown.violations.isEmpty)
    }

    @Test func aNotificationIsNothingForTheHub() {
        var (story, _, onward) = HubStory.forwarded()
        let decision = story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        guard let notification = decision.messages.last?.message else { return }
        let echoed = story.harness.receive(notification, from: Region.merlionFX)
        #expect(echoed.alerts.map(\.severity) == [.security])
        #expect(echoed.messages.isEmpty)
    }
}
