import Testing

@testable import Study

@Suite("The progress line")
struct ProgressLineTests {
  private let line = ProgressLine(
    title: "sort_descending, seed 4294967295, Table 6", step: 12_500, total: 100_000, loss: 12.3456,
    stepsPerSecond: 1234.5)

  @Test("fits every width and shows the step as long as possible")
  func fits() {
    for line in [
      line, ProgressLine(title: "sort, seed 42", step: 1, total: 15_000, loss: 4, stepsPerSecond: 17),
    ] {
      for columns in 0...220 {
        let text = line.fitted(to: columns)
        #expect(text.count <= columns)
        #expect(text.hasPrefix(line.title) || !text.contains("█"))
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

  @Test("handles a speed of zero and a training of no steps")
  func empty() {
    let none = ProgressLine(title: "t", step: 0, total: 0, loss: .nan, stepsPerSecond: 0)
    #expect(none.fitted(to: 100).contains("at most 0:00 left"))
  }
}
