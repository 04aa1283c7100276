/// The Fowler–Noll–Vo hash 1a with 128 bits (draft-eastlake-fnv). It names and checks cache entries; nothing
/// secret depends on it.
struct FNV1a {
  private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

  mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      value ^= UInt128(byte)
      value &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
  }

  /// Adds a text and an end mark, so that "ab", "c" and "a", "bc" have different hashes.
  mutating func combine(_ text: String) {
    combine(text.utf8)
    combine(CollectionOfOne(0))
  }

  /// 32 hexadecimal digits.
  var digest: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}
