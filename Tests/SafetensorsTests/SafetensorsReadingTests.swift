import Foundation
import Safetensors
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

  @Test("a missing tensor, another shape and another type are errors that name file and tensor")
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

  @Test("offsets decide the order of tensors, not the header")
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

  @Test("a slice of data is read from its own beginning")
  func slice() throws {
    let data = try Data([1, 2, 3]) + mixedFile().serialised()
    let file = try SafetensorsFile(data: data.dropFirst(3))
    #expect(try file.floats(named: "loss") == [2.25])
  }

  @Test("a file that is not there and a folder are unreadable, by name")
  func unreadable() {
    let folder = FileManager.default.temporaryDirectory
    let absent = folder.appendingPathComponent(UUID().uuidString)
    for url in [absent, folder] {
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: url) }
      #expect(error?.description.contains(url.path) == true)
    }
  }
}
