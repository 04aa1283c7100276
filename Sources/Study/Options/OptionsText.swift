import Foundation

/// The text of an options file: UTF-8 with or without a byte order mark, or UTF-16 or UTF-32 with one.
struct OptionsText {
  let text: String

  /// The largest accepted size in bytes. A larger input is not a file of options, and a device may never end.
  private static let mostBytes = 1 << 20

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - path: a file, a pipe, or `-` for standard input.
  ///   - name: the name of the file in messages.
  /// - Throws: `OptionError`.
  init(path: String, name: String) throws(OptionError) {
    text = try Self.decode(Self.read(path, name), name)
  }

  private static func read(_ path: String, _ name: String) throws(OptionError) -> Data {
    let stream: UnsafeMutablePointer<FILE>? = path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "r")
    guard let stream else {
      throw OptionError("\(name) can't be read: \(String(cString: strerror(errno)).lowercased())")
    }
    defer { fclose(stream) }
    var data = Data(count: mostBytes + 1)
    let count = data.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, stream) }
    guard ferror(stream) == 0 else {
      throw OptionError("\(name) can't be read: \(String(cString: strerror(errno)).lowercased())")
    }
    guard count <= mostBytes else {
      throw OptionError("\(name) is larger than \(mostBytes) bytes: it is not a file of options")
    }
    return data.prefix(count)
  }

  static func decode(_ data: Data, _ name: String) throws(OptionError) -> String {
    let marks: [(mark: [UInt8], encoding: String.Encoding, title: String)] = [
      ([0xef, 0xbb, 0xbf], .utf8, "UTF-8"), ([0xff, 0xfe, 0, 0], .utf32LittleEndian, "UTF-32"),
      ([0, 0, 0xfe, 0xff], .utf32BigEndian, "UTF-32"), ([0xff, 0xfe], .utf16LittleEndian, "UTF-16"),
      ([0xfe, 0xff], .utf16BigEndian, "UTF-16"),
    ]
    let found = marks.first { data.starts(with: $0.mark) } ?? ([], .utf8, "UTF-8")
    let body = data.dropFirst(found.mark.count)
    guard let text = String(data: Data(body), encoding: found.encoding) else {
      throw OptionError("\(name) is not valid \(found.title) text; save it as UTF-8")
    }
    guard !text.unicodeScalars.contains("\0") else {
      throw OptionError(
        "\(name) has zero bytes: UTF-16 without a byte order mark, or no text; save it as UTF-8")
    }
    return text
  }
}
