import Foundation
import SelatWire
import Testing

/// The example of `Specs/Protocol/Framing.md` is what a stranger's first frame is compared with.
@Suite struct FramingPageTests {
    @Test func theExampleIsTheFrameItSaysItIs() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Specs/Protocol/Framing.md"),
            encoding: .utf8
        )
        let example = try #require(page.components(separatedBy: "## An example").last)
        let block = example.components(separatedBy: "```")[1]
        let bytes = block.split(separator: "\n").flatMap { line in
            line.components(separatedBy: "   ")[0].split(separator: " ").compactMap {
                UInt8($0, radix: 16)
            }
        }
        var decoder = FrameDecoder(limit: 131_072)
        #expect(try decoder.all(bytes) == [.message(FrameSamples.message)])
    }

    @Test func theLimitsAreThoseOfThePage() throws {
        let limits = WireLimits()
        #expect(limits.frame == 131_072 && limits.window == 1024 && limits.openRequests == 64)
        #expect(limits.helloTimeout == .seconds(5) && limits.requestTimeout == .seconds(10))
        #expect(limits.heartbeat == .seconds(10) && limits.silence == .seconds(30))
        #expect(WireLimits.partyName == 35 && WireLimits.nodeName == 63)
        #expect(WireLimits.operation == 64 && WireLimits.goodbyeText == 200)
    }
}
