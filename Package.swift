// swift-tools-version: 6.3
import PackageDescription

/// Warnings are errors in CI: `CAUSALGAP_STRICT=1 swift build`.
let strict: [SwiftSetting] =
  Context.environment["CAUSALGAP_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// Rooms whose loops do arithmetic are optimised in debug builds too, or the tests crawl.
let optimised: [SwiftSetting] = strict + [.unsafeFlags(["-O"])]

/// The CPU kernels are one source built once per instruction set (see docs/cpu-variants.md).
func kernelSettings(march: String?, define: String? = nil) -> [SwiftSetting] {
  // One object a file (-num-threads), which is where a debug build looks for them.
  var flags = [
    "-Ounchecked", "-wmo", "-num-threads", "1", "-Xcc", "-mprefer-vector-width=512", "-Xcc",
    "-fno-math-errno",
  ]
  if let march { flags += ["-Xcc", "-march=\(march)"] }
  return strict + [.unsafeFlags(flags)] + (define.map { [.define($0)] } ?? [])
}

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  settings: [SwiftSetting] = strict
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: exclude, swiftSettings: settings
  )
}

/// One build of the CPU kernels: a link to their one folder.
func kernels(_ variant: String, _ settings: [SwiftSetting]) -> Target {
  room("CPUKernels\(variant)", ["CPUKernelTable", "CPrefetch"], exclude: ["README.md"], settings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources,
    swiftSettings: strict)
}

