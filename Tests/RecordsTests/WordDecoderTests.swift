import Foundation
import RandomStreams
import TestSupport
import Testing

@testable import Records

@Suite("The decoder of our own files, against Foundation's")
struct WordDecoderTests {
  private var stream = CounterStream(seed: 7, purpose: .validation)

  private mutating func index(below count: Int) -> Int { stream.integer(in: 0..<count) }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test("a number is the nearest double, as the standard library finds it")
  mutating func numbers() {
    var texts = [
      "0", "-0", "-0.0", "0e5", "1", "-17", "0.1", "1e23", "1e22", "9007199254740993", "9007199254740992.5",
      "1E+2",
      "123456789012345678901234567890", "0.000000000000000000000000000012345", "1e-27", "1e27", "1e28",
      "1.7976931348623157e308", "9999999999999999999", "18446744073709551615",
      "0.3000000000000000444089209850062616169452667",
    ]
    for _ in 0..<20_000 {
      let value = Double(bitPattern: stream.next())
      if value.isNormal { texts.append("\(value)") }
      // As scores are: below 1, of 15 to 19 digits.
      let digits = String(UInt64(stream.next() as UInt64).description.prefix(1 + index(below: 19)))
      texts.append("0." + String(repeating: "0", count: index(below: 9)) + digits)
      texts.append("\(digits)e\(index(below: 60) - 30)")
      // Between two doubles that follow one another.
      let middle = UInt64(1) << 53 + 1 + 2 * UInt64(index(below: 1 << 30))
      texts.append("\(middle)")
    }
    for text in texts {
      let found = double(bytes(text), 0..<text.utf8.count)
      #expect(found.map(\.bitPattern) == Double(text)?.bitPattern, "\(text)")
    }
    #expect(double(bytes("1e400"), 0..<5) == nil && double(bytes("1e-400"), 0..<6) == nil)
    #expect(double(bytes("4.9e-324"), 0..<8) == nil, "left to Foundation's decoder")
  }

  @Test(
    "what is not JSON, or not as our files are, has no words",
    arguments: [
      "", " ", "{", "}", "[1", "[1,]", "[,1]", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "[1]]",
      "[1}", "{]",
      "01", "1.", ".5", "+1", "1e", "1e+", "--1", "tru", "nulll", "\"a", "\"\\x\"", "\"\\u0041\"", "\"\t\"",
      "[1] x", "NaN",
      "\"\\", String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
  func refused(_ text: String) {
    #expect(JSONWords(bytes(text)) == nil)
  }

  @Test("invalid UTF-8 has no words, valid text beyond ASCII is read")
  func unicode() {
    #expect(JSONWords([0x22, 0xff, 0x22]) == nil)
    #expect(
      WordDecoder.decode([String].self, from: bytes("[\"é→😀\", \"\\\\ \\\" \\/ \\b\\f\\n\\r\\t\"]")) == [
        "é→😀", "\\ \" / \u{8}\u{c}\n\r\t",
      ])
  }

  @Test("values of every kind are as Foundation decodes them")
  func kinds() throws {
    struct Kinds: Codable, Equatable {
      var flag: Bool
      var small: UInt8
      var optional: Int?
      var missing: String?
      @Nullable var nullable: Double?
      var lists: [[Double?]]
      var texts: [String: String]
      var numbers: [String: Double]
      var classes: [ComponentClass]
      var ends: [Double]
    }
    let text = """
      {"flag": true, "small": 255, "optional": null, "nullable": -1.5, "lists": [[1, null], []], "texts": {"a\\"b": "c"},
       "numbers": {"x": 1, "y": "inf", "x": 2}, "classes": ["hero", "bloat"], "ends": ["nan", "-inf", 2e3], "more": [{}]}
      """
    let found = try #require(WordDecoder.decode(Kinds.self, from: bytes(text)))
    var expected = try RecordCoding.decodeByFoundation(Kinds.self, from: Data(text.utf8))
    #expect(found.ends[0].isNaN && expected.ends[0].isNaN)
    expected.ends[0] = 0
    var other = found
    other.ends[0] = 0
    #expect(other == expected)
    #expect(found.numbers == ["x": 1, "y": .infinity])
  }

  @Test("what only Foundation may answer is left to it, also where a type would try something else")
  func unusual() throws {
    #expect(WordDecoder.decode([Int].self, from: bytes("[1.0]")) == nil)
    #expect(try RecordCoding.decode([Int].self, from: Data("[1.0, 2e1]".utf8)) == [1, 20])
    #expect(WordDecoder.decode([Float].self, from: bytes("[1]")) == nil)
    enum Either: Decodable {
      case count(Int)
      case other
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = (try? container.decode(Int.self)).map(Either.count) ?? .other
      }
    }
    #expect(WordDecoder.decode(Either.self, from: bytes("1.0")) == nil)
  }

