import Compute

/// Compares every case of the suite on `device` with `reference`.
///
/// - Parameters:
///   - operations: the names of the operations to check, which may include `memory`; nil for all.
///   - seed: the seed of the inputs; both devices get the same floats.
///   - progress: called with each verdict as soon as it is known.
/// - Returns: a verdict for each output of each case. A case that throws gives one failing verdict with the
///   message.
/// - Throws: `CaseFailure.unknownOperation` for a name that is not in the suite.
package func validate(
  _ device: any Device, against reference: any Device, operations: [String]? = nil,
  depth: OperationSuite.Depth = .full, seed: UInt64 = 1, progress: (Verdict) -> Void = { _ in }
) throws -> [Verdict] {
  try OperationSuite.check(operations ?? [])
  var verdicts: [Verdict] = []
  for descriptor in OperationSuite.checked where operations?.contains(descriptor.name) ?? true {
    for test in depth == .quick ? descriptor.quick : descriptor.cases {
      for verdict in judge(test, on: device, against: reference, seed: seed) {
        progress(verdict)
        verdicts.append(verdict)
      }
    }
  }
  return verdicts
}

extension OperationSuite {
  /// - Throws: `CaseFailure.unknownOperation` for a name that is not in the suite.
  package static func check(_ operations: [String]) throws {
    let known = checked.map(\.name)
    for name in operations where !known.contains(name) {
      throw CaseFailure.unknownOperation(name, known: known)
    }
  }
}

private func judge(_ test: OperationCase, on device: any Device, against reference: any Device, seed: UInt64)
  -> [Verdict]
{
  func verdict(_ output: String, error: Double, bound: Double, message: String? = nil) -> Verdict {
    Verdict(
      operation: test.operation, shape: test.shape, output: output, error: error, bound: bound,
      device: device.description.selector, message: message)
  }
  do {
    let expected = try test.run(on: reference, seed: seed)
    let actual = try test.run(on: device, seed: seed)
    return zip(expected, actual).map { expected, actual in
      verdict(
        expected.name, error: relativeError(actual.values, expected.values), bound: expected.bound)
    }
  } catch {
    return [verdict("", error: .nan, bound: 0, message: "\(error)")]
  }
}

/// ‖actual − expected‖/‖expected‖. If all expected values are zero: 0 if the actual ones are too, else
/// infinity.
func relativeError(_ actual: [Double], _ expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .nan }
  var (difference, norm) = (0.0, 0.0)
  for (actual, expected) in zip(actual, expected) {
    difference += (actual - expected) * (actual - expected)
    norm += expected * expected
  }
  if difference == 0 { return 0 }
  return (difference / norm).squareRoot()
}
