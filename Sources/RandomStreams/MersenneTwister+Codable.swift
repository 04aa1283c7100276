/// The saved state of a Mersenne Twister: its words, its index and the spare normal value, if any.
///
/// Decoding validates what it reads, so a damaged record is an error and never a broken generator.
extension MersenneTwister: Codable {
  private enum CodingKeys: String, CodingKey {
    case words
    case index
    case spareNormal = "spare_normal"
  }

  /// - Throws: `DecodingError.dataCorrupted` unless there are 624 words, the index lies in 0...624 and the
  ///   spare value is finite; also for the all-zero state, which no seed produces.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let words = try container.decode([UInt32].self, forKey: .words)
    let index = try container.decode(Int.self, forKey: .index)
    let spareNormal = try container.decodeIfPresent(Double.self, forKey: .spareNormal)
    guard words.count == Self.wordCount else {
      throw DecodingError.dataCorruptedError(
        forKey: .words, in: container,
        debugDescription: "a Mersenne Twister has \(Self.wordCount) words of state, found \(words.count)")
    }
    // If the 19,937 meaningful bits are all zero, they stay zero for ever.
    guard words[0] & 0x8000_0000 != 0 || words.dropFirst().contains(where: { $0 != 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .words, in: container, debugDescription: "all words of the Mersenne Twister are zero")
    }
    guard (0...Self.wordCount).contains(index) else {
      throw DecodingError.dataCorruptedError(
        forKey: .index, in: container,
        debugDescription: "the index of a Mersenne Twister lies in 0...\(Self.wordCount), found \(index)")
    }
    guard spareNormal?.isFinite ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .spareNormal, in: container, debugDescription: "the spare normal value is not finite")
    }
    self.init(words: words, index: index, spareNormal: spareNormal)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(words, forKey: .words)
    try container.encode(index, forKey: .index)
    try container.encodeIfPresent(spareNormal, forKey: .spareNormal)
  }
}
