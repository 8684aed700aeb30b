// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
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
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "emsd",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CModbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "CClock"),
        room("Platform"),
        room("Modbus", ["CModbus"]),
        room("Metering"),
        room("Indicators", ["Metering", deque]),
        room("Conformity", ["Metering", "Indicators", crypto]),
        room("PlantConfiguration", ["Metering", "Indicators", "Conformity", crypto, yams]),
        room("Acquisition", ["Modbus", "Metering"]),
        room("Evidence", ["Platform", "Metering", "Conformity", "Storage", crypto]),
        room("Storage", ["Platform", "Metering", "Indicators", "Conformity", "CZstd", grdb]),
        room(
            "Supervision",
            [
                "CClock", "Platform", "Metering", "Indicators", "Conformity", "PlantConfiguration", "Modbus",
                "Acquisition",
                "Storage", "CZlib",
                hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nio, nioHTTP, unixSignals,
            ]),

        program("emsd", ["Supervision", "PlantConfiguration", argumentParser]),
        program(
            "emsctl",
            ["Supervision", "Storage", "Conformity", "Metering", argumentParser, asyncHTTPClient, crypto, nio]),
        program("emsim", ["Modbus", "Metering", "PlantConfiguration", argumentParser]),
        .executableTarget(
            name: "emsd-wear", dependencies: ["Storage", "Indicators", "Metering"], path: "Tests/Bench/Wear",
            swiftSettings: strict),

        .executableTarget(
            name: "emsd-bench", dependencies: ["Acquisition", "Indicators", "Metering", "Modbus", "Storage"],
            path: "Tests/Bench/Program", swiftSettings: strict),

        .target(name: "TestKit", path: "Tests/TestKit", swiftSettings: strict),

        tests("PlatformTests", ["Platform"]),
        tests("ModbusTests", ["Modbus", "TestKit"]),
        tests("MeteringTests", ["Metering", "TestKit"]),
        tests("IndicatorsTests", ["Indicators", "Metering", "TestKit"]),
        tests("ConformityTests", ["Conformity", "Indicators", "Metering"]),
        tests("EvidenceTests", ["Evidence", "Storage", "Conformity", "Metering", "TestKit", grdb]),
        tests("PlantConfigurationTests", ["PlantConfiguration", "TestKit"], resources: [.copy("bad")]),
        tests("AcquisitionTests", ["Acquisition", "Modbus", "Metering"]),
        tests(
            "StorageTests", ["Storage", "Conformity", "Indicators", "Metering", grdb], resources: [.copy("Fixtures")]),
        tests(
            "SupervisionTests", ["Supervision", "Storage", "TestKit", grdb], resources: [.copy("Fixtures")]),
        tests("SimulatorTests", ["emsim", "Modbus", "Metering", "PlantConfiguration"]),
        tests("ProgramTests", [], resources: [.copy("Recordings")]),
    ],
    swiftLanguageModes: [.v6]
)
