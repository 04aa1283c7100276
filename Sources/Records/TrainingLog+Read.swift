import Foundation

extension TrainingLog {
  /// One row of `train.csv`.
  package struct Step: Sendable, Equatable {
    package var step: Int
    /// The mean loss over target tokens.
    package var loss: Double
    /// `nil` if it was not measured.
    package var accuracy: Double?

    package init(step: Int, loss: Double, accuracy: Double? = nil) {
      self.step = step
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// The rows of a log. An incomplete last line, as a killed run leaves it, is ignored.
  /// - Throws: `RecordError.unreadable`, or `.damaged` with the number of the line.
  package static func read(from url: URL) throws -> [Step] {
    let text: String
    do {
      text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    } catch {
      throw RecordError.unreadable(file: url.path, reason: systemReason(error))
    }
    return try rows(of: text, file: url.path)
  }

  /// The rows of a log's text.
  ///
  /// - Parameter file: the path, for messages.
  /// - Throws: `RecordError.damaged`.
  package static func rows(of text: String, file: String) throws -> [Step] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard lines.first.map(String.init) == header else {
      throw RecordError.damaged(file: file, reason: "line 1 is not \(header)")
    }
    return try lines.enumerated().dropFirst().map { index, line in
      guard let step = parse(line) else {
        throw RecordError.damaged(file: file, reason: "line \(index + 1)")
      }
      return step
    }
  }

  private static func parse(_ line: Substring) -> Step? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == 3, let step = Int(fields[0]), let loss = Double(fields[1]) else { return nil }
    if fields[2].isEmpty { return Step(step: step, loss: loss) }
    guard let accuracy = Double(fields[2]) else { return nil }
    return Step(step: step, loss: loss, accuracy: accuracy)
  }
}
