import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme

/// What the reference data says, in the shapes of the scheme's API.
/// Source: Specs/Protocol/Requests.md.
extension Hub {
    func summary(_ country: Country) -> JSONValue {
        [
            "countryCode": .string(country.code),
            "name": .string(country.name),
            "clearingSystemId": .string(country.clearingSystem),
            "highPriority": .bool(country.settlementModel.supportsHighPriority),
            "currencies": [
                [
                    "currencyCode": .string(country.currency.code),
                    "maxAmount": .string(country.maximumAmount.amountText),
                ]
            ],
            "requiredMessageElements": ["pacs008": []],
        ]
    }

    func currencies() -> JSONValue {
        let codes = Set(reference.countries.map(\.currency)).sorted()
        return [
            "currencies": .array(
                codes.map { currency in
                    [
                        "currencyCode": .string(currency.code),
                        "decimalPlaces": .integer(currency.minorUnitDigits ?? 0),
                        "countries": .array(
                            reference.countries.filter { $0.currency == currency }
                                .map { .string($0.code) }
                        ),
                    ]
                }
            )
        ]
    }

    func maxAmounts(_ body: RequestBody) throws(RequestRefusal) -> JSONValue {
        let country = try country(body, "countryCode")
        try check(body, currencyOf: country)
        return [
            "maxAmounts": [
                [
                    "clearingSystemId": .string(country.clearingSystem),
                    "maxAmount": .string(country.maximumAmount.amountText),
                ]
            ]
        ]
    }

    /// `currencyCode`, where it is given, must be the country's.
    func check(_ body: RequestBody, currencyOf country: Country) throws(RequestRefusal) {
        guard let code = try body.optionalText("currencyCode"), code != country.currency.code
        else { return }
        throw .unknown("\(country.code) has no currency \(code) on this network")
    }

    /// In the order in which a form shows them, each with its inputs.
    func addressTypes(of country: Country) -> JSONValue {
        [
            "addressTypes": .array(
                country.addressTypes.enumerated().map { index, type in
                    [
                        "addressTypeCode": .string(type.code),
                        "clearingSystemId": .string(country.clearingSystem),
                        "displayOrder": .integer(index + 1),
                        "inputs": inputs(of: type),
                        "requiresInstitution": .bool(type.requiresInstitution),
                    ]
                }
            )
        ]
    }

    /// What the Sender types, each with where it goes in acmt.023. A proxy's type code is data of
    /// the address type itself and needs no input.
    private func inputs(of type: AddressType) -> JSONValue {
        let root = "Document/IdVrfctnReq/Vrfctn/PtyAndAcctId/"
        let path =
            switch type.code {
            case "IBAN": "Acct/Id/IBAN"
            case "ACCT": "Acct/Id/Othr/Id"
            default: "Acct/Prxy/Id"
            }
        var inputs: [JSONValue] = [
            [
                "title": .string(type.title),
                "pattern": .string(type.pattern),
                "placeholder": .string(type.placeholder),
                "iso20022XPath": .string(root + path),
            ]
        ]
        if type.requiresInstitution {
            inputs.append([
                "title": "Bank (BIC)",
                "pattern": "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$",
                "placeholder": "",
                "iso20022XPath": .string(root + "Agt/FinInstnId/BICFI"),
            ])
        }
        return .array(inputs)
    }

    // MARK: Institutions

    /// The most institutions of one answer.
    private static let page = 200

