import SelatISO20022
import SelatNode
import SelatScheme

/// A directory's answer that waits for the creditor agent's: kept as its own canonical bytes,
/// deleted as soon as the second answer comes.
struct PendingResolution: Hashable, Sendable {
    /// The payment system through which the creditor agent was asked.
    let system: PartyID
    let report: IdentificationVerificationReport
}

extension PendingResolution {
    private static let layout: UInt8 = 1

    /// `nil` when the answer would not read back as it is: a hosted party's was never bytes.
    var record: [UInt8]? {
        let document = ISOMessage.verificationReport(report).encode()
        do throws(MessageError) {
            guard try ISOMessage.decode(document) == .verificationReport(report) else { return nil }
        } catch {
            return nil
        }
        return RecordWriter.record(layout: PendingResolution.layout) { writer in
            writer.write(system)
            writer.write(String(decoding: document, as: UTF8.self))
        }
    }

    init(stored bytes: [UInt8]) {
        do throws(RecordError) {
            var reader = try RecordReader(bytes, layout: PendingResolution.layout)
            system = try reader.party()
            report = PendingResolution.report(in: try reader.text())
        } catch {
            preconditionFailure("a resolution under way cannot be read: \(error)")
        }
    }

    private static func report(in document: String) -> IdentificationVerificationReport {
        do throws(MessageError) {
            let message = try ISOMessage.decode(Array(document.utf8))
            guard case .verificationReport(let report) = message else {
                preconditionFailure("a resolution under way holds another message")
            }
            return report
        } catch {
            preconditionFailure("a resolution under way cannot be read: \(error)")
        }
    }
}