  @Test("a damaged record is what Foundation's decoder makes of it, or left to it")
  mutating func damage() throws {
    var record = Examples.record
    record.components[1].causal["mean"] = 1e-5
    let whole = Array(try RecordCoding.encodeWithChecksum(record))
    #expect(WordDecoder.decode(RunRecord.self, from: whole) == record)
    let letters = Array("{}[],:\"\\0123456789-+.eEtfn \n\u{0}é".utf8)
    var decoded = 0
    for _ in 0..<3_000 {
      var damaged = whole
      for _ in 0...index(below: 2) {
        let place = index(below: damaged.count)
        switch index(below: 3) {
        case 0: damaged[place] = letters[index(below: letters.count)]
        case 1: damaged.remove(at: place)
        default: damaged.insert(letters[index(below: letters.count)], at: place)
        }
      }
      guard let found = WordDecoder.decode(RunRecord.self, from: damaged) else { continue }
      decoded += 1
      let expected = try RecordCoding.decodeByFoundation(RunRecord.self, from: Data(damaged))
      #expect(
        try RecordCoding.encode(found) == RecordCoding.encode(expected),
        "\(String(decoding: damaged, as: UTF8.self))")
    }
    #expect(decoded > 300)
  }
}

@Suite("The checksum of a content")
struct ContentDigestTests {
  @Test("it changes with every part of a record and with nothing else")
  func changes() throws {
    let record = Examples.record
    let digest = try contentDigest(record)
    #expect(digest.count == 16)
    #expect(
      try contentDigest(RecordCoding.decode(RunRecord.self, from: RecordCoding.encode(record))) == digest)
    var found: Set = [digest]
    func add(_ change: (inout RunRecord) -> Void) throws {
      var other = record
      change(&other)
      #expect(try found.insert(contentDigest(other)).inserted)
    }
    try add { $0.seed = 43 }
    try add { $0.task = "sorted" }
    try add { $0.rho = 0 }
    try add { $0.rho = -0.0 }
    try add { $0.components.swapAt(0, 1) }
    try add { $0.components[0].causal["mean"]?.negate() }
    try add { ($0.components[0].causalRank, $0.components[0].gradientRank) = (3.5, 12) }
    try add { $0.ood.inWindow.toggle() }
    try add { $0.heroes = [] }
    try add { $0.bloats = $0.heroes }
    try add { $0.notes = ["a note", ""] }
    try add { $0.training = nil }
    try add { $0.timings = ["train": 12.5, "more": 0] }
  }

  @Test("it does not depend on the order of a dictionary, and lists are not objects")
  func order() throws {
    var (one, other) = ([String: Int](), [String: Int]())
    for place in 0..<200 {
      one["\(place)"] = place
      other["\(199 - place)"] = 199 - place
    }
    #expect(try contentDigest(one) == contentDigest(other))
    let contents = try [
      contentDigest([Int]()), contentDigest([String: Int]()), contentDigest([Double]()), contentDigest(""),
      contentDigest([[Int]()]), contentDigest([1.0, 2.0]), contentDigest([2.0, 1.0]),
      contentDigest([1, 2] as [Double?]),
      contentDigest([UInt8(1), 2]),
    ]
    #expect(contents[0] == contents[2] && contents[5] == contents[7])
    #expect(Set(contents).count == 7)
  }
}
