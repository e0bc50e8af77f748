import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// A proxy under its one spelling: numbers without spaces, mail addresses in small letters.
struct ProxyKey: Equatable {
    let text: String

    init(code: String, value: String) {
        let isNumber = code == "MBNO" || code == "TELE"
        let value = value.filter { $0 != " " && !(isNumber && "-()".contains($0)) }
        text = code + "/" + (code == "EMAL" ? value.lowercased() : value)
    }

    init(_ proxy: Proxy) {
        self.init(code: proxy.code, value: proxy.identification)
    }
}

/// A registration as stored.
struct ProxyEntry: Equatable {
    private static let layout: UInt8 = 1

    let bicfi: BICFI
    let account: String
    let name: String
    let displayName: String

    init(_ registration: ProxyDirectory.Registration) {
        bicfi = registration.bicfi
        account = registration.account
        name = registration.name
        displayName = registration.displayName
    }

    private init(_ reader: inout RecordReader) throws(RecordError) {
        bicfi = try reader.bicfi()
        account = try reader.text()
        name = try reader.text()
        displayName = try reader.text()
    }

    /// All registrations of one proxy.
    static func record(of entries: [ProxyEntry]) -> [UInt8] {
        RecordWriter.record(layout: layout) { writer in
            writer.write(entries.count)
            for entry in entries {
                writer.write(entry.bicfi)
                writer.write(entry.account)
                writer.write(entry.name)
                writer.write(entry.displayName)
            }
        }
    }

    static func entries(of row: RecordRow) -> [ProxyEntry] {
        do {
            var reader = try RecordReader(row.content, layout: layout)
            let count = try reader.integer()
            var entries: [ProxyEntry] = []
            for _ in 0..<max(count, 0) { entries.append(try ProxyEntry(&reader)) }
            return entries
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

/// Look-ups of one sender in one window.
struct LookupCounter: Equatable {
    private static let layout: UInt8 = 1

    let start: Instant
    var count = 0

    init(start: Instant) { self.start = start }

    init(row: RecordRow) {
        do {
            var reader = try RecordReader(row.content, layout: LookupCounter.layout)
            start = try reader.instant()
            count = Int(try reader.integer())
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var record: [UInt8] {
        RecordWriter.record(layout: LookupCounter.layout) { writer in
            writer.write(start)
            writer.write(count)
        }
    }
}
