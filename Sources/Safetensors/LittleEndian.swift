import Foundation

/// The little-endian bytes of integers, in order.
func littleEndianData<Word: FixedWidthInteger>(_ words: [Word]) -> Data {
  #if _endian(little)
    return words.withUnsafeBytes { Data($0) }
  #else
    return words.map(\.littleEndian).withUnsafeBytes { Data($0) }
  #endif
}

/// The little-endian bytes of double-precision numbers, in order.
func littleEndianData(_ values: [Double]) -> Data { littleEndianData(values.map(\.bitPattern)) }

/// The little-endian bytes of single-precision numbers, in order.
func littleEndianData(_ values: [Float]) -> Data {
  #if _endian(little)
    return values.withUnsafeBytes { Data($0) }
  #else
    return littleEndianData(values.map(\.bitPattern))
  #endif
}
