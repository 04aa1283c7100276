import Foundation
import Importance
import RandomStreams
import Safetensors
import Tasks
import TestSupport
import Testing

@testable import Study

@Suite("Data are divided into what is trained on and what is measured")
struct DataSourceTests {
  private func source(_ tokens: [Int], in folder: URL) throws -> TokenSource {
    let file = folder.appendingPathComponent("own.safetensors")
    try SmallData.write(tokens, to: file)
    return try TokenSource(name: "own", TokenData(contentsOf: file, vocabulary: nil))
  }

  /// Everything that a source ever trains on.
  private func trained(_ source: some SequenceSource, seed: UInt64 = 1) -> Set<[Int32]> {
    var stream = DataStream(CounterStream(seed: seed, purpose: .trainingData))
    return Set(source.batch(3000, from: &stream).map(\.tokens))
  }

  @Test("a tenth of the sequences is held out, whatever the seed and the order in the file")
  func tokens() throws {
    try withFolder { folder in
      let rows = (0..<SmallData.count).map {
        Array(SmallData.tokens()[$0 * SmallData.width..<($0 + 1) * SmallData.width])
      }
      let source = try source(SmallData.tokens(), in: folder)
      let heldOut = Set(source.finalSplits[0].sequences.map(\.tokens))
      let all = Set(rows.map { $0.map(Int32.init) })
      #expect(heldOut.count == max(1, all.count / 10))
      #expect(trained(source) == all.subtracting(heldOut))
      #expect(trained(source, seed: 2) == trained(source))
      let backwards = try self.source(rows.reversed().flatMap { $0 }, in: folder)
      #expect(Set(backwards.finalSplits[0].sequences.map(\.tokens)) == heldOut)
      // Copies of a sequence are on one side.
      let doubled = try self.source((rows + rows).flatMap { $0 }, in: folder)
      #expect(Set(doubled.finalSplits[0].sequences.map(\.tokens)) == heldOut)
      #expect(doubled.finalSplits[0].sequences.count == 2 * source.finalSplits[0].sequences.count)
      #expect(trained(doubled) == trained(source))
    }
  }

  @Test("a batch draws from the stream that it is given, and from nothing else")
  func stream() throws {
    try withFolder { folder in
      let plans = try SmallData.plans(1, in: folder)
      for plan in plans {
        var (one, other) = (plan.stream(.trainingData), plan.stream(.trainingData))
        #expect(plan.batch(from: &one) == plan.batch(from: &other))
        #expect(one == other)
        let next = plan.batch(from: &one)
        #expect(next != plan.batch(from: &other) || one == other)
        var later = one
        #expect(plan.source.measured(from: &later) == plan.source.measured(from: &one))
        #expect(one == later, "held-out sequences need no chance")
      }
    }
  }

  private func withText(_ bytes: Data, _ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("prose.en.txt")
      try bytes.write(to: url)
      try body(url)
    }
  }

  @Test("a text is divided by position, and each position of a window predicts the next byte")
  func text() throws {
    // Two bytes say where a pair is.
    let bytes = Data(
      (0..<2000).map { (place: Int) -> UInt8 in
        let pair: Int = place / 2
        return UInt8(place.isMultiple(of: 2) ? pair / 250 : pair % 250)
      })
    try withText(bytes) { url in
      let text = try ByteText(contentsOf: url, context: 7)
      #expect(text.name == "prose.en")
      let ranges = ByteText.Split.allCases.map { text.range(of: $0) }
      #expect(ranges == [0..<1600, 1600..<1800, 1800..<2000])
      var stream = DataStream(CounterStream(seed: 5, purpose: .trainingData))
      let source = TextSource(text)
      let parts: [(ByteText.Split, [TokenSequence])] = [
        (.training, source.batch(12_000, from: &stream)),
        (.heldOut, source.finalSplits[0].sequences), (.shifted, source.finalSplits[1].sequences),
      ]
      for (split, sequences) in parts {
        let range = text.range(of: split)
        func tokens(_ start: Int) -> [Int32] { bytes[start..<start + 7].map { Int32($0) } }
        let places = Dictionary(range.dropLast(7).map { (tokens($0), $0) }) { first, _ in first }
        var starts: [Int] = []
        for sequence in sequences {
          let start = try #require(places[sequence.tokens])
          #expect(sequence.targets == tokens(start + 1))
          starts.append(start)
        }
        // From the first byte to the last.
        #expect(starts.min() == range.lowerBound)
        #expect((starts.max() ?? 0) >= range.upperBound - 14)
        if split != .training { #expect(Set(starts).count == (range.count - 1) / 7) }
      }
      #expect(text.windows(.heldOut, atMost: 3).map { $0.tokens[1] }.count == 3)
    }
  }

  @Test("a second text is the shifted split, and counts as a part of the data's origin")
  func shiftedText() throws {
    try withText(SmallData.text) { url in
      let other = url.deletingLastPathComponent().appendingPathComponent("other")
      try Data("the quick brown fox".utf8).write(to: other)
      let (text, alone) = (
        try ByteText(contentsOf: url, shifted: other, context: 4), try ByteText(contentsOf: url, context: 4)
      )
      #expect(text.windows(.shifted, atMost: 9).first?.tokens == "the ".utf8.map(Int32.init))
      #expect(text.windows(.heldOut, atMost: 9) == alone.windows(.heldOut, atMost: 9))
      #expect(text.origin.checksum == alone.origin.checksum && text.origin != alone.origin)
      #expect(throws: StudyError.self) { try ByteText(contentsOf: url, shifted: other, context: 19) }
    }
  }

  @Test("what cannot be divided is refused by one line that says what is wrong")
  func refusals() throws {
    func refusal(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no refusal"
      } catch {
        return "\(error)"
      }
    }
    try withText(Data(repeating: 97, count: 79)) { url in
      #expect(
        refusal { _ = try ByteText(contentsOf: url, context: 7) }
          == "\(url.path) has 79 bytes; with a context of 7 it needs at least 80, because a tenth of it is held out"
      )
      #expect(refusal { _ = try ByteText(contentsOf: url, context: 6) } == "no refusal")
      try Data().write(to: url)
      #expect(refusal { _ = try ByteText(contentsOf: url, context: 6) }.contains("has 0 bytes"))
      let folder = url.deletingLastPathComponent()
      #expect(refusal { _ = try ByteText(contentsOf: folder, context: 6) }.contains("it is a folder"))
      #expect(
        refusal { _ = try ByteText(contentsOf: URL(fileURLWithPath: "/dev/zero"), context: 6) }
          .contains("it is not a regular file"))
      try FileManager.default.removeItem(at: url)
      #expect(refusal { _ = try ByteText(contentsOf: url, context: 6) }.contains("no such file"))
      let same = (0..<4).flatMap { _ in SmallData.tokens(1) }
      #expect(
        refusal { _ = try source(same, in: folder) }.contains("has 4 sequences, all alike; training needs"))
    }
  }
}
