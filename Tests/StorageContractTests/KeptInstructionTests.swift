import SelatNode
import SelatScheme
import Testing

/// An open payment's instruction, wherever it is: at hand as a value, or only in the log.
@Suite struct KeptInstructionTests {
    /// More than three times as many payments as have theirs at hand.
    private static let payments: UInt64 = 14_000
    /// In one batch.
    private static let atOnce: UInt64 = 500

    /// Payments of a batch, whose instructions were received, sent and hosted in turn.
    private static func open(_ numbers: ClosedRange<UInt64>) -> CommitBatch {
        batch { batch in
            for number in numbers {
                let instruction: InstructionWrite
                switch number % 3 {
                case 0:
                    instruction = .received(index: batch.received.count, Sample.message(number))
                    batch.received.append(Sample.retained(number, about: Sample.uetr(number)))
                case 1:
                    instruction = .sent(index: batch.sent.count, Sample.message(number))
                    batch.sent.append(Sample.retained(number, about: Sample.uetr(number)))
                default: instruction = .hosted(Sample.message(number))
                }
                batch.payments.append(
                    Sample.payment(number, due: Sample.at(60), instruction: instruction)
                )
            }
            batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7)]
        }
    }

    private static func key(_ number: UInt64) -> FactKey {
        .instruction(Sample.hub, Sample.uetr(number))
    }

    @Test(arguments: [Driver.memory, .sqlite])
    func isAnsweredHoweverManyPaymentsAreOpen(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        for first in stride(from: 1, through: Self.payments, by: Int(Self.atOnce)) {
            let numbers = first...first + Self.atOnce - 1
            #expect(tested.store.commit(Self.open(numbers)) == .committed)
            // Some end soon, and need none any more.
            let ended = batch { batch in
                batch.payments = numbers.filter { $0 % 10 == 0 }
                    .map { Sample.payment($0, from: 1, state: 9) }
            }
            #expect(tested.store.commit(ended) == .committed)
        }
        // The youngest first, and each twice: what was read from the log is at hand again.
        let numbers = (1...Self.payments).reversed().filter { $0 % 7 < 2 }
        for _ in 1...2 {
            let found = try tested.store.fetch(numbers.map(Self.key))
            #expect(found == numbers.map { .instruction(Sample.message($0)) })
        }
        // And after a start, which has them as bytes.
        try tested.reopen()
        let found = try tested.store.fetch((1...Self.payments).map(Self.key))
        #expect(found == (1...Self.payments).map { .instruction(Sample.message($0)) })
    }
}
