import Digests
import Errors
import Foundation
import Records
import Tasks

/// A file as a sequence of bytes, each of which is a token, divided by position: the first eight tenths are trained on, the next tenth
/// is held out, and the last tenth is the shifted split, unless a second file is.
///
/// A sequence is a window of consecutive bytes of one split. Each of its positions should predict the byte that follows.
package struct ByteText: Sendable {
  /// A part of the data. The raw values are names in files and on the command line.
  package enum Split: String, Sendable, CaseIterable {
    case training
    case heldOut = "held_out"
    case shifted
  }

  /// The number of values of a byte.
  package static let vocabulary = 256

  /// The name of the file without its ending.
  package let name: String
  /// The number of bytes that a sequence reads.
  package let context: Int
  private let bytes: [UInt8]
  private let shifted: [UInt8]?

  /// Reads the files whole, so that nothing depends on what becomes of them.
  ///
  /// - Parameters:
  ///   - shifted: the file that is the shifted split; nil for the last tenth of the first one.
  ///   - context: at least 1.
  /// - Throws: `RecordError.unreadable`; `StudyError.impossible` for a file that is too large, or so short that a split has no window.
  package init(contentsOf url: URL, shifted: URL? = nil, context: Int) throws {
    name = url.deletingPathExtension().lastPathComponent
    self.context = context
    bytes = try Self.read(url)
    self.shifted = try shifted.map(Self.read)
    let fewest = 10 * (context + 1)
    guard bytes.count >= fewest else {
      throw StudyError.impossible(
        "\(url.path) has \(counted(bytes.count, "byte")); with a context of \(context) it needs at least \(fewest), because a "
          + "tenth of it is held out")
    }
    if let shifted, let count = self.shifted?.count, count <= context {
      throw StudyError.impossible(
        "\(shifted.path) has \(counted(count, "byte")); with a context of \(context) it needs at least \(context + 1)"
      )
    }
  }

  private static func read(_ url: URL) throws -> [UInt8] {
    switch try FileKind.of(url) {
    case .file: break
    case .folder: throw RecordError.unreadable(file: url.path, reason: "it is a folder")
    case .other: throw RecordError.unreadable(file: url.path, reason: "it is not a regular file")
    case nil: throw RecordError.unreadable(file: url.path, reason: "no such file")
    }
    var status = stat()
    if stat(url.path, &status) == 0, Int(status.st_size) > HostMemory.limit / 4 {
      throw StudyError.impossible(
        "\(url.path) has \(gibibytes(Double(status.st_size), digits: 1)), more than a quarter of this machine's memory; "
          + "use a part of it")
    }
    return [UInt8](try fileContents(url))
  }

  /// What the training's files say of it.
  package var origin: DataOrigin {
    func digest(_ bytes: [UInt8]) -> String {
      var checksum = Checksum()
      checksum.combine(bytes)
      return checksum.digest
    }
    return DataOrigin(
      kind: .text, checksum: digest(bytes), size: bytes.count, context: context,
      shiftedChecksum: shifted.map(digest))
  }

  /// The positions of a split in its file.
  func range(of split: Split) -> Range<Int> {
    let (trained, heldOut) = (bytes.count / 10 * 8, bytes.count / 10 * 9)
    switch split {
    case .training: return 0..<trained
    case .heldOut: return trained..<heldOut
    case .shifted: return shifted.map { 0..<$0.count } ?? heldOut..<bytes.count
    }
  }

  /// The sequence that begins at a position of a split's file.
  func window(at start: Int, in split: Split) -> TokenSequence {
    let bytes = split == .shifted ? shifted ?? bytes : bytes
    let tokens = bytes[start...start + context].map(Int32.init)
    return TokenSequence(tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()))
  }

  /// At most `count` windows that do not overlap, evenly spread over a split.
  package func windows(_ split: Split, atMost count: Int) -> [TokenSequence] {
    let range = range(of: split)
    let starts = stride(from: range.lowerBound, to: range.upperBound - context, by: context)
    return spread(Array(starts), atMost: count).map { window(at: $0, in: split) }
  }
}
