import CPUKernelTable
import CPUKernelsBaseline
import Foundation

#if arch(x86_64)
  import CPUKernelsV3
  import CPUKernelsV4
#endif

/// The builds of the CPU kernels, from the oldest instruction set to the newest.
package enum CPUVariant: String, CaseIterable, Sendable {
  case baseline
  case v3 = "x86-64-v3"
  case v4 = "x86-64-v4"

  /// The variants that this processor can run.
  package static let supported: [CPUVariant] = {
    #if arch(x86_64)
      let flags = processorFlags()
      return allCases.filter { $0.requiredFlags.isSubset(of: flags) }
    #else
      return [.baseline]
    #endif
  }()

  package static var best: CPUVariant { supported.last ?? .baseline }

  var kernels: any CPUKernels.Type {
    switch self {
    case .baseline: CPUKernelsBaseline.VariantKernels.self
    #if arch(x86_64)
      case .v3: CPUKernelsV3.VariantKernels.self
      case .v4: CPUKernelsV4.VariantKernels.self
    #else
      case .v3, .v4: CPUKernelsBaseline.VariantKernels.self
    #endif
    }
  }

  /// The names in `/proc/cpuinfo` of the instructions that the x86-64 psABI levels need in addition to SSE2.
  private var requiredFlags: Set<String> {
    switch self {
    case .baseline: []
    case .v3: ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"]
    case .v4:
      CPUVariant.v3.requiredFlags.union(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])
    }
  }
}

/// The processor's flags; empty if the system does not list them, so that only the baseline is used.
private func processorFlags() -> Set<String> {
  guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return [] }
  for line in text.split(separator: "\n") where line.hasPrefix("flags") {
    return Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }).map(String.init))
  }
  return []
}

/// The processor's name according to the system.
func processorName() -> String {
  guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return "CPU" }
  for line in text.split(separator: "\n") where line.hasPrefix("model name") {
    if let colon = line.firstIndex(of: ":") {
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
  }
  return "CPU"
}
