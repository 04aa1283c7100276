import Digests
import Foundation
import Records
import TestSupport
import Testing

@testable import Export

@Suite("Event files of TensorBoard")
struct EventFileTests {
  @Test("CRC-32C of the vectors of RFC 3720")
  func checks() {
    #expect(crc32c(Array("123456789".utf8)) == 0xe306_9283)
    #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(crc32c([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(crc32c([UInt8](0..<32)) == 0x46dd_794e)
    #expect(crc32c([]) == 0)
  }

  @Test("the bytes are those that TensorBoard's own writer makes of the same events")
  func bytes() {
    var file = EventFile()
    file.add([("loss", 0.5)], step: 300)
    file.add([], step: 301)
    file.add([("loss", -2), ("accuracy", 1)], step: -1)
    let expected =
      """
      0f000000000000006d532b091a0d627261696e2e4576656e743a32fc9851291200000000000000241f6425\
      10ac022a0d0a0b0a046c6f7373150000003f663799252b00000000000000861bc34b10ffffffffffffffff\
      ff012a1e0a0b0a046c6f737315000000c00a0f0a086163637572616379150000803f36d78c21
      """
    #expect(file.data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
  }

  @Test("a seed's events are its log's, and mean and spread are over the seeds that reach a step")
  func curves() throws {
    try withFolder { folder in
      let study = StudyFolder(folder.appendingPathComponent("study"))
      let losses: [Int: [Double]] = [1: [4, 2, 1], 2: [2, 1]]
      for (seed, losses) in losses {
        let log = study.trainingLog(task: "sort", seed: seed)
        try FileManager.default.createDirectory(
          at: log.deletingLastPathComponent(), withIntermediateDirectories: true)
        let rows = losses.enumerated().map { "\($0 + 1),\($1),\($0 == 0 ? "0.5" : "")\n" }
        try Data(("step,loss,accuracy\n" + rows.joined()).utf8).write(to: log)
      }
      let curves = try [1, 2].map {
        try TrainingCurve(Made.run(seed: $0), log: study.trainingLog(task: "sort", seed: $0))
      }
      var expected = EventFile()
      expected.add([("loss", 3)], step: 1)
      expected.add([("loss", 1.5)], step: 2)
      expected.add([("loss", 1)], step: 3)
      expected.add([("accuracy", 0.5)], step: 1)
      for (step, seeds) in [(1, 2.0), (2, 2), (3, 1)] { expected.add([("seeds", seeds)], step: step) }
      #expect(CurveSpread(curves).mean.data == expected.data)
      var spread = EventFile()
      spread.add([("loss", 3 + 2.0.squareRoot())], step: 1)
      spread.add([("loss", 1.5 + 0.5.squareRoot())], step: 2)
      spread.add([("accuracy", 0.5)], step: 1)
      #expect(
        CurveSpread(curves).events { mean, deviation in deviation.map { mean + $0 } }.data == spread.data)

      let events = folder.appendingPathComponent("events")
      try TensorBoard(in: events).write([Made.run(seed: 1), Made.run(seed: 2)], of: study)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: events.appendingPathComponent("sort").path)
      #expect(names.sorted() == ["mean", "mean_minus_sd", "mean_plus_sd", "seed-1", "seed-2"])
    }
  }

  @Test("without a log the accuracies are the record's, and one seed has no spread")
  func records() throws {
    try withFolder { folder in
      let study = StudyFolder(folder.appendingPathComponent("study"))
      var run = Made.run(seed: 1)
      run.training?.accuracies = [.init(step: 500, accuracy: 0.25)]
      let curve = try TrainingCurve(run, log: study.trainingLog(task: "sort", seed: 1))
      #expect(!curve.hasLosses && curve.steps.map(\.step) == [500])
      try TensorBoard(in: folder.appendingPathComponent("events")).write([run], of: study, as: "layers=2")
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("events/layers=2/sort").path)
      #expect(names.sorted() == ["mean", "seed-1"])
    }
  }
}
