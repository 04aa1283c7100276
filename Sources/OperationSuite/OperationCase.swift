import Compute

/// One output of a case as a device computed it.
package struct NamedOutput: Sendable {
  package let name: String
  /// The live elements in row order.
  package let values: [Double]
  /// The greatest relative error, ‖out − reference‖/‖reference‖, single precision may leave.
  package let bound: Double
}

/// An operation at one set of shapes, on any device.
package struct OperationCase: Sendable {
  package let operation: String
  /// The sizes for a reader: `models 3, rows 7+93+1, 93→40, bias`.
  package let shape: String
  /// Multiplications and additions of the plain formula.
  package let flops: Double
  /// What must at least be moved: every operand once.
  package let bytes: Double
  /// Makes the operands and returns the call.
  private let build: @Sendable (Workbench) throws -> () throws -> Void

  /// - Parameter elements: of all operands, each counted once.
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

  /// Makes the operands on `device`: the same floats on every device under one seed.
  package func prepare(on device: any Device, seed: UInt64) throws -> PreparedCase {
    let generator = CaseGenerator(seed: seed, operation: operation, shape: shape)
    let workbench = Workbench(device: device, generator: generator)
    let call = try build(workbench)
    return PreparedCase(workbench: workbench, call: call)
  }

  /// Runs the operation once.
  ///
  /// - Throws: what the device throws; `CaseFailure` where it wrote outside its outputs.
  package func run(on device: any Device, seed: UInt64) throws -> [NamedOutput] {
    let prepared = try prepare(on: device, seed: seed)
    try prepared.launch()
    return try prepared.outputs()
  }
}

/// A case with its operands on a device: launch it once to check it, many times to time it.
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
  /// - Throws: `CaseFailure` where anything but a live output changed.
  package func outputs() throws -> [NamedOutput] { try workbench.outputs() }
}
