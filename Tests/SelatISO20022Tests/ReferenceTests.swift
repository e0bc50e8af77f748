import SelatISO20022
import SelatTime
import Testing

/// Which characters an identifier may have, and where a slash may stand.
@Suite struct ReferenceTests {
    private static let path = ElementPath("/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/InstrId")

    private static func message() -> FIToFICustomerCreditTransfer {
        var generator = MessageGenerator(seed: 1)
        while true {
            if case .creditTransfer(let message) = generator.message() { return message }
        }
    }

    private static func isRefused(
        _ reference: String,
        in message: inout FIToFICustomerCreditTransfer
    ) -> Bool {
        message.change { $0.instructionIdentification = reference }
        return message.violations().contains { $0.path == path && $0.reason == .ff01 }
    }

    /// One character among letters and digits, at each place of identifiers of each length.
    @Test(arguments: 1...20)
    func oneCharacterDecidesWhereverItStands(length: Int) {
        var message = ReferenceTests.message()
        let allowed = Set("ABCXYZabcxyz0189 -?:().,'+")
        let characters = (0x20...0x7E).map { Character(Unicode.Scalar($0)) } + ["é"]
        for place in 0..<length {
            for character in characters {
                var text = (0..<length).map { Array("aZ09")[$0 % 4] }
                text[place] = character
                let isInside = place > 0 && place < length - 1
                let isLawful =
                    character.isASCII && (character.isLetter || character.isNumber)
                    || allowed.contains(character) || character == "/" && isInside
                #expect(
                    ReferenceTests.isRefused(String(text), in: &message) != isLawful,
                    "\(String(text))"
                )
            }
        }
    }

    @Test(arguments: [
        "AAAAAAA//AAAAAAA", "AAAAAAAA//AAAAAAAA", "A//A", "/AAAAAAAA", "AAAAAAAA/", "AAAAAAAA/BB/",
        "/", "//", "AAAAAAAAAAAAAAA//A",
    ])
    func slashesDoNotStandTogetherOrAtAnEnd(reference: String) {
        var message = ReferenceTests.message()
        #expect(ReferenceTests.isRefused(reference, in: &message))
    }

    @Test(arguments: ["AAAAAAAA/AAAAAAAA/A", "A/B/C/D/E/F/G/H/I/J/K", "AAAAAAA/A"])
    func singleSlashesStandInside(reference: String) {
        var message = ReferenceTests.message()
        #expect(!ReferenceTests.isRefused(reference, in: &message))
    }
}
