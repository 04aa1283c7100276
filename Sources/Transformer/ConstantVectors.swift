import Compute

/// The constant vectors of some interventions on a device, each of them once.
struct ConstantVectors {
  /// float32, never empty: zeros can name it as their source, too.
  let buffer: any Buffer
  private let offsets: [Patch.Value: Int]

  init(_ interventions: some Sequence<Intervention>, on device: any Device) throws {
    var offsets: [Patch.Value: Int] = [:]
    var values: [Float] = []
    for intervention in interventions {
      for patch in intervention.patches {
        guard case .constant(let vector) = patch.value, offsets[patch.value] == nil else { continue }
        offsets[patch.value] = values.count
        values += vector.map(Float.init)
      }
    }
    self.offsets = offsets
    buffer = try device.makeBuffer(values.isEmpty ? [0] : values)
  }

  /// A block of rows and columns that takes the value; nil for another run's rows.
  func replacement(_ value: Patch.Value, rows: Range<Int>, columns: Range<Int>) -> Replacement? {
    switch value {
    case .zero: Replacement(rows: rows, columns: columns, sourceOffset: nil)
    case .constant: offsets[value].map { Replacement(rows: rows, columns: columns, sourceOffset: $0) }
    case .run: nil
    }
  }
}
