import Compute
import Foundation

/// Activations and gates, element by element.
extension ReferenceDevice {
  package func gate(_ operation: Gate) throws {
    try operation.validate()
    let name = Gate.name
    let input = try reading(operation.input, in: name)
    let factor = try operation.factor.map { try reading($0, in: name) }
    let output = try writing(operation.output, in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns {
        let value = operation.activation.value(input[row, column])
        output[row, column] = factor.map { value * $0[row, column] } ?? value
      }
    }
  }

  package func gateBackward(_ operation: GateBackward) throws {
    try operation.validate()
    let name = GateBackward.name
    let input = try reading(operation.input, in: name)
    let factor = try operation.factor.map { try reading($0, in: name) }
    let outputGradient = try reading(operation.outputGradient, in: name)
    let inputGradient = try writing(operation.inputGradient, in: name)
    let factorGradient = try operation.factorGradient.map { try writing($0, in: name) }
    for row in 0..<operation.count {
      for column in 0..<operation.input.columns {
        let (x, gradient) = (input[row, column], outputGradient[row, column])
        let isRelevance = operation.rule == .relevance
        let slope = isRelevance ? operation.activation.ratio(x) : operation.activation.derivative(x)
        let share = isRelevance && factor != nil ? 0.5 : 1
        inputGradient[row, column] = share * gradient * slope * (factor?[row, column] ?? 1)
        factorGradient?[row, column] = share * gradient * operation.activation.value(x)
      }
    }
  }
}

extension Activation {
  func value(_ x: Double) -> Double {
    switch self {
    case .identity: x
    case .gelu: GELU.value(x)
    case .geluTanh: x * logistic(tanhArgument(x))
    case .silu: x * logistic(x)
    }
  }

  /// `value(x)/x`
  func ratio(_ x: Double) -> Double {
    switch self {
    case .identity: 1
    case .gelu: GELU.distribution(x)
    case .geluTanh: logistic(tanhArgument(x))
    case .silu: logistic(x)
    }
  }

  func derivative(_ x: Double) -> Double {
    switch self {
    case .identity: return 1
    case .gelu: return GELU.derivative(x)
    case .geluTanh:
      let (a, slope) = (tanhArgument(x), 2 * (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x))
      return logistic(a) + x * logistic(a) * logistic(-a) * slope
    case .silu: return logistic(x) + x * logistic(x) * logistic(-x)
    }
  }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// Twice the argument of the tanh: ½(1 + tanh u) = σ(2u).
private func tanhArgument(_ x: Double) -> Double {
  2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
}
