import SelatISO20022
import SelatTime
import Testing

/// Single defects planted into the valid messages of the corpus: what the schema refuses is FF01,
/// what only the network refuses has the reason of its rule.
@Suite(.enabled(if: Corpus.directory != nil, "no message corpus beside the package"))
struct MutantTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let base: String
        let find: String
        let replace: String
        let reason: ReasonCode
        let path: String
        var testDescription: String { name }

        init(
            _ name: String,
            _ find: String,
            _ replace: String,
            _ reason: ReasonCode,
            _ path: String,
            in base: String = "pacs008-source-leg-SG-TH"
        ) {
            self.name = name
            self.base = base
            self.find = find
            self.replace = replace
            self.reason = reason
            self.path = path
        }
    }

    static let uetr = "21508c8f-9cc3-4e33-8722-0ebb2abd15cf"
    static let header = "/Document/FIToFICstmrCdtTrf/GrpHdr"
    static let transaction = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf"

    static let schemaCases: [Case] = [
        Case("uetr version 1", "9cc3-4e33", "9cc3-1e33", .ff01, transaction + "/PmtId/UETR"),
        Case("uetr upper case", uetr, uetr.uppercased(), .ff01, transaction + "/PmtId/UETR"),
        Case(
            "bic of 9",
            "STRTSGS0<",
            "STRTSGS01<",
            .ff01,
            transaction + "/InstdAgt/FinInstnId/BICFI"
        ),
        Case(
            "bic lower case",
            "STRTSGS0<",
            "strtsgs0<",
            .ff01,
            transaction + "/InstdAgt/FinInstnId/BICFI"
        ),
        Case("negative amount", "498.00", "-498.00", .ff01, transaction + "/IntrBkSttlmAmt"),
        Case(
            "quote id not v4",
            "0aca-4831-954a",
            "0aca-1831-954a",
            .ff01,
            transaction + "/AgrdRate/QtId"
        ),
        Case("unknown bearer", "SHAR", "OURS", .ff01, transaction + "/ChrgBr"),
        Case("unknown priority", "NORM", "URGT", .ff01, transaction + "/PmtTpInf/InstrPrty"),
        Case(
            "clearing code of 7",
            "<Prtry>SGDFAST</Prtry>",
            "<Cd>SGDFAST</Cd>",
            .ff01,
            header + "/SttlmInf/ClrSys/Cd"
        ),
        Case("purpose of 5", "EDUC", "EDUCA", .ff01, transaction + "/Purp/Cd"),
        Case("empty name", "Tan Hui Shan Amelia", "", .ff01, transaction + "/Dbtr/Nm"),
        Case(
            "four lines of remittance",
            "<Ustrd>Term 2 tuition, Pimchanok</Ustrd>",
            "<Strd>" + String(repeating: "<AddtlRmtInf>a</AddtlRmtInf>", count: 4) + "</Strd>",
            .ff01,
            transaction + "/RmtInf/Strd/AddtlRmtInf[4]"
        ),
        Case(
            "amount twice",
            "<IntrBkSttlmDt>",
            "<IntrBkSttlmAmt Ccy=\"SGD\">1</IntrBkSttlmAmt><IntrBkSttlmDt>",
            .ff01,
            transaction + "/ChrgBr"
        ),
        Case("unknown attribute", "<MsgId>", "<MsgId a=\"b\">", .ff01, header),
        Case(
            "currency where none belongs",
            "<MsgId>",
            "<MsgId Ccy=\"SGD\">",
            .ff01,
            header + "/MsgId"
        ),
        Case("text among elements", "<PmtId>", "x<PmtId>", .ff01, transaction),
        Case("wrong namespace", "pacs.008.001.13", "pacs.009.001.13", .ff01, "/Document"),
        Case(
            "other namespace inside",
            "<PmtId>",
            "<PmtId xmlns=\"x\">",
            .ff01,
            transaction + "/PmtId"
        ),
        Case(
            "hour 25",
            "T04:12:05.102Z",
            "T25:12:05.102Z",
            .ff01,
            transaction + "/AddtlDtTm/AccptncDtTm"
        ),
        Case(
            "offset of 15 hours",
            "05.102Z",
            "05.102+15:00",
            .ff01,
            transaction + "/AddtlDtTm/AccptncDtTm"
        ),
        Case(
            "nine digits of transactions",
            "<NbOfTxs>1<",
            "<NbOfTxs>x<",
            .ff01,
            header + "/NbOfTxs"
        ),
        Case(
            "supplementary data",
            "    </CdtTrfTxInf>",
            "<SplmtryData><Envlp><a xmlns=\"b\"/></Envlp></SplmtryData></CdtTrfTxInf>",
            .ff01,
            transaction + "/SplmtryData"
        ),
        Case(
            "request without assignee",
            "Assgne>",
            "Assgnd>",
            .ff01,
            "/Document/IdVrfctnReq/Assgnmt/Assgne",
            in: "acmt023-proxy-mobile"
        ),
        Case(
            "proxy type of 6",
            "MBNO",
            "MSISDN",
            .ff01,
            "/Document/IdVrfctnReq/Vrfctn/PtyAndAcctId/Acct/Prxy/Tp/Cd",
            in: "acmt023-proxy-mobile"
        ),
    ]

    static let networkCases: [Case] = [
        Case("uetr missing", "<UETR>\(uetr)</UETR>", "", .ch21, transaction + "/PmtId/UETR"),
        Case("leading slash", "SCHOOLFEE", "/SCHOOLFEE", .ff01, transaction + "/PmtId/EndToEndId"),
        Case(
            "trailing slash",
            "FEE-NOV-2026",
            "FEE-NOV/",
            .ff01,
            transaction + "/PmtId/EndToEndId"
        ),
        Case("lei check digits", "MRL31", "MRL32", .agnt, transaction + "/InstgAgt/FinInstnId/LEI"),
        Case("rate zero", "25.4137", "0.0", .ab04, transaction + "/AgrdRate/PreAgrdXchgRate"),
        Case(
            "time without zone",
            "05.102Z",
            "05.102",
            .ff01,
            transaction + "/AddtlDtTm/AccptncDtTm"
        ),
        Case("blank name", "Tan Hui Shan Amelia", "  ", .ch21, transaction + "/Dbtr/Nm"),
        Case("Thai name", "Kanokwan Srisuwan", "กนกวรรณ", .ff01, transaction + "/Cdtr/Nm"),
        Case(
            "iban check digits",
            "<Othr>\n            <Id>0887124455</Id>\n          </Othr>",
            "<IBAN>GB82WEST12345698765431</IBAN>",
            .ch11,
            transaction + "/CdtrAcct/Id/IBAN"
        ),
        Case("two transactions", "<NbOfTxs>1<", "<NbOfTxs>2<", .ff01, header + "/NbOfTxs"),
        Case(
            "unknown category",
            "<Cd>CASH<",
            "<Cd>ZZZZ<",
            .ch21,
            transaction + "/PmtTpInf/CtgyPurp/Cd"
        ),
        Case("bearer by level with a quote", "SHAR", "SLEV", .ff01, transaction + "/ChrgBr"),
        Case("one currency", "\"THB\"", "\"SGD\"", .curr, transaction + "/ChrgsInf[2]/Amt"),
        Case(
            "rupiah with decimals",
            "Ccy=\"THB\">45.00",
            "Ccy=\"IDR\">45.50",
            .ch20,
            transaction + "/ChrgsInf[2]/Amt"
        ),
        Case(
            "proxy not E.164",
            "+66812004417",
            "0812004417",
            .ff01,
            transaction + "/CdtrAcct/Prxy/Id"
        ),
        Case(
            "unknown country",
            "<Ctry>TH</Ctry>",
            "<Ctry>QQ</Ctry>",
            .ch21,
            transaction + "/Cdtr/PstlAdr/Ctry"
        ),
        Case(
            "no identifier",
            "<BICFI>STRTSGS0</BICFI>",
            "",
            .ch21,
            transaction + "/InstdAgt/FinInstnId"
        ),
        Case(
            "reason without list",
            "AC04",
            "AC01",
            .ch21,
            "/Document/FIToFIPmtStsRpt/TxInfAndSts/StsRsnInf/Rsn/Cd",
            in: "pacs002-rjct-ac04"
        ),
        Case(
            "narrative missing",
            "<AddtlInf>Purpose of payment needed before posting, please contact operations</AddtlInf>",
            "",
            .ch21,
            "/Document/FIToFIPmtStsRpt/TxInfAndSts/StsRsnInf/AddtlInf",
            in: "pacs002-acwp"
        ),
        Case(
            "status original missing",
            "<OrgnlUETR>\(uetr)</OrgnlUETR>",
            "",
            .ch21,
            "/Document/FIToFIPmtStsRpt/TxInfAndSts/OrgnlUETR",
            in: "pacs002-accc"
        ),
        Case(
            "acceptance reason missing",
            "ACCC",
            "RJCT",
            .ch21,
            "/Document/FIToFIPmtStsRpt/TxInfAndSts/StsRsnInf/Rsn/Cd",
            in: "pacs002-accc"
        ),
        Case(
            "country missing",
            "<Ctry>TH</Ctry>",
            "",
            .ch21,
            "/Document/IdVrfctnReq/Assgnmt/Assgne/Agt/FinInstnId/PstlAdr/Ctry",
            in: "acmt023-proxy-mobile"
        ),
        Case(
            "masked name",
            "<Nm>Kanokwan Srisuwan",
            "<Nm>Kano**** Sri****",
            .rr03,
            "/Document/IdVrfctnRpt/Rpt/UpdtdPtyAndAcctId/Pty/Nm",
            in: "acmt024-positive-masked"
        ),
        Case(
            "no without reason",
            ">true<",
            ">false<",
            .ch21,
            "/Document/IdVrfctnRpt/Rpt/Rsn/Cd",
            in: "acmt024-positive-masked"
        ),
        Case(
            "yes with reason",
            ">false<",
            ">1<",
            .ff01,
            "/Document/IdVrfctnRpt/Rpt/Rsn",
            in: "acmt024-negative-be23"
        ),
        Case(
            "unknown reason",
            "BE23",
            "ZZ99",
            .ch21,
            "/Document/IdVrfctnRpt/Rpt/Rsn/Cd",
            in: "acmt024-negative-be23"
        ),
    ]

    @Test(arguments: schemaCases + networkCases)
    func plantedDefectIsRefusedAtItsPlace(mutant: Case) throws {
        let base = String(decoding: try Corpus.sample("valid", mutant.base), as: UTF8.self)
        let parts = base.components(by: mutant.find)
        #expect(parts.count > 1, "the defect finds its place")
        let isRepeated = mutant.find.hasSuffix(">") && !mutant.find.hasPrefix("<")
        let changed =
            isRepeated
            ? parts.joined(separator: mutant.replace)
            : parts[0] + mutant.replace + parts.dropFirst().joined(separator: mutant.find)
        let refusal = refusal(Array(changed.utf8))
        #expect(refusal?.reason == mutant.reason)
        #expect(refusal?.path.text == mutant.path)
    }

    @Test func everythingWrongIsReportedSchemaFirst() throws {
        var text = String(
            decoding: try Corpus.sample("valid", Self.schemaCases[0].base),
            as: UTF8.self
        )
        text = text.components(by: "<InstrPrty>NORM</InstrPrty>").joined()
        text = text.components(by: "05.102Z").joined(separator: "05.102")
        let deferred = #expect(throws: MessageError.self) {
            try ISOMessage.decode(Array(text.utf8))
        }
        #expect(deferred?.rejections.map(\.reason) == [.ch21, .ff01])
        text = text.components(by: "<Cd>EDUC</Cd>").joined(separator: "<Cd>EDUCA</Cd>")
        let thrown = #expect(throws: MessageError.self) { try ISOMessage.decode(Array(text.utf8)) }
        #expect(thrown?.rejections.map(\.reason) == [.ff01, .ch21, .ff01])
        #expect(thrown?.first.path.text == Self.transaction + "/Purp/Cd")
        #expect(thrown?.messageIdentification == "MRLN20261123T0412055170001")
        #expect(thrown?.uetr?.description == Self.uetr)
        #expect(thrown?.kind == .creditTransfer)
    }

    @Test func refusalsRepeatNothingPersonal() throws {
        let text = String(
            decoding: try Corpus.sample("valid", Self.schemaCases[0].base),
            as: UTF8.self
        )
        for secret in ["Tan Hui Shan Amelia", "3920017745", "Keramat Lane"] {
            let long = text.components(by: secret).joined(
                separator: secret + String(repeating: "ก", count: 141)
            )
            let error = #expect(throws: MessageError.self) {
                try ISOMessage.decode(Array(long.utf8))
            }
            #expect(error?.description.components(by: secret).count == 1)
            let strange = text.components(by: secret).joined(separator: secret + "\u{E9}")
            let violation = refusal(Array(strange.utf8))
            #expect(violation?.description.components(by: secret).count == 1)
        }
    }

    @Test func sourceSystemMayFillInTheUETR() throws {
        let text = String(
            decoding: try Corpus.sample("valid", Self.schemaCases[0].base),
            as: UTF8.self
        )
        let without = text.components(by: "<UETR>\(Self.uetr)</UETR>").joined()
        guard case .creditTransfer(let transfer) = try ISOMessage.decode(Array(without.utf8)) else {
            return
        }
        #expect(transfer.violations().map(\.reason) == [.ch21])
        #expect(transfer.violations(allowingAbsentUETR: true) == [])
    }

    private func refusal(_ bytes: [UInt8]) -> Rejection? {
        do throws(MessageError) {
            return try ISOMessage.decode(bytes).violations().first
        } catch {
            return error.first
        }
    }
}

extension String {
    /// The pieces between occurrences of `separator`.
    func components(by separator: String) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            pieces.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return pieces + [String(rest)]
    }
}
