import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The offer that stands for one corridor. The operator's last word holds over restarts, until
/// the configuration names another rate than it did then.
struct RateOffer: Equatable {
    private static let layout: UInt8 = 1

    /// `nil` when withdrawn.
    let rate: ExchangeRate?
    let configured: ExchangeRate

    init(rate: ExchangeRate?, configured: ExchangeRate) {
        self.rate = rate
        self.configured = configured
    }

    init(_ stored: RecordRow?, configured: ExchangeRate) {
        if let stored = stored.map(RateOffer.init(row:)), stored.configured == configured {
            self = stored
        } else {
            self.init(rate: configured, configured: configured)
        }
    }

    private init(row: RecordRow) {
        do {
            var reader = try RecordReader(row.content, layout: RateOffer.layout)
            let isWithdrawn = try reader.flag()
            let current = ExchangeRate(try reader.decimal())
            guard let current, let configured = ExchangeRate(try reader.decimal()) else {
                throw RecordError.damaged(at: 0)
            }
            self.init(rate: isWithdrawn ? nil : current, configured: configured)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var record: [UInt8] {
        RecordWriter.record(layout: RateOffer.layout) { writer in
            writer.write(rate == nil)
            writer.write((rate ?? configured).decimal)
            writer.write(configured.decimal)
        }
    }
}

/// What is kept of a notification.
struct NotifiedPayment: Equatable {
    private static let layout: UInt8 = 1

    let completed: Instant
    let status: String
    let source: Money
    let destination: Money
    let rate: ExchangeRate

    init(_ notification: CompletedPayment) {
        completed = notification.completed
        status = notification.status.rawValue
        source = notification.source
        destination = notification.destination
        rate = notification.rate
    }

    init(record: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(record, layout: NotifiedPayment.layout)
        completed = try reader.instant()
        status = try reader.text()
        source = try reader.money()
        destination = try reader.money()
        guard let rate = ExchangeRate(try reader.decimal()) else { throw .damaged(at: 0) }
        self.rate = rate
    }

    var record: [UInt8] {
        RecordWriter.record(layout: NotifiedPayment.layout) { writer in
            writer.write(completed)
            writer.write(status)
            writer.write(source)
            writer.write(destination)
            writer.write(rate.decimal)
        }
    }
}
