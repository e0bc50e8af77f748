internal import SelatMoney

/// Collects breaches of the network's rules over one message, in the order the rules are asked.
///
/// Paths and sentences are built only for what is found wrong.
struct ProfileCheck {
    private(set) var rejections: [Rejection] = []
    private let root: String

    /// `root` is the path of the element below Document.
    init(root: String) { self.root = root }

    /// Notes a rejection unless the rule holds.
    mutating func demand(
        _ holds: Bool,
        _ reason: ReasonCode,
        at path: @autoclosure () -> String,
        expected: @autoclosure () -> String,
        found: @autoclosure () -> String
    ) {
        guard !holds else { return }
        rejections.append(
            Rejection(
                reason: reason,
                path: ElementPath(root + "/" + path()),
                expected: expected(),
                found: found()
            )
        )
    }

    /// CH21 for an element that is absent. Rulebook: compulsory elements.
    mutating func demandPresence(_ isPresent: Bool, at path: @autoclosure () -> String) {
        demand(isPresent, .ch21, at: path(), expected: "the element", found: "none")
    }

    /// CH21 for a compulsory text that is absent or only white space.
    mutating func demandText(_ text: String?, at path: @autoclosure () -> String) {
        demandPresence(text != nil, at: path())
        guard let text else { return }
        demand(
            text.utf8.contains { $0 > 0x20 },
            .ch21,
            at: path(),
            expected: "a text",
            found: "white space"
        )
    }

    /// CH21 for a code outside its external list.
    mutating func demandCode(
        _ code: String?,
        in set: ExternalCodeSet,
        at path: @autoclosure () -> String
    ) {
        guard let code else { return }
        demand(
            set.contains(code),
            .ch21,
            at: path(),
            expected: "a code of \(set.name), edition \(set.version)",
            found: "another code"
        )
    }

    /// FF01 for characters outside the network's set: printable ASCII.
    mutating func demandCharacters(_ text: String?, at path: @autoclosure () -> String) {
        guard let text else { return }
        demand(
            text.isPrintable,
            .ff01,
            at: path(),
            expected: "Latin letters, digits and the network's symbols",
            found: "another character"
        )
    }

    /// FF01 for an identifier with other characters, a slash at an end, or two together.
    mutating func demandReference(_ reference: String?, at path: @autoclosure () -> String) {
        guard let reference else { return }
        demand(
            ReferenceRule.holds(reference),
            .ff01,
            at: path(),
            expected: "letters, digits, spaces, -?:().,'+ and single slashes inside",
            found: "something else"
        )
    }

    /// An agent has an identifier, and those it has are right.
    mutating func demandAgent(
        _ agent: Agent,
        _ reason: ReasonCode,
        at path: @autoclosure () -> String
    ) {
        // Nearly always such a BIC is all.
        if agent.storage == nil, let bic = agent.bicfi,
            ExternalCodeSet.country.contains(countryOf: bic)
        {
            return
        }
        demand(
            agent.bicfi != nil || agent.lei != nil || agent.clearingSystemMember != nil,
            .ch21,
            at: path() + "/FinInstnId",
            expected: "BICFI, LEI or ClrSysMmbId",
            found: "none of them"
        )
        if let bic = agent.bicfi {
            demand(
                ExternalCodeSet.country.contains(countryOf: bic),
                reason,
                at: path() + "/FinInstnId/BICFI",
                expected: "an assigned country at positions 5 and 6",
                found: "another"
            )
        }
        if let lei = agent.lei {
            demand(
                lei.hasValidCheckDigits,
                reason,
                at: path() + "/FinInstnId/LEI",
                expected: "check digits after ISO 7064",
                found: "others"
            )
        }
        if let member = agent.clearingSystemMember {
            demandPresence(
                member.clearingSystem != nil,
                at: path() + "/FinInstnId/ClrSysMmbId/ClrSysId"
            )
            demandReference(
                member.memberIdentification,
                at: path() + "/FinInstnId/ClrSysMmbId/MmbId"
            )
        }
        demandCharacters(agent.name, at: path() + "/FinInstnId/Nm")
        demandCharacters(agent.townName, at: path() + "/FinInstnId/PstlAdr/TwnNm")
        demandCode(agent.country, in: .country, at: path() + "/FinInstnId/PstlAdr/Ctry")
        for line in agent.addressLines {
            demandCharacters(line, at: path() + "/FinInstnId/PstlAdr/AdrLine")
        }
    }

