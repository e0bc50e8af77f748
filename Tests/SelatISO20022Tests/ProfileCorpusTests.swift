import SelatISO20022
import Testing

@Suite(.enabled(if: Corpus.directory != nil, "no message corpus beside the package"))
struct ProfileCorpusTests {
    /// Where each business mutant is refused, and with which reason.
    static let reasons: [String: ReasonCode] = [
        "accptncdttm-local-offset": .ff01, "accptncdttm-missing": .ch21,
        "accptncdttm-no-timezone": .ff01, "acmt023-destination-country-missing": .ch21,
        "acmt023-mobile-not-e164": .be23, "acmt023-no-account-no-proxy": .ch21,
        "acmt023-proxy-type-unknown": .ch21, "acmt024-false-without-reason": .ch21,
        "acmt024-real-name-masked": .rr03, "acmt024-true-without-account": .ch21,
        "agrdrate-missing": .ch21, "amount-zero": .am06, "bic-country-not-iso3166": .agnt,
        "camt054-sum-mismatch": .ff01, "chrgbr-DEBT": .ff01, "chrgsinf-only-one": .ch21,
        "clrsys-missing": .ch21, "currency-not-source": .curr, "currency-unknown-ZZZ": .am03,
        "date-with-timezone": .ff01, "dbtracct-missing": .ch21, "e2eid-double-slash": .ff01,
        "e2eid-leading-slash": .ff01, "iban-bad-check-digits": .ch11, "instdamt-missing": .ch21,
        "instrprty-missing": .ch21, "intrmyagt2-missing-no-quote": .rc11,
        "lei-bad-checksum": .agnt, "name-blank": .ch21, "name-thai-script": .ff01,
        "nboftxs-2-but-one-tx": .ff01, "nboftxs-two-transactions": .ff01,
        "pacs002-agents-in-group-header": .ff01, "pacs002-missing-orgnluetr": .ch21,
        "pacs002-reason-proprietary": .ch21, "pacs002-rjct-without-reason": .ch21,
        "pacs002-status-unknown-ACPT": .ff01, "pacs002-two-transactions": .ff01,
        "purpose-not-in-code-set": .ch21, "purpose-proprietary": .ch21, "rate-negative": .ab04,
        "rate-zero": .ab04, "sttlmmtd-INDA": .ff01, "supplementary-data-smuggled": .ff01,
        "thb-3-fraction-digits": .ch20, "uetr-missing": .ch21,
    ]

    /// Mutants the message alone does not give away, and what the role must know to refuse them.
    static let roleOwned: [String: String] = [
        "instdagt-not-source-sap": "which agents are settlement access providers, and where",
        "rate-differs-from-quote": "the stored quote",
        "accptncdttm-year-old": "the time of receipt",
    ]

    @Test(arguments: Corpus.samples("invalid"))
    func businessMutantIsRefusedWithItsReason(sample: Corpus.Sample) throws {
        let verdict = try #require(try Corpus.verdicts()[sample.name])
        guard ["B", "T"].contains(verdict.class) else { return }
        let refusal: Rejection?
        do {
            refusal = try ISOMessage.decode(sample.bytes).violations().first
        } catch {
            refusal = error.first
        }
        if verdict.class == "T" || ProfileCorpusTests.roleOwned[sample.name] != nil {
            #expect(refusal == nil)
        } else {
            let expected = try #require(ProfileCorpusTests.reasons[sample.name])
            #expect(refusal?.reason == expected)
        }
    }

    @Test(arguments: Corpus.samples("valid") + Corpus.samples("tricky-valid"))
    func validMessageBreaksNoRule(sample: Corpus.Sample) throws {
        guard let message = try? ISOMessage.decode(sample.bytes) else { return }
        let violations = message.violations()
        guard sample.name == "max-length-name-140-multibyte" else {
            #expect(violations == [])
            return
        }
        // Valid for the schema; accented letters are outside the network's character set.
        #expect(violations.map(\.reason) == [.ff01])
        #expect(violations.first?.path == "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/Dbtr/Nm")
    }
}
