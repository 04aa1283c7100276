import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("Losses during training")
struct LossFigureTests {
  @Test("a long log is thinned to means of steps in a row; what is not finite is left out")
  func thinned() {
    let steps = (1...1000).map { TrainingLog.Step(step: $0, loss: $0 == 500 ? .infinity : Double($0)) }
    let curve = LossCurve(HandMade.run(seed: 1), steps: steps)
    #expect(curve.points.count <= 60 && curve.points.count > 50)
    #expect(curve.points.allSatisfy { abs($0.x - $0.y) < 1e-9 })
    // 999 steps in parts of 17.
    #expect(curve.points[0] == .init(x: 9, y: 9))
    #expect(LossCurve(HandMade.run(seed: 1), steps: []).points.isEmpty)
  }

  @Test("are read from the folder of the study; a run without a log is left out")
  func read() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let runs = (1...3).map { HandMade.run(seed: $0, converged: $0 == 1) }
      for seed in [1, 3] {
        let log = folder.trainingLog(task: "sort", seed: seed)
        try StudyFolder.create(log.deletingLastPathComponent())
        try Data("step,loss,accuracy\n1,4.5,\n2,\(seed),0.5\n".utf8).write(to: log)
      }
      try StudyFolder.create(folder.run(task: "sort", seed: 2))
      try Data("what?\n".utf8).write(to: folder.trainingLog(task: "sort", seed: 2))
      let curves = LossCurve.read(runs, in: folder)
      #expect(curves.map(\.seed) == [1, 3] && curves.map(\.hasConverged) == [true, false])
      #expect(curves[1].points == [.init(x: 1, y: 4.5), .init(x: 2, y: 3)])
      let page = try StudyReport(Summary(runs), runs: runs, losses: curves).page.html()
      #expect(page.contains("id=\"figure-loss\"") && page.contains("seed 3: loss 3.0000"))
      #expect(try !StudyReport(Summary(runs), runs: runs).page.html().contains("figure-loss"))
    }
  }
}
