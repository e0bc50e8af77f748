import ArgumentParser
import Foundation
import Logging
import SelatRuntime

/// `selat run NODE.yaml`: one node, in this process, until a signal ends it.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run one node until a signal ends it.",
        discussion: """
            SIGTERM and SIGINT end the node in order, SIGHUP takes up new certificates. The log goes \
            to standard error. Exit codes: 0 stopped, 69 something is missing, 70 the node must not \
            go on, 78 the configuration is wrong.
            """
    )

    @Argument(help: "The node's file, such as Nodes/hub.yaml.")
    var file: String?

    @Option(
        help: "Where the region's data is: endpoints, certificates, databases.",
        completion: .directory
    )
    var data = ".selat"

    @Option(help: "The least urgent messages to log: debug, info, notice, warning, error.")
    var logLevel = "info"

    @Flag(help: "List the places where SELAT_CRASH_AT=name:n can kill the node, and end.")
    var listCrashPoints = false

    func validate() throws {
        if file == nil, !listCrashPoints { throw ValidationError("Missing NODE.yaml.") }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("'\(logLevel)' is no log level; write info, for example.")
        }
    }

    func run() throws {
        guard let file, !listCrashPoints else {
            for point in CrashPoint.allCases {
                print(
                    point.rawValue.padding(toLength: 18, withPad: " ", startingAt: 0),
                    terminator: ""
                )
                print(point.explanation)
            }
            return
        }
        let code: Int32
        do throws(RuntimeError) {
            let configuration = try NodeConfiguration.read(file: file)
            var logger = Logger(label: configuration.node) { label in
                StreamLogHandler.standardError(label: label)
            }
            logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
            let setting = ProcessInfo.processInfo.environment["SELAT_CRASH_AT"]
            let runtime = NodeRuntime(
                configuration,
                directory: data,
                logger: logger,
                crash: try CrashTrigger(setting)
            )
            code = try runtime.run()
        } catch {
            FileHandle.standardError.write(Data("selat: \(error)\n".utf8))
            code = error.exitCode
        }
        if code != NodeRuntime.ExitCode.stopped { throw ExitCode(code) }
    }
}

extension RuntimeError {
    /// The process's exit code when this ends it.
    var exitCode: Int32 {
        switch self {
        case .configuration, .topology, .crashPoint: NodeRuntime.ExitCode.configuration
        case .file, .listen, .operatorChannel, .link, .ended, .store, .credentials:
            NodeRuntime.ExitCode.unavailable
        }
    }
}
