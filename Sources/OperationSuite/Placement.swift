/// Where a matrix or tensor begins in its buffer, and how many unused elements separate its rows.
struct Placement: Sendable, CustomStringConvertible {
  var offset: Int
  /// The number of elements between the end of a row and the start of the next, and between models.
  var padding: Int

  /// As a model allocates most of its activations.
  static let plain = Placement(offset: 0, padding: 0)
  /// With canaries on both sides, and with every row as aligned as its width allows.
  static let aligned = Placement(offset: 16, padding: 16)
  /// With no row aligned.
  static let odd = Placement(offset: 1, padding: 3)
  static let odder = Placement(offset: 3, padding: 2)

  static let all = [plain, odd, aligned, odder]

  /// The columns `first..<first + columns` of a tensor with `total` columns.
  static func view(first: Int, columns: Int, of total: Int) -> Placement {
    Placement(offset: first, padding: total - columns)
  }

  /// Empty for a plain placement.
  var description: String {
    offset == 0 && padding == 0 ? "" : ", offset \(offset), padding \(padding)"
  }
}

/// The live elements of a buffer: rows of equal width, given by the indices of their first elements.
struct Block {
  let starts: [Int]
  let columns: Int
  /// The number of elements of the buffer, including a margin after the live ones.
  let count: Int

  /// The number of rows in a margin: enough that a tile too many lands inside the buffer and is noticed.
  private static let margin = 16

  /// The rows `rows` of a matrix with `extent` rows.
  init(rows: [Int], extent: Int, columns: Int, _ placement: Placement) {
    let stride = columns + placement.padding
    starts = rows.map { placement.offset + $0 * stride }
    self.columns = columns
    count = placement.offset + (extent + Self.margin) * stride + Self.margin
  }

  /// The tensors of the models `live` among `models` models.
  init(models: Int, live: [Int], rows: Int, columns: Int, _ placement: Placement) {
    let stride = columns + placement.padding
    let modelStride = Self.modelStride(rows: rows, columns: columns, placement)
    starts = live.flatMap { model in
      (0..<rows).map { placement.offset + model * modelStride + $0 * stride }
    }
    self.columns = columns
    count = placement.offset + models * modelStride + Self.margin * (stride + 1)
  }

  static func modelStride(rows: Int, columns: Int, _ placement: Placement) -> Int {
    rows * (columns + placement.padding) + placement.padding
  }

  /// The buffer indices of the live elements in the columns `range`, row by row.
  func elements(_ range: Range<Int>) -> [Int] {
    starts.flatMap { start in range.map { start + $0 } }
  }
}
