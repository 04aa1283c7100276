import Digests
import Foundation

/// An event file of TensorBoard: scalars by step, in TFRecord framing.
///
/// A record is its length (8 bytes), the masked CRC-32C of these, the data, and the masked CRC-32C of the data; all numbers
/// have the lowest byte first. The data are an `Event` message of protocol buffers:
/// `wall_time` (1, double), `step` (2, int64), `file_version` (3, string) or `summary` (5) with values (1) of a `tag`
/// (1, string) and a `simple_value` (2, float).
///
/// Sources: tensorflow/core/lib/io/record_writer.h, tensorboard/compat/proto/event.proto and summary.proto.
struct EventFile {
  /// Any name with `tfevents` in it is an event file; the same name replaces the one of an earlier report.
  static let name = "events.out.tfevents.0.causalgap"

  private(set) var data = Data()

  init() {
    var event = Self.event(step: 0)
    Self.append(Array("brain.Event:2".utf8), field: 3, to: &event)
    append(event)
  }

  /// Adds scalars of one step, by their tags. TensorBoard keeps 32 bits of a value.
  mutating func add(_ scalars: [(tag: String, value: Double)], step: Int) {
    guard !scalars.isEmpty else { return }
    var summary: [UInt8] = []
    for (tag, value) in scalars {
      var message: [UInt8] = []
      Self.append(Array(tag.utf8), field: 1, to: &message)
      message.append(2 << 3 | 5)
      Self.append(Float(value).bitPattern, to: &message)
      Self.append(message, field: 1, to: &summary)
    }
    var event = Self.event(step: step)
    Self.append(summary, field: 5, to: &event)
    append(event)
  }

  /// Records don't say when a step was taken, so the time is 0. Fields that are 0 are left out.
  private static func event(step: Int) -> [UInt8] {
    guard step != 0 else { return [] }
    var event: [UInt8] = [2 << 3]
    appendVarint(UInt64(bitPattern: Int64(step)), to: &event)
    return event
  }

  /// Adds a record.
  private mutating func append(_ record: [UInt8]) {
    var framed: [UInt8] = []
    Self.append(UInt64(record.count), to: &framed)
    Self.append(Self.masked(crc32c(framed)), to: &framed)
    framed += record
    Self.append(Self.masked(crc32c(record)), to: &framed)
    data.append(contentsOf: framed)
  }

  /// A check of data that contain checks would be weak, so they are stored rotated and shifted.
  private static func masked(_ crc: UInt32) -> UInt32 { (crc >> 15 | crc << 17) &+ 0xa282_ead8 }

  /// A field of bytes: text, or another message.
  private static func append(_ bytes: [UInt8], field: UInt8, to message: inout [UInt8]) {
    message.append(field << 3 | 2)
    appendVarint(UInt64(bytes.count), to: &message)
    message += bytes
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  private static func appendVarint(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
