import Foundation

extension TrainingLog {
  /// One row of `train.csv`.
  package struct Step: Sendable, Equatable {
    package var step: Int
    /// The mean loss over target tokens.
    package var loss: Double
    /// `nil` if it was not measured.
    package var accuracy: Double?
    /// The mean loss over the targets held out from training; `nil` if it was not measured.
    package var heldOutLoss: Double?

    package init(step: Int, loss: Double, accuracy: Double? = nil, heldOutLoss: Double? = nil) {
      self.step = step
      self.loss = loss
      self.accuracy = accuracy
      self.heldOutLoss = heldOutLoss
    }
  }

  /// The rows of a log. An incomplete last line, as a killed run leaves it, is ignored.
  /// - Throws: `RecordError.unreadable`, or `.damaged` with the number of the line.
  package static func read(from url: URL) throws -> [Step] {
    try rows(of: String(decoding: fileContents(url), as: UTF8.self), file: url.path)
  }

  /// The rows of a log's text.
  ///
  /// - Parameter file: the path, for messages.
  /// - Throws: `RecordError.damaged`.
  package static func rows(of text: String, file: String) throws -> [Step] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let first = lines.first.map(String.init)
    guard first == header || first == dataHeader else {
      throw RecordError.damaged(file: file, reason: "line 1 is not \(header)")
    }
    return try lines.enumerated().dropFirst().map { index, line in
      guard let step = parse(line, hasHeldOutLoss: first == dataHeader) else {
        throw RecordError.damaged(file: file, reason: "line \(index + 1)")
      }
      return step
    }
  }

  private static func parse(_ line: Substring, hasHeldOutLoss: Bool) -> Step? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == (hasHeldOutLoss ? 4 : 3), let step = Int(fields[0]), let loss = Double(fields[1])
    else { return nil }
    var values: [Double?] = []
    for field in fields[2...] {
      let value = Double(field)
      guard value != nil || field.isEmpty else { return nil }
      values.append(value)
    }
    return Step(step: step, loss: loss, accuracy: values[0], heldOutLoss: hasHeldOutLoss ? values[1] : nil)
  }
}
