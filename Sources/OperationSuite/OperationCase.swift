import Compute

/// One output of a case, as a device computed it.
package struct NamedOutput: Sendable {
  package let name: String
  /// The live elements, row by row.
  package let values: [Double]
  /// The largest relative error, ‖out − reference‖/‖reference‖, that single precision can cause.
  package let bound: Double
}

/// An operation with one set of shapes, which can run on any device.
package struct OperationCase: Sendable {
  package let operation: String
  /// The sizes in words: `models 3, rows 7+93+1, 93→40, bias`.
  package let shape: String
  /// The number of multiplications and additions of the plain formula.
  package let flops: Double
  /// The bytes that must be moved at least: every operand once.
  package let bytes: Double
  /// Makes the operands and returns a function that queues the operation.
  private let build: @Sendable (Workbench) throws -> () throws -> Void

  /// - Parameter elements: the number of elements of all operands, each counted once.
  init(
    operation: String, shape: String, flops: Int, elements: Int,
    build: @escaping @Sendable (Workbench) throws -> () throws -> Void
  ) {
    self.operation = operation
    self.shape = shape
    self.flops = Double(flops)
    bytes = 4 * Double(elements)
    self.build = build
  }

  /// Makes the operands on `device`. For one seed they are the same floats on every device.
  package func prepare(on device: any Device, seed: UInt64) throws -> PreparedCase {
    let generator = CaseGenerator(seed: seed, operation: operation, shape: shape)
    let workbench = Workbench(device: device, generator: generator)
    let call = try build(workbench)
    return PreparedCase(workbench: workbench, call: call)
  }

  /// Runs the operation once.
  ///
  /// - Throws: what the device throws; `CaseFailure` if it wrote outside its outputs.
  package func run(on device: any Device, seed: UInt64) throws -> [NamedOutput] {
    let prepared = try prepare(on: device, seed: seed)
    try prepared.launch()
    return try prepared.outputs()
  }
}

/// A case with its operands on a device. Launch it once to check it, or many times to time it.
package final class PreparedCase {
  private let workbench: Workbench
  private let call: () throws -> Void

  init(workbench: Workbench, call: @escaping () throws -> Void) {
    self.workbench = workbench
    self.call = call
  }

  /// Queues the operation once more.
  package func launch() throws { try call() }

  /// Waits for the queue and reads the outputs.
  ///
  /// - Throws: `CaseFailure` if anything other than a live output changed.
  package func outputs() throws -> [NamedOutput] { try workbench.outputs() }
}
