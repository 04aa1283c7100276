import Compute
import Kernels

/// The parameter values with which a device's kernels are compiled: the values of its tuning record if they
/// are valid, else default values that fit the device.
struct KernelParameters {
  let limits: KernelLimits
  private let tuned: [KernelSources: KernelValues]
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
    self.tuned = tuned
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

  /// - Parameters:
  ///   - given: the values that follow from the operands.
  ///   - limits: the limits of the device, or smaller ones of a kernel on it.
  func resolve(_ file: KernelSources, given: KernelValues, _ limits: KernelLimits) -> KernelValues {
    file.constraints.resolve(tuned: tuned[file], given: given, limits)
  }
}

/// A kernel file whose parameters `tune` searches.
package struct TunableKernel: Sendable {
  let file: KernelSources
  /// The names of the operations that run it.
  package let operations: [String]

  package var name: String { file.rawValue }

  /// Identifies a version of the source.
  package var source: String {
    var hash = FNV1a()
    hash.combine(file.source)
    return hash.digest
  }

  /// The tunable kernel files of a family.
  package static func all(_ family: KernelFamily) -> [TunableKernel] {
    switch family {
    case .register:
      [
        TunableKernel(file: .matmul, operations: [Matmul.name, MatmulInputGradient.name]),
        TunableKernel(file: .matmulWeightGradient, operations: [MatmulWeightGradient.name]),
      ]
    case .local:
      [
        TunableKernel(file: .matmulLocal, operations: [Matmul.name]),
        TunableKernel(file: .matmulInputGradientLocal, operations: [MatmulInputGradient.name]),
        TunableKernel(file: .matmulWeightGradientLocal, operations: [MatmulWeightGradient.name]),
        TunableKernel(file: .attentionLocal, operations: [Attention.name]),
        TunableKernel(file: .attentionBackwardLocal, operations: [AttentionBackward.name]),
        TunableKernel(file: .layerNormLocal, operations: [LayerNorm.name, LayerNormBackward.name]),
        TunableKernel(file: .layerNormWeightGradientLocal, operations: [LayerNormWeightGradient.name]),
        TunableKernel(file: .crossEntropyLocal, operations: [CrossEntropy.name]),
        TunableKernel(file: .columnMeansLocal, operations: [ColumnMeans.name]),
      ]
    }
  }

  /// The values that the device uses without a record; only the parameters that are searched.
  package func standard(on info: OpenCLDeviceInfo) -> [String: Int] {
    let constraints = file.constraints
    let whole = constraints.resolve(given: [:], info.limits).values
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
  var limits: KernelLimits { KernelLimits(workGroup: largestWorkGroup, localMemory: localMemory) }
}
