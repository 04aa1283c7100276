import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("The training log")
struct TrainingLogTests {
  private func withLog(_ body: (URL) throws -> Void) throws {
    try withFolder { try body($0.appendingPathComponent("train.csv")) }
  }

  @Test("steps are read back as written, with an empty accuracy if it was not measured")
  func roundTrip() throws {
    try withLog { file in
      let log = try TrainingLog(creating: file)
      try log.append(step: 1, loss: 4.75)
      try log.append(step: 2, loss: 0.1 + 0.2, accuracy: 0.41)
      try log.append(step: 3, loss: .infinity)
      try log.flush()
      #expect(
        try String(contentsOf: file, encoding: .utf8)
          == "step,loss,accuracy\n1,4.75,\n2,0.30000000000000004,0.41\n3,inf,\n")
      #expect(
        try TrainingLog.read(from: file) == [
          .init(step: 1, loss: 4.75), .init(step: 2, loss: 0.1 + 0.2, accuracy: 0.41),
          .init(step: 3, loss: .infinity),
        ])
    }
  }

  @Test("a measurement writes all earlier steps to the file; a step without one does not")
  func flushing() throws {
    try withLog { file in
      let log = try TrainingLog(creating: file)
      try log.append(step: 1, loss: 2)
      #expect(try TrainingLog.read(from: file).isEmpty)
      try log.append(step: 2, loss: 1, accuracy: 0)
      #expect(try TrainingLog.read(from: file).count == 2)
      try log.append(step: 3, loss: 1)
      #expect(try TrainingLog.read(from: file).count == 2)
    }
  }

  @Test("a log that is released keeps its rows, and a new log replaces it")
  func replacing() throws {
    try withLog { file in
      try TrainingLog(creating: file).append(step: 1, loss: 2)
      #expect(try TrainingLog.read(from: file).count == 1)
      _ = try TrainingLog(creating: file)
      #expect(try TrainingLog.read(from: file).isEmpty)
    }
  }

  @Test("a log begins with the rows it is given, in a new file")
  func continuing() throws {
    try withLog { file in
      try Data("step,loss,accuracy\n9,9,\n".utf8).write(to: file)
      let old = try FileHandle(forWritingTo: file)
      try old.seekToEnd()
      let log = try TrainingLog(
        creating: file, steps: [.init(step: 1, loss: 2.5), .init(step: 2, loss: 0.1, accuracy: 1)])
      try log.append(step: 3, loss: 1)
      try old.write(contentsOf: Data("10,10,\n".utf8))
      try log.sync()
      #expect(
        try String(contentsOf: file, encoding: .utf8) == "step,loss,accuracy\n1,2.5,\n2,0.1,1.0\n3,1.0,\n")
    }
  }

  @Test("an incomplete last line is ignored; any other invalid line is named")
  func damaged() throws {
    try withLog { file in
      try Data("step,loss,accuracy\n1,2.5,\n2,1.".utf8).write(to: file)
      #expect(try TrainingLog.read(from: file) == [.init(step: 1, loss: 2.5)])
      for (text, reason) in [
        ("step,loss,accuracy\n1,2.5,\nx,1,\n2,1,\n", "line 3"), ("step,loss,accuracy\n1,2.5\n", "line 2"),
        ("step,loss,accuracy\n1,2.5,high\n", "line 2"),
        ("step,loss\n1,2\n", "line 1 is not step,loss,accuracy"),
      ] {
        try Data(text.utf8).write(to: file)
        #expect(throws: RecordError.damaged(file: file.path, reason: reason)) {
          try TrainingLog.read(from: file)
        }
      }
    }
  }

  @Test("a log that cannot be created gives an error that names it")
  func unwritable() {
    let file = URL(fileURLWithPath: "/proc/causalgap/train.csv")
    let error = #expect(throws: (any Error).self) { try TrainingLog(creating: file) }
    #expect(error.map { "\($0)" }?.contains(file.path) == true)
  }
}
