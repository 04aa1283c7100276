import Testing

@testable import Study

@Suite("The progress line")
struct ProgressLineTests {
  private let line = ProgressLine(
    title: "sort_descending, seed 4294967295, Table 6", step: 12_500, total: 100_000, loss: 12.3456,
    stepsPerSecond: 1234.5)

  @Test("fits every width and shows the step as long as possible")
  func fits() {
    var inStudy = line
    inStudy.study = .init(place: "runs 993-1000 of 1000", share: 0.99, secondsLeft: 1e6)
    for line in [
      line, inStudy,
      ProgressLine(title: "sort, seed 42", step: 1, total: 15_000, loss: 4, stepsPerSecond: 17),
    ] {
      for columns in 0...220 {
        let text = line.fitted(to: columns)
        #expect(text.count <= columns)
        #expect(text.contains(line.title) || !text.contains("█"))
        if columns >= 30 { #expect(text.contains("step \(line.step)/")) }
      }
    }
  }

  @Test("shows everything on a wide terminal, and a bar at 80 columns")
  func full() {
    let short = ProgressLine(title: "sort, seed 42", step: 750, total: 1500, loss: 0.5, stepsPerSecond: 10)
    #expect(
      short.fitted(to: 120) == "sort, seed 42  "
        + String(repeating: "█", count: 12) + String(repeating: "░", count: 12)
        + "  step 750/1500  loss 0.5000  10.0 steps/s  at most 1:15 left")
    #expect(short.fitted(to: 79).contains("█") && short.fitted(to: 79).hasSuffix("at most 1:15 left"))
    #expect(short.text == "step 750/1500  loss 0.5000  10.0 steps/s  at most 1:15 left")
  }

  @Test("in a study of several runs shows its place, its share and the time left for all of it")
  func study() {
    var line = ProgressLine(title: "sort, seed 42", step: 750, total: 1500, loss: 0.5, stepsPerSecond: 10)
    line.study = .init(place: "run 3 of 20", share: 0.25, secondsLeft: 7325)
    #expect(
      line.fitted(to: 120) == "run 3 of 20  sort, seed 42  "
        + String(repeating: "█", count: 6) + String(repeating: "░", count: 18)
        + "  step 750/1500  loss 0.5000  10.0 steps/s  about 2:02:05 left")
    #expect(line.fitted(to: 50) == "run 3 of 20  step 750/1500  about 2:02:05 left")
    line.study?.secondsLeft = nil
    #expect(line.fitted(to: 120).hasSuffix("training at most 1:15 left"))
    line.study?.trainingSecondsLeft = 7325
    #expect(line.fitted(to: 120).hasSuffix("10.0 steps/s  all training at most 2:02:05"))
  }

  @Test("a phase without steps has a line that fits, too")
  func phase() {
    let study = ProgressLine.Study(place: "run 3 of 20", share: 0.5, secondsLeft: 75)
    for columns in 0...120 {
      #expect(study.line("sort, seed 42: faithfulness", fittedTo: columns).count <= columns)
    }
    #expect(
      study.line("sort, seed 42: pruning", fittedTo: 79) == "run 3 of 20  "
        + String(repeating: "█", count: 12) + String(repeating: "░", count: 12)
        + "  sort, seed 42: pruning  about 1:15 left")
  }

  @Test("handles a speed of zero and a training of no steps")
  func empty() {
    let none = ProgressLine(title: "t", step: 0, total: 0, loss: .nan, stepsPerSecond: 0)
    #expect(none.fitted(to: 100).contains("at most 0:00 left"))
  }
}
