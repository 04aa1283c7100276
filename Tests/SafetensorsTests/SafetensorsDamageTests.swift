import Foundation
import Safetensors
import Testing

@Suite("Damaged safetensors")
struct SafetensorsDamageTests {
  private func error(_ data: Data) -> SafetensorsError? {
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(data: data, path: "f") }
  }

  /// A header with entries x and y of U8, with the given shapes and offsets.
  private func pair(_ xShape: String, _ x: String, _ yShape: String, _ y: String) -> String {
    "{\"x\":{\"dtype\":\"U8\",\"shape\":[\(xShape)],\"data_offsets\":[\(x)]},"
      + "\"y\":{\"dtype\":\"U8\",\"shape\":[\(yShape)],\"data_offsets\":[\(y)]}}"
  }

  @Test("a file shorter than the length field is an error", arguments: 0..<8)
  func tooShort(count: Int) {
    #expect(error(Data(count: count)) == .tooShort(file: "f", byteCount: count))
  }

  @Test(
    "a header beyond the file is an error, up to the largest length", arguments: [3, 1 << 40, UInt64.max])
  func headerBeyondFile(length: UInt64) {
    let data = Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + Data("{}".utf8)
    #expect(error(data) == .headerBeyondFile(file: "f", headerLength: length, byteCount: 10))
  }

  @Test(
    "a header that is not valid JSON of the format is an error",
    arguments: [
      "", " ", "{", "{]", "[]", "{}x", "null", "{\"x\"}", "{\"x\":1}", "{\"x\":{}}", "{\"x\":{},}", "{,}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[+1],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1,],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":red}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":[1,]}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":[1}}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":{\"a\"}}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":01}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":1.}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":-}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":\"}}",
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"colour\":"
        + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}}",
      "{\"x\":{\"a\":" + String(repeating: "{\"a\":", count: 50_000), "{\"__metadata__\":nul}",
      "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}", "{\"\\x\":{}}", "{\"\\ud800\":{}}",
      "{\"\\ud800\\u0041\":{}}", "{\"\\udc00\":{}}", "{\"\\u12\":{}}", "{\"a\nb\":{}}", "{\"", "{\"\\",
      "{\"\\u",
      String(repeating: "[", count: 100_000), "{\"x\":" + String(repeating: "{\"a\":", count: 50_000),
    ])
  func badHeader(header: String) {
    guard case .badHeader = error(fileBytes(header: header, body: [0])) else {
      Issue.record("expected .badHeader")
      return
    }
  }

  @Test("a name that is not UTF-8 is an error")
  func notUTF8() {
    guard case .badHeader = error(Data([4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22])) else {
      Issue.record("expected .badHeader")
      return
    }
  }

  @Test("duplicate names of tensors or of metadata are errors")
  func duplicates() {
    let entry = "\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    let twice = fileBytes(header: "{\(entry),\(entry)}")
    #expect(error(twice) == .duplicateName(file: "f", tensor: "x"))
    let metadata = fileBytes(header: "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}")
    #expect(error(metadata) == .duplicateName(file: "f", tensor: "a"))
  }

  @Test("an unknown type is an error only when the tensor is read")
  func unknownType() throws {
    let header =
      "{\"x\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]},"
      + "\"y\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]}}"
    let file = try SafetensorsFile(data: fileBytes(header: header, body: [0, 0, 0, 0, 7]), path: "f")
    #expect(try file.integers(named: "y") == [7])
    let expected = SafetensorsError.unknownType(file: "f", tensor: "x", dtype: "F33")
    #expect(throws: expected) { try file.integers(named: "x") }
    #expect(throws: expected) { try file.floats(named: "x") }
  }

  @Test(
    "negative and overflowing shapes are errors",
    arguments: [[-1], [2, -1, -1], [.min, 2], [.max, .max], [1 << 32, 1 << 32, 0], [1 << 62, 4]])
  func badShape(shape: [Int]) {
    let text = shape.map(String.init).joined(separator: ",")
    let data = fileBytes(header: pair("1", "0,1", text, "1,2"), body: [0, 0])
    #expect(error(data) == .badShape(file: "f", tensor: "y", shape: shape))
  }

  @Test(
    "offsets that overlap, leave holes, run backwards or beyond the file are errors",
    arguments: [
      ("0,2", "1,3"), ("0,2", "0,2"), ("0,2", "3,4"), ("1,2", "2,4"), ("0,2", "4,2"), ("-2,0", "0,4"),
      ("0,2", "2,5"), ("0,2", "2,9223372036854775807"), ("-9223372036854775808,9223372036854775807", "0,4"),
    ])
  func badOffsets(x: String, y: String) {
    guard case .badOffsets = error(fileBytes(header: pair("2", x, "2", y), body: [0, 0, 0, 0])) else {
      Issue.record("expected .badOffsets")
      return
    }
  }

  @Test("a size that differs from the shape's, and bytes after the last tensor, are errors")
  func sizes() {
    let wrong = fileBytes(header: pair("2", "0,2", "3", "2,4"), body: [0, 0, 0, 0])
    #expect(error(wrong) == .sizeMismatch(file: "f", tensor: "y", shape: [3], expected: 3, found: 2))
    let trailing = fileBytes(header: pair("2", "0,2", "2", "2,4"), body: [0, 0, 0, 0, 0, 0])
    #expect(error(trailing) == .trailingBytes(file: "f", count: 2))
    #expect(error(fileBytes(header: "{}", body: [0])) == .trailingBytes(file: "f", count: 1))
  }

  @Test("every message names the file and ends in advice", arguments: [0, 5, 200])
  func messages(count: Int) throws {
    let data = try mixedFile().serialised().prefix(count)
    let message = try #require(error(data)).description
    #expect(message.contains("'f'"))
    #expect(message.contains("again"))
  }

  @Test("a name with line breaks or control characters is written out in the message")
  func nameOfLines() throws {
    let entry = "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}"
    let header = "{\"a\\n\\u001b[2J\":\(entry)}"
    let message = try #require(error(fileBytes(header: header, body: [0]))).description
    #expect(message.contains("'a\\n\\u{1B}[2J'"))
    #expect(!message.contains("\n"))
  }

  @Test("thousands of damaged files are read or refused without a crash")
  func fuzz() throws {
    let valid = [UInt8](try mixedFile().serialised())
    let headerLength = Int(valid[0]) + Int(valid[1]) << 8
    var random = SplitMix(state: 20_260_201)
    var refused = 0
    for round in 0..<6000 {
      var bytes = valid
      switch round % 4 {
      case 0: bytes.removeLast(1 + random.below(bytes.count))
      case 1: bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
      case 2:
        // The header's punctuation and digits, where damage has the largest effect.
        let alphabet = Array("{}[]\",:\\-0129uFI".utf8)
        for _ in 0..<(1 + random.below(4)) {
          bytes[8 + random.below(headerLength)] = alphabet[random.below(alphabet.count)]
        }
      default:
        let start = random.below(bytes.count)
        bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.below(12)))
      }
      do {
        let file = try SafetensorsFile(data: Data(bytes))
        for name in file.names {
          _ = try? file.floats(named: name)
          _ = try? file.integers(named: name)
        }
        #expect(try SafetensorsFile(data: file.serialised()).metadata == file.metadata)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    // Flipped bits in the data and in free text do not damage the format. Nearly all other bits do.
    #expect((3000..<6000).contains(refused))
  }
}

/// A small generator of test inputs (SplitMix64).
struct SplitMix {
  var state: UInt64

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(count))
  }
}
