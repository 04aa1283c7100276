import Testing

@testable import Digests

@Suite("The checksum of a file's content")
struct ChecksumTests {
  private func digest(_ bytes: [UInt8]) -> String {
    var sum = Checksum()
    bytes.withUnsafeBytes { sum.combine($0) }
    return sum.digest
  }

  @Test("known values, computed by ten lines of Python from the description")
  func knownValues() {
    #expect(digest([]) == "3a7ee2396dd7d3af")
    #expect(digest(Array("a".utf8)) == "77a1ccef37b4bdcf")
    #expect(digest(Array("abc".utf8)) == "7ddb586aff8c3a2d")
    #expect(digest([UInt8](repeating: 0, count: 32)) == "31a5ef4b9cb3d7d5")
    #expect(digest([UInt8](repeating: 0, count: 33)) == "d7f88c1118b52a09")
    #expect(digest((0...255).map { UInt8($0) }) == "ecd60f0ed327e5f0")
  }

  @Test("every flip of one bit, and every other value of one byte, changes it", arguments: [1, 31, 32, 77])
  func flips(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
    let whole = digest(bytes)
    for place in bytes.indices {
      for change in 1...255 as ClosedRange<UInt8> {
        var damaged = bytes
        damaged[place] ^= change
        #expect(digest(damaged) != whole, "byte \(place) with \(change)")
      }
    }
  }

  @Test("two flips of the highest bits of one lane don't cancel out")
  func pairs() {
    let bytes = [UInt8](repeating: 3, count: 128)
    var seen: Set<String> = [digest(bytes)]
    for (first, second) in [(7, 39), (7, 71), (39, 71), (7, 15), (15, 47)] {
      var damaged = bytes
      damaged[first] ^= 0x80
      damaged[second] ^= 0x80
      #expect(seen.insert(digest(damaged)).inserted)
    }
  }

  @Test("bytes that are lost or added at the end, or change places, change it")
  func lengths() {
    let bytes = (0..<70).map { UInt8($0) }
    var seen: Set<String> = []
    for count in 0...70 { #expect(seen.insert(digest(Array(bytes[..<count]))).inserted) }
    for more in 1...40 { #expect(seen.insert(digest(bytes + [UInt8](repeating: 0, count: more))).inserted) }
    #expect(seen.insert(digest(Array(bytes[8..<16] + bytes[0..<8] + bytes[16...]))).inserted)
    #expect(seen.insert(digest(Array(bytes[32..<64] + bytes[0..<32] + bytes[64...]))).inserted)
  }

  @Test("it does not depend on where the bytes are divided")
  func pieces() {
    let bytes = (0..<203).map { UInt8(truncatingIfNeeded: $0 &* 91) }
    for size in [1, 5, 8, 31, 32, 33, 64, 100] {
      var sum = Checksum()
      var place = 0
      while place < bytes.count {
        let end = min(place + size, bytes.count)
        bytes[place..<end].withUnsafeBytes { sum.combine($0) }
        place = end
      }
      #expect(sum.digest == digest(bytes), "pieces of \(size)")
    }
  }

  @Test("texts carry their lengths")
  func texts() {
    func digest(_ texts: [String]) -> String {
      var sum = Checksum()
      for text in texts { sum.combine(text) }
      return sum.digest
    }
    #expect(digest(["ab", "c"]) != digest(["a", "bc"]))
    #expect(digest(["", "x"]) != digest(["x", ""]))
  }
}
