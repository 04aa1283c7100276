import Concurrency

/// Sums over rows and coordinates of what every writer changes in the stream times the gradient at every reader, for each
/// sample.
///
/// Gradients come one after the other. Some are kept and then multiplied together, so that the changes, which are many, are
/// read from memory once for all of them: a stretch of some changes and of these gradients fits into a core's cache.
struct StreamProducts {
  /// For each writer, [rows, d_model].
  private let changes: [HostMatrix]
  /// The rows of each sample.
  private let samples: [Range<Int>]
  /// The first reader that each writer reaches; it reaches all after it.
  private let firstReaders: [Int]
  private let readers: Int
  private var kept: [(reader: Int, gradient: HostMatrix)] = []
  /// What a thread takes at a time: some writers in one sample. All of a sample follow each other.
  private let pieces: [(rows: Range<Int>, writers: Range<Int>)]
  /// For each piece, [writer, reader].
  private var sums: [[Double]]

  static let keptAtOnce = 32
  private static let writersAtOnce = 32
  /// The number of coordinates in a stretch: of 32 writers and 32 gradients 512 KiB.
  private static let stretch = 1024

  init(changes: [HostMatrix], samples: [Range<Int>], firstReaders: [Int], readers: Int) {
    self.changes = changes
    self.samples = samples
    self.firstReaders = firstReaders
    self.readers = readers
    pieces = samples.flatMap { rows in
      stride(from: 0, to: changes.count, by: Self.writersAtOnce).map { first in
        (rows, first..<min(first + Self.writersAtOnce, changes.count))
      }
    }
    sums = pieces.map { [Double](repeating: 0, count: $0.writers.count * readers) }
  }

  /// Takes the gradient at a reader, [rows, d_model].
  mutating func add(_ gradient: HostMatrix, at reader: Int) {
    kept.append((reader, gradient))
    if kept.count == Self.keptAtOnce { multiply() }
  }

  /// [sample][writer, reader]: 0 where the writer does not reach the reader.
  mutating func values() -> [[Double]] {
    multiply()
    let each = samples.isEmpty ? 1 : pieces.count / samples.count
    return samples.indices.map { Array(sums[$0 * each..<($0 + 1) * each].joined()) }
  }

  private mutating func multiply() {
    let (changes, firstReaders, readers, kept) = (changes, firstReaders, readers, kept)
    sums = concurrentMap(Array(zip(pieces, sums))) { piece, sums in
      let (rows, writers) = piece
      var sums = sums
      let width = changes.first?.width ?? 0
      let end = rows.upperBound * width
      for begin in stride(from: rows.lowerBound * width, to: end, by: Self.stretch) {
        let stretch = begin..<min(begin + Self.stretch, end)
        for writer in writers {
          let place = (writer - writers.lowerBound) * readers
          for (reader, gradient) in kept where reader >= firstReaders[writer] {
            sums[place + reader] += dot(changes[writer].values, gradient.values, stretch)
          }
        }
      }
      return sums
    }
    self.kept = []
  }
}

/// The sum of products of the elements in a range, in four sums side by side.
private func dot(_ left: [Double], _ right: [Double], _ range: Range<Int>) -> Double {
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      precondition(range.upperBound <= left.count && range.upperBound <= right.count)
      var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
      var i = range.lowerBound
      while i + 4 <= range.upperBound {
        a += left[i] * right[i]
        b += left[i + 1] * right[i + 1]
        c += left[i + 2] * right[i + 2]
        d += left[i + 3] * right[i + 3]
        i += 4
      }
      for j in i..<range.upperBound { a += left[j] * right[j] }
      return (a + b) + (c + d)
    }
  }
}
