public import SelatMoney
public import SelatTime

/// ISO: ClearingSystemIdentification3Choice
public enum ClearingSystem: Hashable, Sendable {
    /// ISO: Cd, ExternalCashClearingSystem1Code
    case code(String)
    /// ISO: Prtry
    case proprietary(String)
}

/// ISO: AccountIdentification4Choice
public enum AccountIdentification: Hashable, Sendable {
    /// ISO: IBAN
    case iban(String)
    /// ISO: Othr/Id, at most 34 characters
    case other(String)
}

/// An amount as the message spells it. ISO: ActiveCurrencyAndAmount
public struct CurrencyAndAmount: Hashable, Sendable {
    /// ISO: the number
    public var amount: Decimal
    /// ISO: @Ccy
    public var currency: Currency

    public init(
        amount: Decimal,
        currency: Currency
    ) {
        self.amount = amount
        self.currency = currency
    }
}

/// ISO: ClearingSystemMemberIdentification2
public struct ClearingSystemMember: Hashable, Sendable {
    /// ISO: ClrSysId/Cd
    public var clearingSystem: String?
    /// ISO: MmbId
    public var memberIdentification: String

    public init(
        clearingSystem: String? = nil,
        memberIdentification: String
    ) {
        self.clearingSystem = clearingSystem
        self.memberIdentification = memberIdentification
    }
}

/// ISO: BranchAndFinancialInstitutionIdentification8
public struct Agent: Hashable, Sendable {
    /// ISO: FinInstnId/BICFI
    public var bicfi: BICFI?
    /// ISO: FinInstnId/ClrSysMmbId
    public var clearingSystemMember: ClearingSystemMember?
    /// ISO: FinInstnId/LEI
    public var lei: LEI?
    /// ISO: FinInstnId/Nm
    public var name: String?
    /// ISO: FinInstnId/PstlAdr/TwnNm
    public var townName: String?
    /// ISO: FinInstnId/PstlAdr/Ctry
    public var country: String?
    /// ISO: FinInstnId/PstlAdr/AdrLine
    public var addressLines: [String]
    /// ISO: FinInstnId/Othr/Id
    public var otherIdentification: String?

    public init(
        bicfi: BICFI? = nil,
        clearingSystemMember: ClearingSystemMember? = nil,
        lei: LEI? = nil,
        name: String? = nil,
        townName: String? = nil,
        country: String? = nil,
        addressLines: [String] = [],
        otherIdentification: String? = nil
    ) {
        self.bicfi = bicfi
        self.clearingSystemMember = clearingSystemMember
        self.lei = lei
        self.name = name
        self.townName = townName
        self.country = country
        self.addressLines = addressLines
        self.otherIdentification = otherIdentification
    }
}

/// ISO: ProxyAccountIdentification1
public struct Proxy: Hashable, Sendable {
    /// ISO: Tp/Cd
    public var code: String
    /// ISO: Id
    public var identification: String

    public init(
        code: String,
        identification: String
    ) {
        self.code = code
        self.identification = identification
    }
}

/// ISO: CashAccount40
public struct Account: Hashable, Sendable {
    /// ISO: Id
    public var identification: AccountIdentification?
    /// ISO: Tp/Cd
    public var type: String?
    /// ISO: Ccy
    public var currency: Currency?
    /// ISO: Nm
    public var name: String?
    /// ISO: Prxy
    public var proxy: Proxy?

    public init(
        identification: AccountIdentification? = nil,
        type: String? = nil,
        currency: Currency? = nil,
        name: String? = nil,
        proxy: Proxy? = nil
    ) {
        self.identification = identification
        self.type = type
        self.currency = currency
        self.name = name
        self.proxy = proxy
    }
}

/// ISO: PostalAddress27
public struct PostalAddress: Hashable, Sendable {
    /// ISO: CareOf
    public var careOf: String?
    /// ISO: Dept
    public var department: String?
    /// ISO: SubDept
    public var subDepartment: String?
    /// ISO: StrtNm
    public var streetName: String?
    /// ISO: BldgNb
    public var buildingNumber: String?
    /// ISO: BldgNm
    public var buildingName: String?
    /// ISO: Flr
    public var floor: String?
    /// ISO: UnitNb
    public var unitNumber: String?
    /// ISO: PstBx
    public var postBox: String?
    /// ISO: Room
    public var room: String?
    /// ISO: PstCd
    public var postCode: String?
    /// ISO: TwnNm
    public var townName: String?
    /// ISO: TwnLctnNm
    public var townLocationName: String?
    /// ISO: DstrctNm
    public var districtName: String?
    /// ISO: CtrySubDvsn
    public var countrySubDivision: String?
    /// ISO: Ctry
    public var country: String?
    /// ISO: AdrLine
    public var addressLines: [String]

