import SelatISO20022
import SelatMoney
import SelatTime

/// Arbitrary messages within the schemas' facets, the same for the same seed. They are legal, not
/// sensible: most break profile rules.
struct MessageGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: "messages") }

    mutating func message() -> ISOMessage {
        switch below(4) {
        case 0: .creditTransfer(creditTransfer())
        case 1: .statusReport(statusReport())
        case 2: .verificationRequest(verificationRequest())
        default: .verificationReport(verificationReport())
        }
    }

    // MARK: simple types

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func maybe<Value>(_ make: (inout MessageGenerator) -> Value) -> Value? {
        random.chance(1, in: 2) ? make(&self) : nil
    }

    private mutating func some<Value>(
        _ most: Int,
        _ make: (inout MessageGenerator) -> Value
    ) -> [Value] {
        (0..<below(most + 1)).map { _ in make(&self) }
    }

    /// Scalars that need escaping, take several bytes, or join with their neighbours.
    private static let scalars: [String] =
        [
            "&", "<", ">", "\"", "'", "]", "]]>", "\r", "\n", "\r\n", "\t", " ", "é", "e\u{301}",
            "ก",
            "漢", "😀", "\u{FFFD}", "\u{E000}", "\u{85}", "\u{2028}", "-", "/", "#",
        ] + (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }

    private mutating func text(_ maximum: Int) -> String {
        let length = random.chance(1, in: 8) ? maximum : 1 + below(min(maximum, 40))
        var text = ""
        while text.unicodeScalars.count < length {
            text += MessageGenerator.scalars[below(MessageGenerator.scalars.count)]
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(length)))
    }

    private mutating func characters(_ count: Int, _ alphabet: String) -> String {
        let alphabet = Array(alphabet)
        return String((0..<count).map { _ in alphabet[below(alphabet.count)] })
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let digits = "0123456789"

    private mutating func country() -> String { characters(2, MessageGenerator.letters) }

    private mutating func bic() -> BICFI {
        let wide = MessageGenerator.letters + MessageGenerator.digits
        let code =
            characters(4, wide) + country() + characters(2, wide)
            + (random.chance(1, in: 2) ? characters(3, wide) : "")
        return unwrap(BICFI(code))
    }

    private mutating func lei() -> LEI {
        let wide = MessageGenerator.letters + MessageGenerator.digits
        return unwrap(LEI(characters(18, wide) + characters(2, MessageGenerator.digits)))
    }

    private mutating func currency() -> Currency {
        let known: [Currency] = [.sgd, .thb, .idr, .myr, .php]
        return random.chance(1, in: 4)
            ? unwrap(Currency(characters(3, MessageGenerator.letters))) : known[below(known.count)]
    }

    private mutating func uuid() -> UUIDv4 { UUIDv4(random.nextSeed()) }

    private mutating func instant() -> Instant {
        let second = Int64(below(18_000_000_000)) - 9_000_000_000
        let units: [Int64] = [1_000_000_000, 1_000_000, 1000, 1]
        let unit = units[below(4)]
        return Instant(
            nanoseconds: second * 1_000_000_000 + Int64(below(1_000_000_000)) / unit * unit
        )
    }

    private mutating func date() -> CalendarDate {
        CalendarDate(daysSince1970: below(2_900_000) - 700_000)
    }

    private mutating func number(_ total: Int, _ fraction: Int, signed: Bool) -> Decimal {
        var bound: Int64 = 1
        for _ in 0..<(1 + below(total)) { bound *= 10 }
        let mantissa = Int64(random.next() % UInt64(bound))
        let isNegative = signed && random.chance(1, in: 4)
        return Decimal(mantissa: isNegative ? -mantissa : mantissa, scale: below(fraction + 1))
    }

    private mutating func amount() -> CurrencyAndAmount {
        CurrencyAndAmount(amount: number(18, 5, signed: false), currency: currency())
    }

    private func unwrap<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("the generator keeps to the patterns") }
        return value
    }

    // MARK: components

    private mutating func agent() -> Agent {
        Agent(
            bicfi: maybe { $0.bic() },
            clearingSystemMember: maybe {
                ClearingSystemMember(
                    clearingSystem: $0.maybe { $0.text(5) },
                    memberIdentification: $0.text(35)
                )
            },
            lei: maybe { $0.lei() },
            name: maybe { $0.text(140) },
            townName: maybe { $0.text(140) },
            country: maybe { $0.country() },
            addressLines: some(7) { $0.text(70) },
            otherIdentification: maybe { $0.text(35) }
        )
    }

    private mutating func account() -> Account {
        Account(
            identification: maybe {
                $0.random.chance(1, in: 2) ? .iban($0.iban()) : .other($0.text(34))
            },
            type: maybe { $0.text(4) },
            currency: maybe { $0.currency() },
            name: maybe { $0.text(70) },
            proxy: maybe { Proxy(code: $0.text(4), identification: $0.text(2048)) }
        )
    }

    private mutating func iban() -> String {
        let wide = MessageGenerator.letters + MessageGenerator.digits + "abcxyz"
        return country() + characters(2, MessageGenerator.digits) + characters(1 + below(30), wide)
    }

    private mutating func address() -> PostalAddress {
        PostalAddress(
            careOf: maybe { $0.text(140) },
            department: maybe { $0.text(70) },
            subDepartment: maybe { $0.text(70) },
            streetName: maybe { $0.text(140) },
            buildingNumber: maybe { $0.text(16) },
            buildingName: maybe { $0.text(140) },
            floor: maybe { $0.text(70) },
            unitNumber: maybe { $0.text(16) },
            postBox: maybe { $0.text(16) },
            room: maybe { $0.text(70) },
            postCode: maybe { $0.text(16) },
            townName: maybe { $0.text(140) },
            townLocationName: maybe { $0.text(140) },
            districtName: maybe { $0.text(140) },
            countrySubDivision: maybe { $0.text(35) },
            country: maybe { $0.country() },
            addressLines: some(7) { $0.text(70) }
        )
    }

    private mutating func party() -> Party {
        Party(
            name: maybe { $0.text(140) },
            postalAddress: maybe { $0.address() },
            identification: maybe { $0.partyIdentification() },
            countryOfResidence: maybe { $0.country() }
        )
    }

    private mutating func partyIdentification() -> PartyIdentification {
        guard random.chance(1, in: 2) else {
            return .organisation(
                OrganisationIdentification(
                    anyBIC: maybe { $0.bic() },
                    lei: maybe { $0.lei() },
                    other: maybe { $0.text(256) }
                )
            )
        }
        return .person(
            PrivateIdentification(
                dateAndPlaceOfBirth: maybe {
                    DateAndPlaceOfBirth(
                        birthDate: $0.date(),
                        provinceOfBirth: $0.maybe { $0.text(35) },
                        cityOfBirth: $0.text(35),
                        countryOfBirth: $0.country()
                    )
                },
                other: maybe { $0.text(256) }
            )
        )
    }

    private mutating func remittance() -> RemittanceInformation {
        RemittanceInformation(
            unstructured: maybe { $0.text(140) },
            structured: some(4) {
                StructuredRemittance(
                    creditorReference: $0.maybe { $0.text(35) },
                    additionalRemittanceInformation: $0.some(3) { $0.text(140) }
                )
            }
        )
    }

    // MARK: messages

    private mutating func creditTransfer() -> FIToFICustomerCreditTransfer {
        FIToFICustomerCreditTransfer(
            messageIdentification: text(35),
            creationDateTime: instant(),
            clearingSystem: random.chance(1, in: 2) ? .code(text(3)) : .proprietary(text(35)),
            instructionIdentification: maybe { $0.text(35) },
            endToEndIdentification: text(35),
            transactionIdentification: maybe { $0.text(35) },
            uetr: maybe { $0.uuid() },
            clearingSystemReference: maybe { $0.text(35) },
            instructionPriority: random.chance(1, in: 2) ? .high : .normal,
            serviceLevel: maybe { $0.text(4) },
            categoryPurpose: maybe { $0.text(4) },
            interbankSettlementAmount: amount(),
            interbankSettlementDate: date(),
            acceptanceDateTime: instant(),
            instructedAmount: amount(),
            agreedRate: AgreedRate(
                unitCurrency: maybe { $0.currency() },
                quotedCurrency: maybe { $0.currency() },
                preAgreedExchangeRate: number(11, 10, signed: true),
                quotationDateTime: maybe { $0.instant() },
                quoteIdentification: maybe { $0.uuid() },
                fxAgent: maybe { $0.agent() }
            ),
            chargeBearer: ChargeBearer.allCases[below(4)],
            chargesInformation: [
                Charges(amount: amount(), agent: agent()),
                Charges(amount: amount(), agent: agent()),
            ],
            previousInstructingAgent1: maybe { $0.agent() },
            previousInstructingAgent1Account: maybe { $0.account() },
            instructingAgent: agent(),
            instructedAgent: agent(),
            intermediaryAgent1: maybe { $0.agent() },
            intermediaryAgent1Account: maybe { $0.account() },
            intermediaryAgent2: maybe { $0.agent() },
            intermediaryAgent2Account: maybe { $0.account() },
            ultimateDebtor: maybe { $0.party() },
            debtor: party(),
            debtorAccount: account(),
            debtorAgent: agent(),
            creditorAgent: agent(),
            creditor: party(),
            creditorAccount: account(),
            ultimateCreditor: maybe { $0.party() },
            purpose: maybe { $0.text(4) },
            remittanceInformation: maybe { $0.remittance() }
        )
    }

    private mutating func statusReport() -> FIToFIPaymentStatusReport {
        let original = maybe { ($0.text(35), $0.text(35), $0.maybe { $0.instant() }) }
        return FIToFIPaymentStatusReport(
            messageIdentification: text(35),
            creationDateTime: instant(),
            statusIdentification: maybe { $0.text(35) },
            originalMessageIdentification: original?.0,
            originalMessageNameIdentification: original?.1,
            originalCreationDateTime: original?.2,
            originalInstructionIdentification: maybe { $0.text(35) },
            originalEndToEndIdentification: maybe { $0.text(35) },
            originalTransactionIdentification: maybe { $0.text(35) },
            originalUETR: uuid(),
            transactionStatus: TransactionStatus.allCases[below(TransactionStatus.allCases.count)],
            statusReason: maybe {
                StatusReason(
                    originatorName: $0.maybe { $0.text(140) },
                    originatorBIC: $0.maybe { $0.bic() },
                    code: $0.text(4),
                    additionalInformation: $0.some(5) { $0.text(105) }
                )
            },
            acceptanceDateTime: maybe { $0.instant() },
            processingDateTime: maybe { $0.instant() },
            clearingSystemReference: maybe { $0.text(35) },
            instructingAgent: agent(),
            instructedAgent: agent()
        )
    }

    private mutating func verificationRequest() -> IdentificationVerificationRequest {
        IdentificationVerificationRequest(
            messageIdentification: text(35),
            creationDateTime: instant(),
            creator: maybe { $0.party() },
            firstAgent: agent(),
            assigner: agent(),
            assignee: agent(),
            verificationIdentification: text(35),
            party: maybe { $0.party() },
            account: maybe { $0.account() },
            agent: maybe { $0.agent() }
        )
    }

    private mutating func verificationReport() -> IdentificationVerificationReport {
        IdentificationVerificationReport(
            messageIdentification: text(35),
            creationDateTime: instant(),
            creator: maybe { $0.party() },
            firstAgent: agent(),
            assigner: agent(),
            assignee: agent(),
            originalAssignment: maybe {
                OriginalAssignment(
                    messageIdentification: $0.text(35),
                    creationDateTime: $0.maybe { $0.instant() }
                )
            },
            originalIdentification: text(35),
            verification: random.chance(1, in: 2),
            reason: maybe { $0.text(4) },
            originalParty: maybe { $0.party() },
            originalAccount: maybe { $0.account() },
            originalAgent: maybe { $0.agent() },
            updatedParty: maybe { $0.party() },
            updatedAccount: maybe { $0.account() },
            updatedAgent: maybe { $0.agent() }
        )
    }
}
