import NIOCore
import NIOPosix
import SelatJSON
import SelatNode
import SelatSQLite

/// Requests that wait until everything is folded and cleared.
struct Tidying {
    var calls: [OperatorCall] = []
    /// A request has come since the store was last told.
    fileprivate var isNew = false
    /// A commit thread is at it.
    fileprivate var isUnderWay = false
}

// What 'selat archive' asks of a running node. Specs/Protocol/Operator.md.
extension NodeDriver {
    /// Takes a file beside the database for a part of it.
    func registerArchive(_ call: OperatorCall, _ body: JSONCursor) {
        let name: String
        do {
            name = try body.string("name")
        } catch {
            return call.answer(400, ["error": .string(error.description)])
        }
        let (store, loop) = (plan.store, self.loop)
        let bound = NIOLoopBound(call, eventLoop: loop)
        threads.committers.submit { _ in
            let result = Result { () throws(StoreError) in
                try store.withDatabase { database throws(StoreError) in
                    try database.register(archive: name)
                }
            }
            loop.execute {
                switch result {
                case .success: bound.value.answer(200, [:])
                case .failure(let error):
                    bound.value.answer(409, ["error": .string(error.description)])
                }
            }
        }
    }

    /// Answers when all that is committed now is folded and all that is archived is cleared.
    func tidy(_ call: OperatorCall) {
        tidying.calls.append(call)
        tidying.isNew = true
        tidyFurther()
    }

    /// Each commit does its part; while there is none, a commit thread does it a step at a time.
    func tidyFurther() {
        guard !tidying.calls.isEmpty, !tidying.isUnderWay, phase == .running else { return }
        let isNew = tidying.isNew
        let isIdle = !hasCommitInFlight && node.isIdle
        tidying.isNew = false
        tidying.isUnderWay = true
        let (store, loop) = (plan.store, self.loop)
        let driver = NIOLoopBound(self, eventLoop: loop)
        threads.committers.submit { _ in
            let result = Result { () throws(StoreError) in
                try store.withDatabase { database throws(StoreError) in
                    if isNew { database.foldSoon() }
                    if isIdle { try database.tidy() }
                    return database.isTidy
                }
            }
            loop.execute { driver.value.tidied(result, whileIdle: isIdle) }
        }
    }

    private func tidied(_ result: Result<Bool, StoreError>, whileIdle: Bool) {
        tidying.isUnderWay = false
        switch result {
        case .success(false),
            .success(true) where tidying.isNew:
            // A busy node's next commit comes back here.
            if whileIdle || tidying.isNew || node.isIdle { tidyFurther() }
        case .success(true): answerTidying(200, [:])
        case .failure(let error): answerTidying(503, ["error": .string(error.description)])
        }
    }

    private func answerTidying(_ status: UInt16, _ body: JSONValue) {
        for call in tidying.calls { call.answer(status, body) }
        tidying.calls = []
    }
}