    public init(
        careOf: String? = nil,
        department: String? = nil,
        subDepartment: String? = nil,
        streetName: String? = nil,
        buildingNumber: String? = nil,
        buildingName: String? = nil,
        floor: String? = nil,
        unitNumber: String? = nil,
        postBox: String? = nil,
        room: String? = nil,
        postCode: String? = nil,
        townName: String? = nil,
        townLocationName: String? = nil,
        districtName: String? = nil,
        countrySubDivision: String? = nil,
        country: String? = nil,
        addressLines: [String] = []
    ) {
        self.careOf = careOf
        self.department = department
        self.subDepartment = subDepartment
        self.streetName = streetName
        self.buildingNumber = buildingNumber
        self.buildingName = buildingName
        self.floor = floor
        self.unitNumber = unitNumber
        self.postBox = postBox
        self.room = room
        self.postCode = postCode
        self.townName = townName
        self.townLocationName = townLocationName
        self.districtName = districtName
        self.countrySubDivision = countrySubDivision
        self.country = country
        self.addressLines = addressLines
    }
}

/// ISO: DateAndPlaceOfBirth1
public struct DateAndPlaceOfBirth: Hashable, Sendable {
    /// ISO: BirthDt
    public var birthDate: CalendarDate
    /// ISO: PrvcOfBirth
    public var provinceOfBirth: String?
    /// ISO: CityOfBirth
    public var cityOfBirth: String
    /// ISO: CtryOfBirth
    public var countryOfBirth: String

    public init(
        birthDate: CalendarDate,
        provinceOfBirth: String? = nil,
        cityOfBirth: String,
        countryOfBirth: String
    ) {
        self.birthDate = birthDate
        self.provinceOfBirth = provinceOfBirth
        self.cityOfBirth = cityOfBirth
        self.countryOfBirth = countryOfBirth
    }
}

/// ISO: OrganisationIdentification39
public struct OrganisationIdentification: Hashable, Sendable {
    /// ISO: AnyBIC
    public var anyBIC: BICFI?
    /// ISO: LEI
    public var lei: LEI?
    /// ISO: Othr/Id
    public var other: String?

    public init(
        anyBIC: BICFI? = nil,
        lei: LEI? = nil,
        other: String? = nil
    ) {
        self.anyBIC = anyBIC
        self.lei = lei
        self.other = other
    }
}

/// ISO: PersonIdentification18
public struct PrivateIdentification: Hashable, Sendable {
    /// ISO: DtAndPlcOfBirth
    public var dateAndPlaceOfBirth: DateAndPlaceOfBirth?
    /// ISO: Othr/Id
    public var other: String?

    public init(
        dateAndPlaceOfBirth: DateAndPlaceOfBirth? = nil,
        other: String? = nil
    ) {
        self.dateAndPlaceOfBirth = dateAndPlaceOfBirth
        self.other = other
    }
}

/// ISO: Party52Choice
public enum PartyIdentification: Hashable, Sendable {
    /// ISO: OrgId
    case organisation(OrganisationIdentification)
    /// ISO: PrvtId
    case person(PrivateIdentification)
}

/// ISO: PartyIdentification272
public struct Party: Hashable, Sendable {
    /// ISO: Nm
    public var name: String?
    /// ISO: PstlAdr
    public var postalAddress: PostalAddress?
    /// ISO: Id
    public var identification: PartyIdentification?
    /// ISO: CtryOfRes
    public var countryOfResidence: String?

    public init(
        name: String? = nil,
        postalAddress: PostalAddress? = nil,
        identification: PartyIdentification? = nil,
        countryOfResidence: String? = nil
    ) {
        self.name = name
        self.postalAddress = postalAddress
        self.identification = identification
        self.countryOfResidence = countryOfResidence
    }
}

