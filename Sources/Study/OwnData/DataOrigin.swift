/// What a model was trained on, as `train.json` states it under `data`. The name of the file is the name of the training.
package struct DataOrigin: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    /// Sequences of a safetensors file.
    case tokens
    /// The bytes of a file.
    case text
  }

  package var kind: Kind
  /// The checksum of all tokens and targets, or of all bytes.
  package var checksum: String
  /// The number of sequences, or of bytes.
  package var size: Int
  /// The number of bytes in a sequence; absent for tokens.
  package var context: Int?
  /// The checksum of the second file, if the shifted split is one.
  package var shiftedChecksum: String?

  private enum CodingKeys: String, CodingKey {
    case kind, checksum, size, context
    case shiftedChecksum = "shifted_checksum"
  }
}