/// What several test targets use.
func testSupport(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil)
  -> Target
{
  .target(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources,
    swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

#if arch(x86_64)
  let variantTargets: [Target] = [
    kernels("Baseline", kernelSettings(march: nil)),
    kernels("V3", kernelSettings(march: "x86-64-v3", define: "X86_64_V3")),
    kernels("V4", kernelSettings(march: "x86-64-v4", define: "X86_64_V4")),
  ]
#else
  let variantTargets: [Target] = [
    kernels("Baseline", kernelSettings(march: nil))
  ]
#endif

/// The programs of `ci/conformance fuzz`, which only a build with libFuzzer can link. That of safetensors is on its own: an
/// execution takes the longer the more code the program has.
let fuzzing: [Target] =
  Context.environment["CAUSALGAP_FUZZ"] == "1"
  ? [
    .target(name: "CLibFuzzer", path: "Tests/CLibFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzChecks", "FuzzTargets", "CLibFuzzer"], path: "Tests/FuzzDriver",
      swiftSettings: strict),
    .executableTarget(
      name: "fuzz-safetensors", dependencies: ["FuzzChecks", "SafetensorsFuzzing", "CLibFuzzer"],
      path: "Tests/SafetensorsFuzzDriver", swiftSettings: strict),
  ] : []

let package = Package(
  name: "causalgap",
  products: [
    .executable(name: "causalgap", targets: ["causalgap"]),
    .library(name: "CausalGapKit", targets: ["CausalGapKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Floor 0
    .target(name: "Kernels", path: "Sources/Kernels", swiftSettings: strict, plugins: ["EmbedKernels"]),
    .plugin(name: "EmbedKernels", capability: .buildTool(), exclude: ["embed"]),
    .target(name: "COpenCL", path: "Sources/COpenCL"),
    .target(name: "CLinux", path: "Sources/CLinux"),
    .target(name: "CPrefetch", path: "Sources/CPrefetch"),
    room("AtomicFile"),
    room("Concurrency"),
    room("Errors"),
    room("Digests", settings: optimised),
    room("HalfPrecision", settings: optimised),
    // Floor 1
    room("RandomStreams", ["Digests"], settings: optimised),
    room("Safetensors", ["AtomicFile", "Digests", "Errors", "HalfPrecision"], settings: optimised),
    room("Statistics", ["Concurrency"], settings: optimised),
    room("CPUKernelTable"),
    // Floor 2
    room("Compute", ["HalfPrecision"]),
    room("Tasks", ["RandomStreams", "Errors"]),
    room("Records", ["AtomicFile", "Concurrency", "Digests", "Errors", "Statistics"]),
    // Floor 3
    room("ReferenceDevice", ["Compute", "HalfPrecision"], settings: optimised),
    room(
      "CPUDevice",
      ["Compute", "CPUKernelTable", "HalfPrecision"] + variantTargets.map { .target(name: $0.name) }),
    room("OpenCLDevice", ["Compute", "COpenCL", "Kernels", "AtomicFile", "Digests", "HalfPrecision"]),
    // Floor 4
    room(
      "Devices",
      [
        "Errors", "Compute", "ReferenceDevice", "CPUDevice", "OpenCLDevice", "Kernels", "AtomicFile",
        "Digests",
      ]),
    // Floor 5
    room(
      "OperationSuite", ["Errors", "Compute", "HalfPrecision", "RandomStreams", "AtomicFile", "Digests"],
      settings: optimised),
    room(
      "Transformer",
      ["Errors", "Compute", "Concurrency", "HalfPrecision", "Tasks", "RandomStreams", "Safetensors"],
      settings: optimised),
    // Floor 6
    room(
      "Importance",
      [
        "Errors", "Transformer", "Compute", "Concurrency", "Tasks", "Statistics", "Safetensors",
        "RandomStreams",
      ]),
    // Floor 7
    room(
      "Study",
      [
        "Importance", "Transformer", "Compute", "Tasks", "Records", "RandomStreams", "Safetensors",
        "AtomicFile", "Concurrency", "Statistics", "Errors", yams,
      ]),
    .target(
      name: "Report",
      dependencies: [
        "Errors", "Records", "Tasks", "Statistics", "RandomStreams", "AtomicFile", "Concurrency", "Digests",
        mustache,
      ],
      path: "Sources/Report",
      resources: [
        .embedInCode("paper_tables.json"), .embedInCode("Page/report.mustache"),
        .embedInCode("Page/report.css"), .embedInCode("Page/report.js"),
      ], swiftSettings: strict),
    room(
      "Benchmark",
      ["OperationSuite", "Transformer", "Importance", "Tasks", "RandomStreams", "Compute", "Statistics"]),
    // Floor 8
    room(
      "Export",
      [
        "Report", "Records", "Importance", "Transformer", "AtomicFile", "Concurrency", "Digests", "Errors",
        grdb,
      ]),
    room(
      "Sweep",
      [
        "Study", "Report", "Records", "Devices", "CPUDevice", "Compute", "Transformer", "Statistics",
        "AtomicFile", "Errors", "Digests", "CLinux",
      ]),
    room(
      "CausalGapKit", ["Study", "Report", "Records", "Devices", "OperationSuite", "Compute"]),
    // Floor 9
    .executableTarget(
      name: "causalgap",
      dependencies: [
        "Sweep", "Export", "Study", "Report", "Records", "Importance", "Transformer", "Tasks",
        "OperationSuite",
        "Devices", "CPUDevice", "CLinux", "Benchmark", "Compute", "Errors", "AtomicFile", argumentParser,
      ],
      path: "Sources/causalgap", swiftSettings: strict),

    testSupport("TestSupport"),
    testSupport(
      "TestDevices", ["Compute", "CPUDevice", "OpenCLDevice", "ReferenceDevice", "RandomStreams"]),
    testSupport(
      "TestModels", ["Transformer", "Compute", "Tasks", "RandomStreams", "Safetensors"],
      resources: [.copy("Fixtures")]),
    testSupport("FuzzChecks"),
    testSupport("SafetensorsFuzzing", ["FuzzChecks", "Safetensors"]),
    testSupport(
      "FuzzTargets",
      [
        "FuzzChecks", "SafetensorsFuzzing", "Safetensors", "Transformer", "Records", "Report",
        "RandomStreams", "Study", "Sweep", "OpenCLDevice",
        "OperationSuite",
      ]),

    tests("ErrorsTests", ["Errors"]),
    tests("AtomicFileTests", ["AtomicFile", "TestSupport"]),
    tests("DigestsTests", ["Digests"]),
    tests("FuzzTargetsTests", ["FuzzTargets"], resources: [.copy("Corpora")]),
    tests("RandomStreamsTests", ["RandomStreams"], resources: [.copy("Fixtures")]),
    tests("SafetensorsTests", ["Safetensors", "TestSupport"]),
    tests("StatisticsTests", ["Statistics", "RandomStreams"], resources: [.copy("Fixtures")]),
    tests("TasksTests", ["Tasks", "RandomStreams"]),
    tests("RecordsTests", ["Records", "Errors", "RandomStreams", "TestSupport"]),
    tests(
      "ReportTests",
      ["Report", "Records", "Safetensors", "Statistics", "RandomStreams", "TestModels", "TestSupport"],
      resources: [.copy("Golden")]),
    tests(
      "ExportTests",
      ["Export", "Report", "Records", "Importance", "Transformer", "Digests", "TestSupport", grdb]),
    tests("CausalGapKitTests", ["CausalGapKit", "TestSupport"]),
    tests("ReferenceDeviceTests", ["ReferenceDevice", "Compute", "TestDevices"]),
    tests(
      "CPUDeviceTests",
      [
        "CPUDevice", "Compute", "ReferenceDevice", "OperationSuite", "RandomStreams", "TestDevices",
        "TestSupport",
      ]),
    tests(
      "DeviceContractTests",
      [
        "Compute", "ReferenceDevice", "CPUDevice", "HalfPrecision", "OpenCLDevice", "OperationSuite",
        "RandomStreams", "TestDevices", "TestSupport",
      ]),
    tests(
      "TransformerTests",
      [
        "Transformer", "Compute", "CPUDevice", "HalfPrecision", "ReferenceDevice", "Tasks", "RandomStreams",
        "Safetensors",
        "TestDevices", "TestModels", "TestSupport",
      ]),
    tests(
      "ImportanceTests",
      [
        "Importance", "Transformer", "Compute", "CPUDevice", "ReferenceDevice", "Tasks", "RandomStreams",
        "Safetensors", "Statistics", "TestDevices", "TestModels", "TestSupport",
      ], resources: [.copy("Fixtures")]),
    tests(
      "OpenCLDeviceTests",
      [
        "OpenCLDevice", "Devices", "OperationSuite", "ReferenceDevice", "Compute", "COpenCL", "Kernels",
        "TestDevices", "TestSupport", "Digests",
      ]),
    tests(
      "BenchmarkTests",
      [
        "Benchmark", "Devices", "CPUDevice", "ReferenceDevice", "Transformer", "Tasks", "Compute",
        "OperationSuite",
      ]),
    tests(
      "StudyTests",
      [
        "Study", "Errors", "HalfPrecision", "Importance", "Transformer", "Compute", "Devices", "CPUDevice",
        "ReferenceDevice", "Tasks", "Records", "RandomStreams", "Safetensors", "TestDevices", "TestModels",
        "TestSupport",
      ]),
    tests(
      "SweepTests",
      [
        "Sweep", "Study", "Records", "Report", "Compute", "CPUDevice", "ReferenceDevice", "Errors",
        "TestDevices", "TestSupport",
      ]),
    tests(
      "CommandLineTests", ["causalgap", "Records", "Safetensors", "TestSupport"],
      resources: [.copy("Golden")]),
    tests(
      "OperationSuiteTests",
      ["OperationSuite", "ReferenceDevice", "Compute", "TestDevices", "TestSupport"]),
  ] + variantTargets + fuzzing
)