    /// `role` is psp, sap, fxp or any; `countryCode` narrows, `after` turns the page.
    /// Institutions that are registered and not on the network are listed too.
    func institutions(_ body: RequestBody) throws(RequestRefusal) -> JSONValue {
        try body.allow(["role", "countryCode", "after"])
        let role = try body.optionalText("role") ?? "any"
        guard ["psp", "sap", "fxp", "any"].contains(role) else {
            throw .malformed("role is psp, sap, fxp or any, not \(role)")
        }
        let code = try body.optionalText("countryCode")
        let country = code == nil ? nil : try country(body, "countryCode")
        let after = try body.optionalText("after") ?? ""
        var found: [(id: String, JSONValue)] = []
        if role != "fxp" {
            found += reference.institutions.filter { institution in
                (country == nil || institution.country == country?.code)
                    && (role != "sap" || institution.isSettlementAccessProvider)
            }.map { ($0.bicfi.code, summary($0)) }
        }
        if role == "fxp" || role == "any" {
            found += reference.providers.filter { provider in
                country.map { provider.accounts[$0.code] != nil } ?? true
            }.map { ($0.id.name, summary($0)) }
        }
        found = found.filter { $0.id > after }.sorted { $0.id < $1.id }
        var members = [JSONMember("finInsts", .array(found.prefix(Hub.page).map(\.1)))]
        if found.count > Hub.page {
            members.append(JSONMember("next", .string(found[Hub.page - 1].id)))
        }
        return .object(members)
    }

    func summary(_ institution: RegisteredInstitution) -> JSONValue {
        [
            "name": .string(institution.name),
            "finInstId": ["BICFI": [.string(institution.bicfi.code)]],
            "countryCode": .string(institution.country),
            "roles": .array(
                institution.isSettlementAccessProvider ? ["psp", "sap"] : ["psp"]
            ),
            "onNetwork": .bool(institution.isOnNetwork),
            "resolvesAccounts": .bool(institution.resolvesAccounts),
        ]
    }

    private func summary(_ provider: RegisteredProvider) -> JSONValue {
        [
            "name": .string(provider.name),
            "finInstId": ["otherId": .string(provider.id.name)],
            "roles": ["fxp"],
        ]
    }

    // MARK: Fees

    func schemeFeeFormula(of country: Country) -> JSONValue {
        [
            "countryCode": .string(country.code),
            "currency": .string(country.currency.code),
            "nominalFeeAmount": .string(country.schemeFee.nominal.amountText),
            "percentageFeeAsRatio": .string(country.schemeFee.ratio),
        ]
    }

    func creditorAgentFeeFormula(of country: Country) -> JSONValue {
        [
            "countryCode": .string(country.code),
            "nominalFee": country.creditorAgentFee.nominal.json,
            // The scheme leaves the unit open; here it is the ratio, as for the scheme fee.
            "percentageFee": .string(country.creditorAgentFee.ratio),
        ]
    }

    /// What a payment at a given rate would carry, without a quote. The rate is not judged.
    func feesAndAmounts(_ body: RequestBody) throws(RequestRefusal) -> JSONValue {
        let (source, destination) = try corridor(body)
        let fixed = try fixedAmount(body, source, destination)
        guard let rate = ExchangeRate(try body.text("exchangeRate")) else {
            throw .malformed("exchangeRate: expected a positive rate of at most 11 digits")
        }
        let side: Country
        switch fixed {
        case .source: side = source
        case .destination: side = destination
        }
        guard fixed.money.minorUnits <= side.maximumAmount.minorUnits else {
            throw .unlawful("\(side.code) allows at most \(side.maximumAmount) in one payment")
        }
        guard
            let amounts = PaymentAmounts(
                fixed: fixed,
                rate: rate,
                source: source.currency,
                destination: destination.currency,
                fee: destination.creditorAgentFee
            )
        else { throw .unlawful("nothing would reach the creditor") }
        return [
            "debtorAgent": [
                "interbankSettlementAmount": amounts.sourceSettlement.json,
                "nexusSchemeFee": source.schemeFee.fee(on: amounts.sourceSettlement).json,
            ],
            "creditorAgent": [
                "interbankSettlementAmount": amounts.destinationSettlement.json,
                "chargesAmount": amounts.destinationFee.json,
                "creditorAccountAmount": amounts.creditorAccount.json,
            ],
        ]
    }
}

extension FeeFormula {
    /// The ratio as decimal text: 1000 per million is `0.001`.
    fileprivate var ratio: String {
        Decimal(mantissa: Int64(ratioPerMillion), scale: 6).description
    }
}
