/// A buffer's weights packed as panels, kept while nobody can have written to the buffer: an evaluation multiplies by the
/// same weights batch after batch. Weights a training step changes are asked for once, and never kept.
final class KeptPanels {
  /// Which weights, of which models, and which way round.
  struct Key: Hashable {
    var offset: Int
    var rows: Int
    var columns: Int
    var stride: Int
    var modelStride: Int
    var models: [Int]
    var transposed: Bool
  }

  /// Floats kept at most: larger models have more to multiply a weight with as well, and no memory to spare.
  private static let limit = 1 << 22
  private var asked: Set<Key> = []
  private var kept: [Key: Scratch] = [:]
  private var total = 0

  /// Memory for `count` floats of panels, from the second time on that they are asked for, and whether they are in it
  /// already. The caller fills it if not, and holds it while it reads it: here it may be forgotten any time.
  func memory(_ key: Key, count: Int) -> (panels: Scratch, isPacked: Bool)? {
    if let panels = kept[key] { return (panels, true) }
    guard !asked.insert(key).inserted, total + count <= Self.limit else { return nil }
    let panels = Scratch()
    kept[key] = panels
    total += count
    return (panels, false)
  }
}
