import Compute
import Digests
import Kernels

/// The parameter values with which a device's kernels are compiled: the values of its tuning record if they
/// are valid, else default values that fit the device.
struct KernelParameters {
  let limits: KernelLimits
  /// By the number of the file.
  private let tuned: [KernelValues?]
  /// Identifies the tuned values, on which results may depend; nil if there are none.
  let digest: String?

  /// An entry of the record is used if it belongs to this family and to the current source, and satisfies the
  /// constraints.
  init(_ info: OpenCLDeviceInfo, _ family: KernelFamily, _ record: TuningRecord?) {
    let limits = info.limits
    var tuned: [KernelSources: KernelValues] = [:]
    if let record, record.isOf(info.description) {
      for kernel in TunableKernel.all(family) {
        guard let entry = record.kernels[kernel.file.rawValue], entry.source == kernel.source else {
          continue
        }
        let values = KernelValues(entry.parameters)
        guard kernel.file.constraints.violation(values, limits) == nil else { continue }
        tuned[kernel.file] = values
      }
    }
    self.limits = limits
    self.tuned = KernelSources.allCases.map { tuned[$0] }
    guard !tuned.isEmpty else {
      digest = nil
      return
    }
    var hash = FNV1a()
    for (file, values) in tuned.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      hash.combine(file.rawValue)
      hash.combine(values.options)
    }
    digest = String(hash.digest.prefix(8))
  }

  /// Whether the device's record has values for a file.
  func isTuned(_ file: KernelSources) -> Bool { tuned[file.number] != nil }

  /// - Parameters:
  ///   - fixed: the values that follow from the operands.
  ///   - preferred: what is taken in the place of the defaults if it fits and the file is not tuned.
  ///   - limits: the limits of the device, or smaller ones of a kernel on it.
  func resolve(
    _ file: KernelSources, fixed: KernelValues, preferred: KernelValues, _ limits: KernelLimits
  ) -> KernelValues {
    file.constraints.resolve(tuned: tuned[file.number] ?? preferred, fixed: fixed, limits)
  }
}

/// A kernel file whose parameters `tune` searches.
package struct TunableKernel: Sendable {
  let file: KernelSources

  package var name: String { file.rawValue }

  /// Whether an operation runs it: a kernel of the file, or the file, is named for the operation.
  package func runs(_ operation: String) -> Bool {
    name == operation || name == "\(operation)_local" || file.declarations.contains { $0.name == operation }
  }

  /// Identifies a version of the source.
  package var source: String {
    var hash = FNV1a()
    hash.combine(file.source)
    return hash.digest
  }

  /// The files of a family that have a parameter with candidates.
  package static func all(_ family: KernelFamily) -> [TunableKernel] {
    KernelSources.allCases.filter {
      KernelFamily($0) == family && $0.constraints.parameters.contains { !$0.candidates.isEmpty }
    }.map(TunableKernel.init)
  }

  /// The values that the device uses without a record; only the parameters that are searched.
  package func defaults(on info: OpenCLDeviceInfo) -> [String: Int] {
    let constraints = file.constraints
    let whole = constraints.resolve(fixed: [:], info.limits).values
    let searched = Set(constraints.parameters.filter { !$0.candidates.isEmpty }.map(\.name))
    return whole.filter { searched.contains($0.key) }
  }

  /// Every set of values that satisfies the constraints on this device.
  package func candidates(on info: OpenCLDeviceInfo) -> [[String: Int]] {
    file.constraints.candidates(info.limits).map(\.values)
  }
}

extension OpenCLDeviceInfo {
  /// The limits of a work-group.
  var limits: KernelLimits {
    KernelLimits(workGroup: largestWorkGroup, items: largestItems, localMemory: localMemory)
  }
}
