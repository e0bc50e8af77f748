import SelatRuntime
import SelatTime
import Testing

struct SmallPartsTests {
    @Test(arguments: ["before-commit", "before-commit:0", "nowhere:1", "before-commit:1:2", ":"])
    func crashPointThatCannotBeReadIsRefused(_ setting: String) {
        let error = #expect(throws: RuntimeError.self) { _ = try CrashTrigger(setting) }
        #expect(error == .crashPoint(got: setting))
    }

    @Test func crashPointOfAnotherNameIsPassed() throws {
        var trigger = try CrashTrigger("after-commit:1")
        for point in CrashPoint.allCases where point != .afterCommit { trigger.pass(point) }
        var none = try CrashTrigger(nil)
        for point in CrashPoint.allCases { none.pass(point) }
    }

    @Test func everyCrashPointIsNamedAndExplainedOnce() {
        #expect(Set(CrashPoint.allCases.map(\.rawValue)).count == CrashPoint.allCases.count)
        #expect(Set(CrashPoint.allCases.map(\.explanation)).count == CrashPoint.allCases.count)
    }

    @Test func clockIsNeverBelowTheStore() {
        let future = Instant(nanoseconds: 4_000_000_000_000_000_000)
        let clock = NodeClock(notBefore: future)
        #expect(clock.now() >= future)
        #expect(clock.lag > .zero)
        let early = NodeClock(notBefore: .distantPast)
        #expect(early.lag == .zero)
        #expect(early.now() <= early.now())
    }

    @Test func seedsDoNotRepeat() {
        var source = SeedSource()
        let seeds = (0..<2000).map { _ in source.next() }
        #expect(Set(seeds).count == seeds.count)
    }
}
