import Foundation

/// A node's log, as far as a sentence needs it.
enum LogFile {
    /// The last lines; none when there is no log.
    static func lastLines(_ path: String, _ count: Int) -> [String] {
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        do {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: size > 8192 ? size - 8192 : 0)
            let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
            return text.split(separator: "\n").suffix(count).map(String.init)
        } catch {
            return []
        }
    }
}
