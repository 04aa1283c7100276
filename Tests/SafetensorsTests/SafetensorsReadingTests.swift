import Foundation
import Safetensors
import TestSupport
import Testing

@Suite("Reading safetensors")
struct SafetensorsReadingTests {
  @Test("floats of every width are read as single precision")
  func floatTypes() throws {
    let header =
      "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
      + "\"h\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[16,32]},"
      + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[32,36]}}  "
    let doubles = [0.1, -1e300].flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
    // 1, −2, 65504, the smallest subnormal, the largest subnormal, −0, infinity, NaN
    let halves: [UInt16] = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0x7e00]
    let brains: [UInt16] = [0x3f80, 0xc049]
    let words = (halves + brains).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    let file = try SafetensorsFile(data: fileBytes(header: header, body: doubles + words))
    #expect(try file.floats(named: "d") == [0.1, -.infinity])
    let half = try file.floats(named: "h")
    #expect(half.dropLast() == [1, -2, 65504, 0x1p-24, 0x3ffp-24, -0.0, .infinity])
    #expect(half[5].sign == .minus)
    #expect(half[7].isNaN)
    #expect(try file.floats(named: "b") == [1, -3.140625])
    #expect(throws: SafetensorsError.nonFinite(file: nil, tensor: "h", index: 6)) {
      try file.finiteFloats(named: "h")
    }
    #expect(throws: SafetensorsError.nonFinite(file: nil, tensor: "d", index: 1)) {
      try file.finiteFloats(named: "d", shape: [2])
    }
  }

  @Test(
    "integers of every width keep their sign",
    arguments: [
      ("BOOL", [0, 1], [0, 1]), ("U8", [255, 1], [255, 1]), ("I8", [255, 1], [-1, 1]),
      ("U16", [255, 255], [65535]), ("I16", [254, 255], [-2]),
      ("U32", [255, 255, 255, 255], [4_294_967_295]),
      ("I32", [254, 255, 255, 255], [-2]), ("U64", [1, 0, 0, 0, 0, 0, 0, 1], [1 << 56 + 1]),
      ("I64", [255, 255, 255, 255, 255, 255, 255, 255], [-1]),
    ] as [(String, [UInt8], [Int])])
  func integerTypes(dtype: String, bytes: [UInt8], expected: [Int]) throws {
    let header =
      "{\"x\":{\"dtype\":\"\(dtype)\",\"shape\":[\(expected.count)],\"data_offsets\":[0,\(bytes.count)]}}"
    let file = try SafetensorsFile(data: fileBytes(header: header, body: bytes))
    #expect(try file.integers(named: "x", shape: [expected.count]) == expected)
    #expect(throws: SafetensorsError.self) { try file.floats(named: "x") }
  }

  @Test("an unsigned integer above Int.max is an error")
  func tooLarge() throws {
    let header = "{\"x\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}"
    let body = Array(repeating: UInt8.max, count: 8)
    let file = try SafetensorsFile(data: fileBytes(header: header, body: body), path: "m")
    #expect(throws: SafetensorsError.integerTooLarge(file: "m", tensor: "x", index: 0)) {
      try file.integers(named: "x")
    }
  }

  @Test("a missing tensor, a wrong shape and a wrong type give errors that name the file and the tensor")
  func wrongRequests() throws {
    let file = try SafetensorsFile(data: mixedFile().serialised(), path: "model.safetensors")
    let missing = #expect(throws: SafetensorsError.self) { try file.floats(named: "embed.W_E") }
    #expect(missing?.description.contains("'model.safetensors' has no tensor 'embed.W_E'") == true)
    #expect(missing?.description.contains("'blocks.0.attn.W_Q'") == true)
    #expect(
      throws: SafetensorsError.wrongShape(
        file: "model.safetensors", tensor: "loss", expected: [1], found: [])
    ) {
      try file.finiteFloats(named: "loss", shape: [1])
    }
    #expect(
      throws: SafetensorsError.wrongType(
        file: "model.safetensors", tensor: "loss", dtype: .float32, wanted: "integers")
    ) {
      try file.integers(named: "loss")
    }
    #expect(try file.shape(of: "blocks.0.attn.W_Q") == [2, 3])
    #expect(file.contains("loss") && !file.contains("Loss"))
  }

  @Test("tensors are ordered by their offsets, not by the header")
  func order() throws {
    let header =
      "{\"late\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
      + "\"early\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"U8\"}}"
    let file = try SafetensorsFile(data: fileBytes(header: header, body: [7, 8]))
    #expect(file.names == ["early", "late"])
    #expect(try file.integers(named: "late") == [8])
  }

  @Test("escapes and surrogate pairs in names and metadata are read")
  func escapes() throws {
    let header =
      #"{ "__metadata__" : {"a\u00e9\"\\\/\b\f\n\r\t" : "\ud83d\ude00"} , "\u0078":"#
      + #"{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
    let file = try SafetensorsFile(data: fileBytes(header: header, body: [1]))
    #expect(file.metadata == ["aé\"\\/\u{8}\u{c}\n\r\t": "😀"])
    #expect(file.names == ["x"])
  }

  @Test("a slice of data is read from its first byte")
  func slice() throws {
    let data = try Data([1, 2, 3]) + mixedFile().serialised()
    let file = try SafetensorsFile(data: data.dropFirst(3))
    #expect(try file.floats(named: "loss") == [2.25])
  }

  @Test("a missing file and a folder give errors that name the path")
  func unreadable() {
    let folder = FileManager.default.temporaryDirectory
    let absent = folder.appendingPathComponent(UUID().uuidString)
    for url in [absent, folder] {
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: url) }
      #expect(error?.description.contains(url.path) == true)
    }
  }

  @Test(
    "a tensor of an unknown type does not prevent other tensors from being read",
    arguments: [
      ("C64", 2, 16), ("F4", 8, 4), ("F6_E2M3", 4, 3), ("F6_E3M2", 8, 6), ("F8_E4M3", 4, 4),
      ("F8_E5M2", 4, 4),
      ("F8_E8M0", 4, 4), ("F8_E4M3FNUZ", 4, 4), ("F8_E5M2FNUZ", 4, 4),
    ])
  func otherTypes(dtype: String, count: Int, bytes: Int) throws {
    let header =
      "{\"x\":{\"dtype\":\"\(dtype)\",\"shape\":[\(count)],\"data_offsets\":[0,\(bytes)]},"
      + "\"y\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\(bytes),\(bytes + 1)]}}"
    let body = [UInt8](repeating: 3, count: bytes) + [9]
    let file = try SafetensorsFile(data: fileBytes(header: header, body: body))
    #expect(try file.integers(named: "y") == [9])
    #expect(try file.tensor(named: "x").contents() == Data(body.dropLast()))
    for read in [{ _ = try file.floats(named: "x") }, { _ = try file.integers(named: "x") }] {
      let error = #expect(throws: SafetensorsError.self) { try read() }
      guard case .wrongType = error else {
        Issue.record("expected .wrongType, not \(String(describing: error))")
        return
      }
    }
    let copy = try SafetensorsFile(data: file.serialised())
    #expect(Set(copy.names) == ["x", "y"])
    #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(
        data: fileBytes(header: header.replacing("[\(count)]", with: "[\(count + 1)]"), body: body))
    }
  }

  @Test(
    "keys that the format does not define are skipped, whatever their values",
    arguments: [
      "3", "-0.5e+10", "1E9", "true", "false", "null", "\"\\u00e9 ]}\"", "[]", "{}",
      "[1, [2, {\"a\": []}], {}]",
      "{\"a\": {\"b\": [null, {\"c\": -1}]}, \"d\": \"}\"}",
      String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ])
  func unknownKeys(value: String) throws {
    let header =
      "{\"x\":{\"note\":\(value),\"dtype\":\"U8\", \"shape\":[1],\"data_offsets\":[0,1], \"more\" : \(value) }}"
    let file = try SafetensorsFile(data: fileBytes(header: header, body: [5]))
    #expect(try file.integers(named: "x") == [5])
  }

  @Test("metadata may be null")
  func nullMetadata() throws {
    #expect(try SafetensorsFile(data: fileBytes(header: "{\"__metadata__\": null}")).metadata.isEmpty)
  }

  @Test("white space before and after the header's object is skipped")
  func space() throws {
    let header = "\n {\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} \n"
    #expect(try SafetensorsFile(data: fileBytes(header: header, body: [5])).integers(named: "x") == [5])
  }

  @Test("a small tensor is read from a file far larger than memory, without the rest of the file")
  func huge() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    let big = 1 << 40
    let header =
      "{\"big\":{\"dtype\":\"F32\",\"shape\":[\(big / 4)],\"data_offsets\":[0,\(big)]},"
      + "\"small\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[\(big),\(big + 8)]}}"
    let head = fileBytes(header: header)
    try head.write(to: url)
    try #require(truncate(url.path, head.count + big) == 0)
    let handle = try FileHandle(forUpdating: url)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([7, 0, 0, 0, 255, 255, 255, 255]))
    let file = try SafetensorsFile(contentsOf: url)
    #expect(try file.integers(named: "small") == [7, -1])
    // The last bytes of the file are missing, so only a request for them fails.
    try handle.truncate(atOffset: UInt64(head.count + big))
    let error = #expect(throws: SafetensorsError.self) { try file.integers(named: "small") }
    #expect(error?.description.contains("shorter") == true)
  }

  @Test(
    "a tensor of several pieces is read in order, and its first NaN is named",
    arguments: ["F32", "F64", "F16", "BF16"])
  func pieces(dtype: String) throws {
    let type = try #require(SafetensorsType(rawValue: dtype))
    let (count, width) = (1_100_003, type.bitCount / 8)
    // Small whole numbers, which every type can represent.
    func bytes(_ value: Int) -> [UInt8] {
      let pattern: UInt64 =
        switch type {
        case .float64: Double(value).bitPattern
        case .float32: UInt64(Float(value).bitPattern)
        case .bfloat16: UInt64(Float(value).bitPattern >> 16)
        default: value == 0 ? 0 : value == 1 ? 0x3c00 : 0x4000
        }
      return (0..<width).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * $0)) }
    }
    let patterns = (0..<3).map(bytes)
    var data = Data((0..<count).flatMap { patterns[$0 % 3] })
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    func write() throws {
      try SafetensorsFile(tensors: [
        SafetensorsTensor(name: "x", dtype: type, shape: [count], data: data)
      ]).write(to: url)
    }
    try write()
    let expected = (0..<count).map { Float($0 % 3) }
    let file = try SafetensorsFile(contentsOf: url)
    let isEqual = try file.finiteFloats(named: "x") == expected
    #expect(isEqual)
    var (read, largest): ([Float], Int) = ([], 0)
    try file.forEachFinitePiece(of: "x") { first, piece in
      #expect(first == read.count)
      read += piece
      largest = max(largest, piece.count * width)
    }
    let isEqualByPiece = read == expected
    #expect(isEqualByPiece && largest <= 1 << 20)
    let place = 1_050_001
    data.replaceSubrange(place * width..<(place + 1) * width, with: [UInt8](repeating: 0xff, count: width))
    try write()
    #expect(throws: SafetensorsError.nonFinite(file: url.path, tensor: "x", index: place)) {
      try SafetensorsFile(contentsOf: url).finiteFloats(named: "x")
    }
  }

  @Test("a pipe, which can be read only once, is read")
  func pipe() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, pipe) = (folder.appendingPathComponent("file"), folder.appendingPathComponent("pipe"))
    try mixedFile().write(to: file)
    try #require(mkfifo(pipe.path, 0o600) == 0)
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: "/bin/sh")
    writer.arguments = ["-c", "cat \"$0\" > \"$1\"", file.path, pipe.path]
    try writer.run()
    #expect(try SafetensorsFile(contentsOf: pipe).floats(named: "loss") == [2.25])
    writer.waitUntilExit()
  }

  @Test("errors distinguish a folder and a text file from a damaged file")
  func otherThings() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    func message(_ url: URL) -> String {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: url) }?.description ?? ""
    }
    #expect(message(folder).contains("is a folder, not a safetensors file; name the file in it"))
    let text = folder.appendingPathComponent("run.json")
    try Data("{\n  \"schema\" : 1\n}".utf8).write(to: text)
    #expect(message(text).contains("is not a safetensors file"))
    try mixedFile().write(to: folder.appendingPathComponent("model.safetensors"))
    #expect(message(folder).contains("did you mean \(folder.path)/model.safetensors?"))
  }
}
