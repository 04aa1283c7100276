/// The weights of a buffer packed as panels, kept until something may have written to the buffer. An
/// evaluation multiplies by the same weights batch after batch. The weights in training change after each use
/// and are never kept.
final class KeptPanels {
  /// Identifies the weights, their models, and whether they are transposed.
  struct Key: Hashable {
    var offset: Int
    var rows: Int
    var columns: Int
    var stride: Int
    var modelStride: Int
    var models: [Int]
    var transposed: Bool
  }

  /// The largest number of floats to keep. In larger models the packing costs relatively little, and memory
  /// is scarce.
  private static let limit = 1 << 22
  private var asked: Set<Key> = []
  private var kept: [Key: Scratch] = [:]
  private var total = 0

  /// Memory for `count` floats of panels, and whether the panels are packed in it. If they are not, the
  /// caller packs them.
  ///
  /// Returns nil the first time that these panels are requested, and if they would exceed the limit. The
  /// caller must hold the memory while reading, because it may be released here at any time.
  func memory(_ key: Key, count: Int) -> (panels: Scratch, isPacked: Bool)? {
    if let panels = kept[key] { return (panels, true) }
    guard !asked.insert(key).inserted, total + count <= Self.limit else { return nil }
    let panels = Scratch()
    kept[key] = panels
    total += count
    return (panels, false)
  }
}
