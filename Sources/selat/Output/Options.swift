import ArgumentParser

/// How a command's result is written.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "Write one JSON document to standard output.")
    package var json = false

    package init() {}

    package var output: Output { Output(isJSON: json) }
}

/// Which region a command is about.
package struct DataOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp("The region's data directory.", valueName: "dir"),
        completion: .directory
    )
    package var directory = "./.selat"

    package init() {}
}
