// swift-tools-version: 6.2
import PackageDescription

/// How often each path is taken under load, which `.ci/profile` counts with binaries that say so
/// (Specs/Decisions/0024).
let counts = "Sources/selat/load.profdata"
let isProfiling = Context.environment["SELAT_PROFILING"] != nil
let profile =
    isProfiling ? "-ir-profile-generate" : "-ir-profile-use=\(Context.packageDirectory)/\(counts)"

/// Every target is built under the same strict rules; Specs/Architecture.md says why.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Specs/Decisions/0020: many small modules, optimized as one. Each function is a section of its
    // own, so that those nobody calls are left out (0024).
    .unsafeFlags(
        ["-cross-module-optimization", "-Xfrontend", profile, "-Xfrontend", "-function-sections"],
        .when(configuration: .release)
    ),
]

/// The runtime within the binary: a call into it costs no detour (Specs/Decisions/0020). What the
/// counts call hot stands together (0024).
let selfContained: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-use-ld=lld", "-lCoreFoundation", "-l_FoundationICU",
            "-l_FoundationCShims", "-l_FoundationCollections", "-lswiftSynchronization",
            "-Xlinker", "-z", "-Xlinker", "keep-text-section-prefix",
        ] + (isProfiling ? ["-Xclang-linker", "-fprofile-generate"] : []),
        .when(platforms: [.linux], configuration: .release)
    )
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let nioTesting = nio + [.product(name: "NIOEmbedded", package: "swift-nio")]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")

// Leaves: the standard library only.
let leaves: [Target.Dependency] = [
    "SelatMoney", "SelatTime", "SelatJSON", "SelatXML", "SelatISO20022", "SelatWire", "SelatLedger",
]
// The seam: what a role sees.
let seam: [Target.Dependency] = leaves + ["SelatScheme", "SelatNode"]
let roles: [Target.Dependency] = [
    "SelatHub", "SelatInstantPaymentSystem", "SelatFXProvider", "SelatProxyDirectory",
    "SelatParticipant",
]

let package = Package(
    name: "selat",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "selat", targets: ["selat"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(name: "CMimalloc", providers: [.apt(["libmimalloc-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CCheckedPages", dependencies: ["CSQLite"]),
        .systemLibrary(
            name: "CLZ4",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"])]
        ),

        library("SelatMoney"),
        library("SelatTime"),
        library("SelatJSON"),
        library("SelatXML"),
        library("SelatISO20022", ["SelatMoney", "SelatTime", "SelatXML"]),
        library("SelatWire", ["SelatTime"]),
        library("SelatLedger", ["SelatMoney", "SelatTime"]),

        library("SelatScheme", leaves),
        library("SelatNode", leaves + ["SelatScheme", collections, heap]),

        library("SelatHub", seam),
        library("SelatInstantPaymentSystem", seam),
        library("SelatFXProvider", seam),
        library("SelatProxyDirectory", seam),
        library("SelatParticipant", seam),

        library("SelatStorage", seam + [collections]),
        library("SelatSQLite", seam + ["SelatStorage", "CSQLite", "CCheckedPages", "CLZ4"]),
        library("SelatTLS", ["COpenSSL", "SelatTime"] + nio),
        library("SelatAudit", seam + ["SelatStorage"]),

        library(
            "SelatRuntime",
            seam + roles + [
                "SelatStorage", "SelatSQLite", "SelatTLS", "CMimalloc", "CLinux", logging, "Yams",
                collections,
            ]
                + nio
        ),
        library("SelatSimulator", seam + roles + ["SelatStorage", "SelatAudit", collections]),

        .executableTarget(
            name: "selat",
            dependencies: seam + roles + [
                "SelatStorage", "SelatSQLite", "SelatTLS", "SelatAudit", "SelatRuntime",
                "SelatSimulator", arguments, logging, collections,
            ] + nio,
            exclude: ["load.profdata"],
            swiftSettings: strict,
            linkerSettings: selfContained
        ),
        .executableTarget(name: "selat-specgen", dependencies: [arguments], swiftSettings: strict),

        .target(
            name: "SelatTestSupport",
            dependencies: seam,
            path: "Tests/SelatTestSupport",
            swiftSettings: strict
        ),
        tests("HouseRulesTests", []),
        tests("SelatMoneyTests", ["SelatMoney"]),
        tests("SelatTimeTests", ["SelatTime"]),
        tests("SelatAuditTests", seam + ["SelatStorage", "SelatAudit", "SelatSimulator"]),
        tests("SelatSimulatorTests", seam + ["SelatAudit", "SelatSimulator"]),
        tests(
            "EndToEndTests",
            seam + ["SelatRuntime", "SelatAudit", "SelatStorage", "SelatSQLite"]
        ),
        tests("SelatNodeTests", seam),
        tests("SelatXMLTests", ["SelatXML", "SelatTime"]),
        tests("SelatISO20022Tests", ["SelatISO20022", "SelatXML", "SelatMoney", "SelatTime"]),
        tests("SelatJSONTests", ["SelatJSON", "SelatTime"]),
        tests(
            "SelatInstantPaymentSystemTests",
            seam + ["SelatInstantPaymentSystem", "SelatStorage", "SelatTestSupport"]
        ),
        tests("SelatWireTests", ["SelatTime", "SelatWire"]),
        tests("SelatFXProviderTests", seam + ["SelatFXProvider", "SelatTestSupport"]),
        tests("SelatProxyDirectoryTests", seam + ["SelatProxyDirectory", "SelatTestSupport"]),
        tests(
            "SelatParticipantTests",
            seam + ["SelatParticipant", "SelatStorage", "SelatTestSupport"]
        ),
        tests("SelatTLSTests", ["SelatTLS", "SelatTime", "COpenSSL"] + nioTesting),
        tests(
            "SelatRuntimeTests",
            seam + roles + [
                "SelatRuntime", "SelatStorage", "SelatSQLite", "SelatTLS", "SelatAudit", logging,
            ] + nio
        ),
        tests("SelatTestSupportTests", seam + ["SelatTestSupport"]),
        tests("SelatHubTests", seam + ["SelatHub", "SelatTestSupport"]),
        tests(
            "StorageContractTests",
            seam + ["SelatStorage", "SelatSQLite", "CSQLite", "CCheckedPages"]
        ),
    ]
)

// Tools for developers that the normal build leaves out. `.ci/fuzz` sets the variable and uses a
// scratch path of its own; `.ci/bench` builds the costs of stages and of the store.
if Context.environment["SELAT_TOOLS"] != nil {
    package.targets += [
        .systemLibrary(
            name: "CLibXML2",
            path: "Tests/StageCost/CLibXML2",
            pkgConfig: "libxml-2.0",
            providers: [.apt(["libxml2-dev"])]
        ),
        .executableTarget(
            name: "stage-cost",
            dependencies: seam + ["SelatSimulator", "SelatTLS", "CLibXML2"] + nio,
            path: "Tests/StageCost",
            exclude: ["CLibXML2"],
            swiftSettings: strict,
            linkerSettings: selfContained
        ),
        .executableTarget(
            name: "storage-cost",
            dependencies: seam + ["SelatSQLite", "CSQLite", "SelatRuntime"],
            path: "Tests/StorageCost",
            swiftSettings: strict,
            linkerSettings: selfContained
        ),
        .executableTarget(
            name: "simulation-lines",
            dependencies: ["SelatSimulator"],
            path: "Tests/SimulationLines",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "selat-fuzz",
            dependencies: ["SelatISO20022", "SelatJSON", "SelatWire"],
            path: "Tests/Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict
        ),
    ]
}
