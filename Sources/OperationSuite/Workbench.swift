import Errors
import Compute

/// One case on one device. It makes the operands, remembers every element of them, and checks after the run
/// that only live outputs changed.
///
/// A live input is surrounded by NaN, so a device that reads beyond it gives a wrong result. A live output is
/// surrounded by canaries; its live elements start as NaN.
final class Workbench {
  let device: any Device
  var generator: CaseGenerator
  private var tracked: [Tracked] = []

  private struct Tracked {
    let name: String
    let buffer: any Buffer
    let before: [Float]
    let outputs: [(name: String, bound: Double, elements: [Int])]
  }

  /// Columns of an output that are compared under a separate name.
  struct Part {
    var name: String
    var columns: Range<Int>
    var bound: Double
  }

  init(device: any Device, generator: CaseGenerator) {
    self.device = device
    self.generator = generator
  }

  static func canary(_ index: Int) -> Float { -1000.5 - Float(index % 97) }

  // MARK: Inputs

  func input(_ name: String, _ block: Block, mean: Float = 0, deviation: Float = 1) throws -> any Buffer {
    try input(name, block) { _, _ in self.generator.value(mean: mean, deviation: deviation) }
  }

  func input(_ name: String, _ block: Block, fill: (_ row: Int, _ column: Int) -> Float) throws
    -> any Buffer
  {
    var values = [Float](repeating: .nan, count: block.count)
    for (row, start) in block.starts.enumerated() {
      for column in 0..<block.columns { values[start + column] = fill(row, column) }
    }
    return try track(name, values, outputs: [])
  }

  /// Integers followed by further valid ones, because a wild index would crash the program instead of failing
  /// a verdict.
  func indices(_ values: [Int32]) throws -> any Buffer {
    try device.makeBuffer(values + [Int32](repeating: 0, count: 16))
  }

  // MARK: Outputs

  /// An output that is compared as a whole.
  func output(_ name: String, _ block: Block, bound: Double) throws -> any Buffer {
    try output([Part(name: name, columns: 0..<block.columns, bound: bound)], block)
  }

  func output(_ parts: [Part], _ block: Block) throws -> any Buffer {
    try output(parts, block) { _, _ in .nan }
  }

  /// An output whose elements are read before they are written.
  func output(_ parts: [Part], _ block: Block, initial: (_ row: Int, _ column: Int) -> Float) throws
    -> any Buffer
  {
    var values = (0..<block.count).map(Self.canary)
    for (row, start) in block.starts.enumerated() {
      for column in 0..<block.columns { values[start + column] = initial(row, column) }
    }
    return try track(
      parts.map(\.name).joined(separator: ", "), values,
      outputs: parts.map { ($0.name, $0.bound, block.elements($0.columns)) })
  }

  /// A buffer with contents chosen by the case; `live` lists the elements that may change.
  func output(_ name: String, values: [Float], live: [Int], bound: Double) throws -> any Buffer {
    try track(name, values, outputs: [(name, bound, live)])
  }

  /// A new buffer, compared as a whole in the state in which the device made it.
  func zeros(_ name: String, count: Int) throws {
    let buffer = try device.makeBuffer(count: count)
    tracked.append(
      Tracked(
        name: name, buffer: buffer, before: [Float](repeating: 0, count: count),
        outputs: [(name, 0, Array(0..<count))]))
  }

  private func track(
    _ name: String, _ values: [Float], outputs: [(name: String, bound: Double, elements: [Int])]
  ) throws -> any Buffer {
    let buffer = try device.makeBuffer(values)
    tracked.append(Tracked(name: name, buffer: buffer, before: values, outputs: outputs))
    return buffer
  }

  // MARK: After the run

  /// - Throws: `CaseFailure` if anything other than a live output changed.
  func outputs() throws -> [NamedOutput] {
    try device.synchronize()
    var result: [NamedOutput] = []
    for item in tracked {
      let after = try device.readDoubles(item.buffer)
      var live = [Bool](repeating: false, count: item.before.count)
      for output in item.outputs {
        result.append(
          NamedOutput(name: output.name, values: output.elements.map { after[$0] }, bound: output.bound))
        for element in output.elements { live[element] = true }
      }
      for (index, value) in item.before.enumerated() where !live[index] {
        guard Double(value) == after[index] || (value.isNaN && after[index].isNaN) else {
          throw CaseFailure.overwritten(buffer: item.name, element: index, value: after[index])
        }
      }
    }
    return result
  }
}

/// A fault that a relative error cannot describe.
package enum CaseFailure: ExitCoded, CustomStringConvertible {
  /// An element outside every live output changed.
  case overwritten(buffer: String, element: Int, value: Double)
  case unknownOperation(String, known: [String])

  package var exitCode: ProgramExit {
    if case .unknownOperation = self { .usage } else { .failed }
  }

  package var description: String {
    switch self {
    case .overwritten(let buffer, let element, let value):
      "element \(element) of the buffer of \(buffer) lies outside the output but became \(value)"
    case .unknownOperation(let name, let known):
      unknownText("operation", name, among: known)
    }
  }
}
