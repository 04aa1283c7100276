import Compute

/// Holds every case of the suite on `device` against `reference`.
///
/// - Parameters:
///   - operations: names of the operations to check; nil for all.
///   - seed: of the inputs; both devices get the same floats.
///   - progress: called with every verdict as it falls.
/// - Returns: a verdict for every output of every case. A case that throws gives one failing verdict with
///   the message.
/// - Throws: `CaseFailure.unknownOperation` for a name that is not in the suite.
package func validate(
  _ device: any Device, against reference: any Device, operations: [String]? = nil,
  depth: OperationSuite.Depth = .full, seed: UInt64 = 1, progress: (Verdict) -> Void = { _ in }
) throws -> [Verdict] {
  let known = OperationSuite.all.map(\.name)
  for name in operations ?? [] where !known.contains(name) {
    throw CaseFailure.unknownOperation(name, known: known)
  }
  var verdicts: [Verdict] = []
  for descriptor in OperationSuite.all where operations?.contains(descriptor.name) ?? true {
    for test in depth == .quick ? descriptor.quick : descriptor.cases {
      for verdict in judge(test, on: device, against: reference, seed: seed) {
        progress(verdict)
        verdicts.append(verdict)
      }
    }
  }
  return verdicts
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

/// ‖actual − expected‖/‖expected‖. Where zeros are expected, 0 for zeros and infinity for anything else.
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
