/// The integers below a total in neighbouring ranges, all but the last of the same length. It holds no array, because the tasks of
/// all threads would count references to it.
struct EqualRanges {
  let total: Int
  let length: Int

  /// - Parameter length: at least 1.
  init(_ total: Int, length: Int) {
    self.total = total
    self.length = length
  }

  /// - Parameter parts: the greatest number of ranges, at least 1.
  init(_ total: Int, parts: Int) { self.init(total, length: max(1, (total + parts - 1) / parts)) }

  var count: Int { (total + length - 1) / length }

  subscript(index: Int) -> Range<Int> { index * length..<min((index + 1) * length, total) }
}
