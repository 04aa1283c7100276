/// What a safetensors header says, in the order it says it, before any of it is checked against the file.
struct Header: Equatable {
  /// One tensor's entry.
  struct Entry: Equatable {
    var name: String
    var dtype: String
    var shape: [Int]
    /// First byte and byte after the last, counted from the end of the header.
    var begin: Int
    var end: Int
  }

  static let metadataKey = "__metadata__"

  var metadata: [String: String] = [:]
  var entries: [Entry] = []
}

/// Why a header could not be read: at which of its bytes, and what was expected there.
enum HeaderError: Error, Equatable {
  case syntax(offset: Int, reason: String)
  case duplicate(name: String)
}
