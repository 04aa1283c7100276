// swift-tools-version: 6.3
import PackageDescription

/// A package of somebody else's, which uses the library product. `ci/library` builds it.
let package = Package(
  name: "depending",
  dependencies: [.package(name: "causalgap", path: Context.environment["CAUSALGAP_PACKAGE"] ?? "../..")],
  targets: [
    .executableTarget(
      name: "depending", dependencies: [.product(name: "CausalGapKit", package: "causalgap")])
  ]
)
