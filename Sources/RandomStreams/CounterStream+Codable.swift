/// The saved position of a counter-based stream: four numbers, from which all later words follow.
extension CounterStream: Codable {
  private enum CodingKeys: String, CodingKey {
    case seed, lane, block, word
  }

  /// - Throws: `DecodingError.dataCorrupted` if the position within a block is not in 0...3.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let word = try container.decode(Int.self, forKey: .word)
    guard (0...3).contains(word) else {
      throw DecodingError.dataCorruptedError(
        forKey: .word, in: container,
        debugDescription: "a word's place within its block lies in 0...3, found \(word)")
    }
    self.init(
      seed: try container.decode(UInt64.self, forKey: .seed),
      lane: try container.decode(UInt64.self, forKey: .lane),
      block: try container.decode(UInt64.self, forKey: .block),
      word: word)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seed, forKey: .seed)
    try container.encode(lane, forKey: .lane)
    try container.encode(block, forKey: .block)
    try container.encode(word, forKey: .word)
  }
}
