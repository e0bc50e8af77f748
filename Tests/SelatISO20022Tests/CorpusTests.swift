import SelatISO20022
import Testing

@Suite(.enabled(if: Corpus.directory != nil, "no message corpus beside the package"))
struct CorpusTests {
    @Test(arguments: Corpus.samples("valid"))
    func validMessageIsTakenAndOthersAreUnsupported(sample: Corpus.Sample) throws {
        guard Corpus.isOurs(sample.name) else {
            let error = #expect(throws: MessageError.self) { try ISOMessage.decode(sample.bytes) }
            #expect(error?.first.reason == .ff01)
            #expect(error?.first.path == "/Document")
            #expect(error?.kind == nil)
            return
        }
        let message = try ISOMessage.decode(sample.bytes)
        #expect(try ISOMessage.decode(message.encode()) == message)
        try Corpus.emit(message, as: sample.name)
    }

    @Test(arguments: Corpus.samples("tricky-valid"))
    func trickySpellingReadsAsThePlainOne(sample: Corpus.Sample) throws {
        // Policy: midnight is 00:00:00, though the schema also takes 24:00:00.
        guard sample.name != "datetime-hour-24" else {
            let error = #expect(throws: MessageError.self) { try ISOMessage.decode(sample.bytes) }
            #expect(error?.first.reason == .ff01)
            return
        }
        let message = try ISOMessage.decode(sample.bytes)
        try Corpus.emit(message, as: "tricky-" + sample.name)
        guard sample.name != "max-length-name-140-multibyte" else { return }
        let plain = try Corpus.sample("valid", "pacs008-source-leg-SG-TH")
        #expect(try message == ISOMessage.decode(plain))
    }

    @Test(arguments: Corpus.samples("invalid"))
    func mutantsAgainstSchemaSyntaxOrPolicyAreRefused(sample: Corpus.Sample) throws {
        let verdict = try #require(try Corpus.verdicts()[sample.name])
        guard ["S", "W", "P"].contains(verdict.class) else { return }
        let error = #expect(throws: MessageError.self) { try ISOMessage.decode(sample.bytes) }
        #expect(error?.first.reason == .ff01)
    }
}
