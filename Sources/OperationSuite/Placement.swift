/// Where a matrix or tensor begins in its buffer, and how far its rows lie apart beyond their columns.
struct Placement: Sendable, CustomStringConvertible {
  var offset: Int
  /// Elements between the end of a row and the start of the next, and between models.
  var padding: Int

  /// As allocated: what most of a model's activations are.
  static let plain = Placement(offset: 0, padding: 0)
  /// Canaries on both sides, and every row as aligned as its width allows.
  static let aligned = Placement(offset: 16, padding: 16)
  /// No row aligned to anything.
  static let odd = Placement(offset: 1, padding: 3)
  static let odder = Placement(offset: 3, padding: 2)

  static let all = [plain, odd, aligned, odder]

  /// Columns `first..<first + columns` of a tensor of `total` columns.
  static func view(first: Int, columns: Int, of total: Int) -> Placement {
    Placement(offset: first, padding: total - columns)
  }

  /// Said only where it is not plain.
  var description: String {
    offset == 0 && padding == 0 ? "" : ", offset \(offset), padding \(padding)"
  }
}

/// The live elements of a buffer: rows of equal width, given by their first elements.
struct Block {
  let starts: [Int]
  let columns: Int
  /// Elements of the buffer, with a margin behind the live ones.
  let count: Int

  /// Rows of a margin: enough that one tile too many lands inside the buffer and is seen there.
  private static let margin = 16

  /// The rows `rows` of a matrix of `extent` rows.
  init(rows: [Int], extent: Int, columns: Int, _ placement: Placement) {
    let stride = columns + placement.padding
    starts = rows.map { placement.offset + $0 * stride }
    self.columns = columns
    count = placement.offset + (extent + Self.margin) * stride + Self.margin
  }

  /// The tensors of `live` among `models` models.
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

  /// Buffer indices of the live elements of columns `range`, in row order.
  func elements(_ range: Range<Int>) -> [Int] {
    starts.flatMap { start in range.map { start + $0 } }
  }
}
