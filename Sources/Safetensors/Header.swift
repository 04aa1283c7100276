/// The content of a safetensors header, in its order, before it is checked against the file.
struct Header: Equatable {
  /// One tensor's entry.
  struct Entry: Equatable {
    var name: String
    var dtype: String
    var shape: [Int]
    /// The first byte and the byte after the last, counted from the end of the header.
    var begin: Int
    var end: Int
  }

  static let metadataKey = "__metadata__"

  var metadata: [String: String] = [:]
  var entries: [Entry] = []
}

/// Why a header cannot be read: the position in its bytes, and what was expected there.
enum HeaderError: Error, Equatable {
  case syntax(offset: Int, reason: String)
  case duplicate(name: String)
}
