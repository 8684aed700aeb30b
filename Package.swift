// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Whether two accesses to one variable overlap is checked in the debug build, on which the suite runs. In a release the checks
/// would be some 3 % of the processor time of polling.
let fast: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + fast)
}

func kit(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "emsd",
    // One program with three names: which one it is, it sees by the name it was called with. So a gateway has the Swift
    // runtime and the libraries once.
    products: ["emsd", "emsctl", "emsim"].map { .executable(name: $0, targets: ["AllPrograms"]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CModbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Each room knows only rooms that stand before it.
        .target(name: "CPlatform"),
        room("Platform", ["CPlatform", "CZlib"]),
        room("Modbus", ["Platform", "CPlatform", "CModbus"]),
        room("Metering"),
        room("Charts", ["Metering"]),
        room("Indicators", ["Metering", deque]),
        room("SignedNotes", ["Metering", crypto]),
        room("Conformity", ["Metering", "Indicators", crypto]),
        room("ManagementSystem", ["Metering", "Indicators"]),
        room("ConfigurationSource", ["Platform", "Metering", "Conformity", yams]),
        room(
            "PlantConfiguration",
            [
                "Platform", "Metering", "SignedNotes", "Indicators", "Conformity", "ManagementSystem",
                "ConfigurationSource", crypto,
            ]),
        room("Acquisition", ["Platform", "Modbus", "Metering"]),
        room("ReadingCodec", ["Metering", "CZstd"]),
        room("DatabaseFile", ["Platform", "Metering", grdb]),
        room("Salvage", ["Platform", "Metering", "Conformity", "ReadingCodec", "DatabaseFile", grdb]),
        room("Tail", ["Platform", "ReadingCodec", "DatabaseFile"]),
        room(
            "Storage",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ReadingCodec", "DatabaseFile", "Salvage", "Tail",
                grdb,
            ]),
        room("RecordStream", ["Metering", "ReadingCodec", "DatabaseFile", "Storage"]),
        room("StoreComparison", ["Metering", "DatabaseFile", "Storage", grdb]),
        room(
            "Evidence",
            ["Platform", "Metering", "SignedNotes", "Conformity", "DatabaseFile", "Storage", crypto]),
        room("PlantAPI", ["Platform", "Metering", "Conformity"]),
        room("Alerting", ["Platform", "Metering", "Conformity", "PlantConfiguration", "ReadingCodec", "Storage"]),
        room("ReadingFiles", ["Platform", "Metering", "ConfigurationSource", "PlantConfiguration"]),
        room("Postgres", ["Platform", "CPostgres"]),
        room("Fleet", ["Platform", "Metering", "SignedNotes", "Conformity", "Evidence", "Postgres"]),
        room(
            "Forwarding",
            [
                "Platform", "Metering", "SignedNotes", "Conformity", "PlantConfiguration", "Storage", "RecordStream",
                "Evidence", "PlantAPI", "Postgres", "CMosquitto",
                asyncHTTPClient, nio, nioSSL,
            ]),
        room(
            "RecordKeeping",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ManagementSystem", "PlantConfiguration",
                "Salvage", "Storage", "PlantAPI",
            ]),
        room(
            "Recording",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ManagementSystem", "PlantConfiguration",
                "ReadingFiles", "DatabaseFile", "Salvage", "Storage", "Evidence", "PlantAPI", "RecordKeeping",
            ]),
        room(
            "Rehearsal",
            [
                "Metering", "Indicators", "Conformity", "ConfigurationSource", "PlantConfiguration", "Storage",
                "Recording",
            ]),
        room(
            "Listings",
            [
                "Platform", "Modbus", "Metering", "Indicators", "Conformity", "ManagementSystem",
                "ConfigurationSource", "PlantConfiguration", "Acquisition", "ReadingFiles", "Salvage", "Storage",
                "RecordStream", "PlantAPI", "RecordKeeping", "Recording", "Charts",
            ]),
        room(
            "Reports",
            [
                "Metering", "Indicators", "Conformity", "ManagementSystem", "PlantConfiguration", "Storage", "PlantAPI",
                "Recording", "Listings", "Charts",
            ]),
        room(
            "Verification",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ManagementSystem", "ConfigurationSource",
                "PlantConfiguration", "DatabaseFile", "Storage", "StoreComparison", "SignedNotes", "Evidence",
                "PlantAPI", "RecordKeeping", "Recording", "Listings", crypto,
            ]),
        room(
            "Commissioning",
            [
                "Platform", "Metering", "PlantConfiguration", "Modbus", "Acquisition", "PlantAPI", "Listings",
                "ConfigurationSource",
            ]),
        room(
            "LiveRecording",
            [
                "Platform", "Metering", "Conformity", "PlantConfiguration", "Acquisition", "DatabaseFile", "Storage",
                "Tail",
                "PlantAPI", "RecordKeeping", "Recording", logging,
            ]),
        room(
            "Connections",
            [
                "Platform", "Modbus", "Metering", "Conformity", "PlantConfiguration", "PlantAPI", hummingbird,
                hummingbirdCore, crypto, logging, nio, nioHTTP, nioSSL,
            ]),
        room(
            "Daemon",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ManagementSystem", "ConfigurationSource",
                "PlantConfiguration", "Modbus", "Acquisition", "ReadingFiles", "DatabaseFile", "Salvage", "Storage",
                "SignedNotes", "Evidence", "PlantAPI", "Alerting", "Forwarding", "RecordKeeping", "Recording",
                "Listings", "Verification", "Commissioning", "Reports", "LiveRecording", "Connections", hummingbird,
                hummingbirdCore, httpTypes, lifecycle, logging, nio, nioHTTP, nioSSL, unixSignals,
            ]),
        room(
            "Programs",
            ["Platform", "Metering", "ConfigurationSource", "PlantConfiguration", "DatabaseFile", "PlantAPI"]),
        room("Scenarios", ["Metering", "ConfigurationSource", "PlantConfiguration", "ReadingFiles"]),

        room(
            "emsd",
            [
                "Platform", "Metering", "PlantAPI", "PlantConfiguration", "Rehearsal", "Listings", "Commissioning",
                "Daemon", "Programs", argumentParser, logging,
            ]),
        room(
            "emsctl",
            [
                "Platform", "Metering", "Conformity", "PlantConfiguration", "ReadingFiles", "Storage",
                "StoreComparison", "SignedNotes", "Evidence",
                "PlantAPI", "Recording", "Listings", "Verification", "Commissioning", "Charts", "Reports", "Fleet",
                "Programs", "RecordKeeping", argumentParser, asyncHTTPClient, crypto, nio, nioSSL,
            ]),
        room(
            "emsim",
            [
                "Platform", "Modbus", "Metering", "PlantConfiguration", "Scenarios", "PlantAPI", "Programs",
                argumentParser,
            ]),
        .executableTarget(
            name: "AllPrograms", dependencies: ["Programs", "emsd", "emsctl", "emsim"], swiftSettings: strict),

        // What `make bench` measures with; `make build` does not build it.
        .executableTarget(
            name: "emsd-wear", dependencies: ["LiveRecording", "Storage", "Indicators", "Metering"],
            path: "Tests/Bench/Wear",
            swiftSettings: strict),
        .executableTarget(
            name: "emsd-bench",
            dependencies: [
                "Platform", "Acquisition", "Indicators", "Metering", "Modbus", "Storage", "PlantConfiguration",
                "Conformity",
                "PlantAPI", "RecordKeeping", "Forwarding",
            ],
            path: "Tests/Bench/Program", swiftSettings: strict),

        kit("TestKit"),
        kit("WireKit", ["Platform", "Modbus"]),
        kit(
            "RecordKit",
            ["Metering", "Indicators", "Conformity", "PlantConfiguration", "DatabaseFile", "Storage", "TestKit", grdb]),

        tests("PlatformTests", ["Platform", "TestKit"]),
        tests("ModbusTests", ["Platform", "Modbus", "TestKit", "WireKit"]),
        tests("MeteringTests", ["Metering", "TestKit"]),
        tests("ChartsTests", ["Charts", "Metering"]),
        tests("IndicatorsTests", ["Indicators", "Metering", "TestKit", deque]),
        tests("ConformityTests", ["Conformity", "Indicators", "Metering", "TestKit"]),
        tests(
            "PlantConfigurationTests",
            ["ConfigurationSource", "PlantConfiguration", "Conformity", "Indicators", "Metering", "TestKit"],
            resources: [.copy("bad")]),
        tests("AcquisitionTests", ["Acquisition", "Platform", "Modbus", "Metering", "WireKit"]),
        tests(
            "StorageTests",
            [
                "Platform", "Metering", "Indicators", "Conformity", "ReadingCodec", "DatabaseFile", "Salvage",
                "Storage", "LiveRecording", "Tail", "RecordStream", "TestKit", grdb,
            ], resources: [.copy("Fixtures")]),
        tests(
            "EvidenceTests",
            ["SignedNotes", "Evidence", "Storage", "Conformity", "Indicators", "Metering", "TestKit", grdb]),
        tests("PlantAPITests", ["PlantAPI", "Metering", "TestKit"]),
        tests("AlertingTests", ["Metering", "Conformity", "PlantConfiguration", "Storage", "Alerting", "TestKit"]),
        tests("ReadingFilesTests", ["Metering", "PlantConfiguration", "ReadingFiles", "TestKit", "RecordKit"]),
        tests("FleetTests", ["Fleet", "Conformity", "SignedNotes", "Evidence", "Metering", "TestKit"]),
        tests(
            "ForwardingTests",
            [
                "Platform", "Postgres", "RecordStream", "Forwarding", "SignedNotes", "Evidence", "Conformity",
                "Metering", "PlantConfiguration", "Storage", "TestKit", "RecordKit",
            ]),
        tests(
            "RecordingTests",
            [
                "Metering", "Indicators", "Conformity", "ManagementSystem", "PlantConfiguration", "DatabaseFile",
                "Storage", "StoreComparison", "PlantAPI", "RecordKeeping", "Recording", "TestKit", "RecordKit", grdb,
            ], resources: [.copy("Fixtures")]),
        tests(
            "ListingsTests",
            [
                "Metering", "Conformity", "ManagementSystem", "PlantConfiguration", "Storage", "PlantAPI", "Recording",
                "Listings", "Daemon", "TestKit", grdb,
            ]),
        tests("ManagementSystemTests", ["ManagementSystem", "Metering"]),
        tests(
            "VerificationTests",
            [
                "Metering", "Conformity", "PlantConfiguration", "Storage", "StoreComparison", "Evidence", "Recording",
                "Verification", "RecordKit", "TestKit", grdb,
            ]),
        tests("RehearsalTests", ["PlantConfiguration", "Rehearsal", "TestKit"]),
        tests(
            "ReportsTests",
            [
                "Metering", "Indicators", "Conformity", "ManagementSystem", "PlantConfiguration", "Storage", "PlantAPI",
                "Recording", "Listings", "Reports", "Daemon", "TestKit",
            ]),
        tests(
            "CommissioningTests",
            ["Metering", "Modbus", "Acquisition", "PlantAPI", "Storage", "Commissioning", "TestKit"]),
        tests(
            "ConnectionsTests",
            [
                "Platform", "Connections", "PlantConfiguration", "PlantAPI", "TestKit", crypto, hummingbird,
                hummingbirdCore, lifecycle, logging, nio,
            ]),
        tests(
            "LiveRecordingTests",
            [
                "Platform", "Metering", "Conformity", "PlantConfiguration", "Acquisition", "DatabaseFile", "Storage",
                "Alerting",
                "RecordKeeping", "Recording", "LiveRecording", "TestKit", "RecordKit", logging,
            ]),
        tests(
            "DaemonTests",
            [
                "Platform", "Metering", "Conformity", "PlantConfiguration", "Acquisition", "DatabaseFile", "Storage",
                "Tail",
                "PlantAPI", "Alerting", "Recording", "Listings", "Commissioning", "Daemon", "TestKit", "RecordKit",
                "RecordKeeping", "LiveRecording", "Connections", "Evidence", "Modbus", "WireKit", logging, nio,
            ]),
        tests("SimulatorTests", ["emsim", "Scenarios", "Modbus", "Metering", "PlantConfiguration", "TestKit"]),
        tests("ControlTests", ["Platform", "emsctl", "PlantAPI", "Listings", "Metering", "Programs", "TestKit"]),
        tests("ProgramTests", ["Platform", "TestKit", "WireKit"], resources: [.copy("Recordings")]),
    ],
    swiftLanguageModes: [.v6]
)