    /// What a party says of itself keeps to the characters and countries of the network.
    mutating func demandParty(_ party: Party, at path: @autoclosure () -> String) {
        demandCharacters(party.name, at: path() + "/Nm")
        demandCode(party.countryOfResidence, in: .country, at: path() + "/CtryOfRes")
        if let address = party.postalAddress {
            demandCode(address.country, in: .country, at: path() + "/PstlAdr/Ctry")
            demandTexts(address, at: path() + "/PstlAdr")
        }
        guard let identification = party.identification else { return }
        switch identification {
        case .person(let person):
            demandCharacters(person.other, at: path() + "/Id/PrvtId/Othr/Id")
            if let birth = person.dateAndPlaceOfBirth {
                let place = path() + "/Id/PrvtId/DtAndPlcOfBirth"
                demandCharacters(birth.cityOfBirth, at: place + "/CityOfBirth")
                demandCharacters(birth.provinceOfBirth, at: place + "/PrvcOfBirth")
                demandCode(birth.countryOfBirth, in: .country, at: place + "/CtryOfBirth")
            }
        case .organisation(let organisation):
            demandCharacters(organisation.other, at: path() + "/Id/OrgId/Othr/Id")
            demand(
                organisation.lei?.hasValidCheckDigits ?? true,
                .ff01,
                at: path() + "/Id/OrgId/LEI",
                expected: "check digits after ISO 7064",
                found: "others"
            )
        }
    }

    /// Every line of free text of an address.
    private mutating func demandTexts(
        _ address: PostalAddress,
        at path: @autoclosure () -> String
    ) {
        demandCharacters(address.careOf, at: path())
        demandCharacters(address.department, at: path())
        demandCharacters(address.subDepartment, at: path())
        demandCharacters(address.streetName, at: path())
        demandCharacters(address.buildingNumber, at: path())
        demandCharacters(address.buildingName, at: path())
        demandCharacters(address.floor, at: path())
        demandCharacters(address.unitNumber, at: path())
        demandCharacters(address.postBox, at: path())
        demandCharacters(address.room, at: path())
        demandCharacters(address.postCode, at: path())
        demandCharacters(address.townName, at: path())
        demandCharacters(address.townLocationName, at: path())
        demandCharacters(address.districtName, at: path())
        demandCharacters(address.countrySubDivision, at: path())
        for line in address.addressLines { demandCharacters(line, at: path()) }
    }

    /// An account's number and proxy are spelled right; `reason` is for a wrong number.
    mutating func demandAccount(
        _ account: Account,
        _ reason: ReasonCode,
        proxy proxyReason: ReasonCode,
        at path: @autoclosure () -> String
    ) {
        switch account.identification {
        case .iban(let iban):
            demand(
                CheckDigits.areValid(iban: iban),
                reason,
                at: path() + "/Id/IBAN",
                expected: "check digits after ISO 7064 mod 97-10",
                found: "others"
            )
        case .other(let number): demandReference(number, at: path() + "/Id/Othr/Id")
        case nil: break
        }
        demandCharacters(account.name, at: path() + "/Nm")
        guard let proxy = account.proxy else { return }
        demandCode(proxy.code, in: .proxyType, at: path() + "/Prxy/Tp/Cd")
        demandCharacters(proxy.identification, at: path() + "/Prxy/Id")
        demand(
            proxy.code != "MBNO" || TelephoneNumber.isE164(proxy.identification),
            proxyReason,
            at: path() + "/Prxy/Id",
            expected: "a telephone number after E.164, + and at most 15 digits",
            found: "something else"
        )
    }

    /// The currency is known and the decimals are legal for it: AM03, CH20.
    mutating func demandAmount(_ amount: CurrencyAndAmount, at path: @autoclosure () -> String) {
        guard let digits = amount.currency.minorUnitDigits else {
            demand(
                false,
                .am03,
                at: path(),
                expected: "a currency of the network",
                found: "\(amount.currency)"
            )
            return
        }
        demand(
            amount.amount.scale <= digits,
            .ch20,
            at: path(),
            expected: "at most \(digits) decimals for \(amount.currency)",
            found: "\(amount.amount.scale)"
        )
    }
}

extension String {
    /// Nothing but the network's characters: printable ASCII.
    fileprivate var isPrintable: Bool {
        let bytes = utf8.span
        for index in bytes.indices where bytes[index] &- 0x20 >= 0x5F { return false }
        return true
    }
}