/// ISO: Charges16
public struct Charges: Hashable, Sendable {
    /// ISO: Amt
    public var amount: CurrencyAndAmount
    /// ISO: Agt
    public var agent: Agent

    public init(
        amount: CurrencyAndAmount,
        agent: Agent
    ) {
        self.amount = amount
        self.agent = agent
    }
}

/// ISO: CurrencyExchange26
public struct AgreedRate: Hashable, Sendable {
    /// ISO: UnitCcy
    public var unitCurrency: Currency?
    /// ISO: QtdCcy
    public var quotedCurrency: Currency?
    /// ISO: PreAgrdXchgRate
    public var preAgreedExchangeRate: Decimal
    /// ISO: QtnDtTm
    public var quotationDateTime: Instant?
    /// ISO: QtId
    public var quoteIdentification: UUIDv4?
    /// ISO: FXAgt
    public var fxAgent: Agent?

    public init(
        unitCurrency: Currency? = nil,
        quotedCurrency: Currency? = nil,
        preAgreedExchangeRate: Decimal,
        quotationDateTime: Instant? = nil,
        quoteIdentification: UUIDv4? = nil,
        fxAgent: Agent? = nil
    ) {
        self.unitCurrency = unitCurrency
        self.quotedCurrency = quotedCurrency
        self.preAgreedExchangeRate = preAgreedExchangeRate
        self.quotationDateTime = quotationDateTime
        self.quoteIdentification = quoteIdentification
        self.fxAgent = fxAgent
    }
}

/// ISO: StructuredRemittanceInformation18
public struct StructuredRemittance: Hashable, Sendable {
    /// ISO: CdtrRefInf/Ref
    public var creditorReference: String?
    /// ISO: AddtlRmtInf, at most 3
    public var additionalRemittanceInformation: [String]

    public init(
        creditorReference: String? = nil,
        additionalRemittanceInformation: [String] = []
    ) {
        self.creditorReference = creditorReference
        self.additionalRemittanceInformation = additionalRemittanceInformation
    }
}

/// ISO: RemittanceInformation22
public struct RemittanceInformation: Hashable, Sendable {
    /// ISO: Ustrd
    public var unstructured: String?
    /// ISO: Strd
    public var structured: [StructuredRemittance]

    public init(
        unstructured: String? = nil,
        structured: [StructuredRemittance] = []
    ) {
        self.unstructured = unstructured
        self.structured = structured
    }
}

/// ISO: StatusReasonInformation14
public struct StatusReason: Hashable, Sendable {
    /// ISO: Orgtr/Nm
    public var originatorName: String?
    /// ISO: Orgtr/Id/OrgId/AnyBIC
    public var originatorBIC: BICFI?
    /// ISO: Rsn/Cd, ExternalStatusReason1Code
    public var code: String
    /// ISO: AddtlInf
    public var additionalInformation: [String]

    public init(
        originatorName: String? = nil,
        originatorBIC: BICFI? = nil,
        code: String,
        additionalInformation: [String] = []
    ) {
        self.originatorName = originatorName
        self.originatorBIC = originatorBIC
        self.code = code
        self.additionalInformation = additionalInformation
    }
}

/// ISO: MessageIdentification8
public struct OriginalAssignment: Hashable, Sendable {
    /// ISO: MsgId
    public var messageIdentification: String
    /// ISO: CreDtTm
    public var creationDateTime: Instant?

    public init(
        messageIdentification: String,
        creationDateTime: Instant? = nil
    ) {
        self.messageIdentification = messageIdentification
        self.creationDateTime = creationDateTime
    }
}

/// ISO: Priority2Code
public enum Priority: String, Hashable, Sendable, CaseIterable {
    case high = "HIGH"
    case normal = "NORM"
}

/// ISO: ChargeBearerType1Code
public enum ChargeBearer: String, Hashable, Sendable, CaseIterable {
    case debtor = "DEBT"
    case creditor = "CRED"
    case shared = "SHAR"
    case followingServiceLevel = "SLEV"
}

/// The statuses this network knows. ISO: ExternalPaymentTransactionStatus1Code
public enum TransactionStatus: String, Hashable, Sendable, CaseIterable {
    case acceptedCreditSettlementCompleted = "ACCC"
    case rejected = "RJCT"
    case blocked = "BLCK"
    case acceptedWithoutPosting = "ACWP"
    case acceptedTechnicalValidation = "ACTC"
}
