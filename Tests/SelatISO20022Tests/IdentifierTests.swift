import SelatISO20022
import SelatTime
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["MRLNSGS0", "LTUSTHB0XXX", "0000AA00", "ZZZZZZZZZZZ", "A1B2SG99000"])
    func bicPrintsAsParsed(code: String) throws {
        let bic = try #require(BICFI(code))
        #expect(bic.code == code)
        #expect(bic.countryCode == code.dropFirst(4).prefix(2))
        #expect(bic.institution.code == code.prefix(8))
    }

    @Test(arguments: [
        "", "MRLNSGS", "MRLNSGS01", "MRLNSGS012", "MRLNSGS01234", "mrlnsgs0", "MRLN1GS0",
        "MRLNS1S0",
        "MRLN SG0", "MRLNSGSÉ",
    ])
    func isNoBIC(code: String) { #expect(BICFI(code) == nil) }

    @Test func bicsSortByTheAlphabetAndBranchesAfterTheirBank() throws {
        let codes = ["AAAASG00", "AAAASG00000", "AAAASG00XXX", "AAAASG0A", "AAABSG00", "MRLNSGS0"]
        let bics = try codes.map { try #require(BICFI($0)) }
        #expect(bics.reversed().sorted().map(\.code) == codes)
        #expect(Set(bics).count == codes.count)
    }

    @Test func leiPrintsAsParsedAndKnowsItsCheckDigits() throws {
        let lei = try #require(LEI("9999SELATDEMO00MRL31"))
        #expect(lei.code == "9999SELATDEMO00MRL31")
        #expect(lei.hasValidCheckDigits)
        for wrong in ["9999SELATDEMO00MRL32", "9999SELATDEMO00MRM31", "0999SELATDEMO00MRL31"] {
            #expect(try #require(LEI(wrong)).hasValidCheckDigits == false)
        }
    }

    @Test(arguments: [
        "", "9999SELATDEMO00MRL3", "9999SELATDEMO00MRL311", "9999SELATDEMO00MRLA1", "é",
        "9999SELATDEMO00MRL3A", "9999SELATDEMO00mRL31", "9999 ELATDEMO00MRL31",
        "9999SELAT/EMO00MRL31", "9999SELATDEM@00MRL31", "9999SELATDEMO00[RL31",
        "9999SELATDEMO00ML3é",
    ])
    func isNoLEI(code: String) { #expect(LEI(code) == nil) }

    @Test(arguments: ["AC04", "A", "99", "ABC"])
    func reasonPrintsAsParsed(code: String) {
        #expect(ReasonCode(code)?.code == code)
    }

    @Test(arguments: ["", "AC045", "ac04", "A 04", "É"])
    func isNoReason(code: String) { #expect(ReasonCode(code) == nil) }

    @Test func ownReasonsAreOnTheLists() {
        let own: [ReasonCode] = [
            .ab01, .ab02, .ab03, .ab04, .ab05, .ab06, .ab08, .ab09, .ab10, .ac04, .ac06, .ac07,
            .ac14,
            .ag01, .ag03, .ag11, .agnt, .am02, .am03, .am04, .am05, .am06, .am13, .am14, .am21,
            .am23,
            .be01, .be06, .ch11, .ch20, .ch21, .cnor, .curr, .du01, .du03, .dupl, .ed05, .ed06,
            .ff01,
            .ff10, .fr01, .md07, .ms02, .ms03, .narr, .rc04, .rc07, .rc10, .rc11, .rr02, .rr03,
            .rr04,
            .tm01, .ucrd,
        ]
        for reason in own { #expect(ExternalCodeSet.statusReason.contains(reason.code)) }
        for reason in [ReasonCode.ac01, .be23, .frad, .rc06, .rr01] {
            #expect(ExternalCodeSet.verificationReason.contains(reason.code))
            #expect(!ExternalCodeSet.statusReason.contains(reason.code))
        }
    }

    @Test func codeSetsContainWhatTheyListAndNothingElse() {
        let sets: [(ExternalCodeSet, Int)] = [
            (.purpose, 329), (.categoryPurpose, 46), (.statusReason, 62), (.verificationReason, 13),
            (.proxyType, 21), (.country, 250),
        ]
        for (set, count) in sets {
            #expect(set.codes.count == count)
            #expect(set.codes == set.codes.sorted())
            for code in set.codes { #expect(set.contains(code)) }
            for code in ["", "ZZZZ", "zz", "MNBO", "EDUCA", "É"] { #expect(!set.contains(code)) }
        }
    }

    @Test func countryOfABICIsListedAsItsCodeIs() throws {
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }
        for code in letters.flatMap({ first in letters.map { first + $0 } }) {
            let bic = try #require(BICFI("MRLN" + code + "S0"))
            let isListed = ExternalCodeSet.country.contains(code)
            #expect(ExternalCodeSet.country.contains(countryOf: bic) == isListed)
            #expect(!ExternalCodeSet.purpose.contains(countryOf: bic))
        }
    }
}
