import Foundation

/// The little-endian bytes of integers, in order.
func littleEndianData<Word: FixedWidthInteger>(_ words: [Word]) -> Data {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(words.count * Word.bitWidth / 8)
  for word in words {
    var rest = word
    for _ in 0..<(Word.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
  return Data(bytes)
}

/// The little-endian unsigned integers of `size` bytes each (1 to 8); bytes after the last whole one are left out.
///
/// Not generic: an unspecialised generic loop is some thirty times slower in a debug build.
func littleEndianWords(_ data: Data, size: Int) -> [UInt64] {
  let bytes = [UInt8](data)
  var words: [UInt64] = []
  words.reserveCapacity(bytes.count / size)
  var end = size
  while end <= bytes.count {
    var word: UInt64 = 0
    var position = end
    while position > end - size {
      position -= 1
      word = word << 8 | UInt64(bytes[position])
    }
    words.append(word)
    end += size
  }
  return words
}
