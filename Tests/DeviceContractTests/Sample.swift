import Compute
import TestSupport

/// An operation whose buffers are separate and exactly as large as needed, together with every place of a
/// buffer among its operands. Each fault of an operand is tried at each of these places.
protocol OperationSample {
  associatedtype Operation: DeviceOperation
  var operation: Operation { get }
  /// Matrices of at least two rows.
  var matrices: [WritableKeyPath<Operation, Matrix>] { get }
  /// Matrices of one row, in which an index may name more rows.
  var tables: [WritableKeyPath<Operation, Matrix>] { get }
  /// Tensors of two models that are read.
  var parameters: [WritableKeyPath<Operation, Parameter>] { get }
  /// Tensors of two models that are written.
  var outputs: [WritableKeyPath<Operation, Parameter>] { get }
  /// Buffers that are passed without a shape.
  var buffers: [WritableKeyPath<Operation, any Buffer>] { get }
}

struct Sample<Operation: DeviceOperation>: OperationSample {
  var operation: Operation
  var matrices: [WritableKeyPath<Operation, Matrix>] = []
  var tables: [WritableKeyPath<Operation, Matrix>] = []
  var parameters: [WritableKeyPath<Operation, Parameter>] = []
  var outputs: [WritableKeyPath<Operation, Parameter>] = []
  var buffers: [WritableKeyPath<Operation, any Buffer>] = []
}

extension OperationSample {
  var name: String { Operation.name }

  /// Every buffer of the operation.
  var allBuffers: [WritableKeyPath<Operation, any Buffer>] {
    (matrices + tables).map { $0.appending(path: \.buffer) }
      + (parameters + outputs).map { $0.appending(path: \.buffer) } + buffers
  }

  /// The operands that the operation's type declares, by their kinds, with those of an operation that is a part of it.
  var declaredOperands: Int { Self.operands(of: operation) }

  private static func operands(of operation: any DeviceOperation) -> Int {
    Mirror(reflecting: operation).children.reduce(0) { sum, child in
      if let part = child.value as? any DeviceOperation { return sum + operands(of: part) }
      // An optional's value is its only child.
      let value = Mirror(reflecting: child.value)
      let whole = value.displayStyle == .optional ? value.children.first?.value ?? child.value : child.value
      return sum
        + (whole is Matrix || whole is HalfMatrix || whole is Parameter || whole is any Buffer ? 1 : 0)
    }
  }

  /// Runs the operation with one place changed.
  func run(on device: any Device, _ change: (inout Operation) -> Void) throws {
    var changed = operation
    change(&changed)
    try changed.run(on: device)
  }

  /// The contents of all float buffers of the operation.
  func contents(on device: any Device) throws -> [Bits] {
    try allBuffers.map { operation[keyPath: $0] }.filter { $0.elementType == .float32 }
      .map { try device.read($0).bits }
  }
}
