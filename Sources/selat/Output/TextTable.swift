/// Columns of text for people: as wide as their widest cell, two spaces apart.
package struct TextTable: Hashable, Sendable {
    /// On which side a column's cells begin.
    package enum Alignment: Hashable, Sendable {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]]

    /// - Parameters:
    ///   - header: The names of the columns; none for a table without a header.
    ///   - alignments: One for each column; left where there are fewer.
    package init(_ header: [String] = [], _ alignments: [Alignment] = []) {
        self.alignments = alignments
        rows = header.isEmpty ? [] : [header]
    }

    /// One more row; missing cells are empty.
    package mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines, without trailing spaces.
    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let alignment = column < alignments.count ? alignments[column] : .left
                line += alignment == .right ? padding + cell : cell + padding
                line += "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
