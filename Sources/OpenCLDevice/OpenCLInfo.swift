import COpenCL
import Compute

/// Queries about OpenCL objects. A query is two calls: one for the size of the answer, one for its bytes.
enum OpenCLInfo {
  typealias Query = (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int

  static func bytes(call: String, _ query: Query) throws -> [UInt8] {
    var size = 0
    try check(query(0, nil, &size), call: call)
    guard size > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: size)
    try check(bytes.withUnsafeMutableBytes { query(size, $0.baseAddress, nil) }, call: call)
    return bytes
  }

  /// A text without its closing zero and the blanks with which some drivers pad it.
  static func string(call: String, _ query: Query) throws -> String {
    let text = String(decoding: try bytes(call: call, query).prefix { $0 != 0 }, as: UTF8.self)
    let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    return String(trimmed)
  }

  /// A number of any width, little-endian as on every OpenCL host.
  static func integer(call: String, _ query: Query) throws -> Int {
    number(try bytes(call: call, query).prefix(8))
  }

  /// Sizes, one for each dimension.
  static func sizes(call: String, _ query: Query) throws -> [Int] {
    let bytes = try bytes(call: call, query)
    return stride(from: 0, to: bytes.count - 7, by: 8).map { number(bytes[$0..<($0 + 8)]) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(clamping: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
