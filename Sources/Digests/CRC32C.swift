/// The cyclic redundancy check CRC-32C (Castagnoli), which TFRecord files carry.
///
/// Source: RFC 3720, appendix B.4: the reflected polynomial 0x82f63b78, with ones shifted in and all bits inverted at the end.
package func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(UInt32.max) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
}

/// What each byte does to a check of zero.
private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : (crc >> 1) ^ 0x82f6_3b78 }
}
