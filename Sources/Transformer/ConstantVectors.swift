import Compute

/// The constant vectors of some interventions on a device. Each distinct vector is stored once.
struct ConstantVectors {
  /// float32; never empty, because replacements by zero need a source buffer, too.
  let buffer: any Buffer
  private let offsets: [Patch.Value: Int]

  init(_ interventions: some Sequence<Intervention>, on device: any Device) throws {
    var offsets: [Patch.Value: Int] = [:]
    var values: [Float] = []
    for patch in interventions.lazy.flatMap(\.patches) {
      for constant in patch.value.constants where offsets[constant] == nil {
        guard case .constant(let vector) = constant else { continue }
        offsets[constant] = values.count
        values += vector.map(Float.init)
      }
    }
    self.offsets = offsets
    buffer = try device.makeBuffer(values.isEmpty ? [0] : values)
  }

  /// The replacement of a block of rows and columns by the value; nil for what depends on a run.
  func replacement(_ value: Patch.Value, rows: Range<Int>, columns: Range<Int>) -> Replacement? {
    switch value {
    case .zero: Replacement(rows: rows, columns: columns, sourceOffset: nil)
    case .constant: offsets[value].map { Replacement(rows: rows, columns: columns, sourceOffset: $0) }
    case .run, .difference: nil
    }
  }
}
