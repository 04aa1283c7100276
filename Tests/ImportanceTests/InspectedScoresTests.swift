import Tasks
import Testing

@testable import Importance

@Suite("What inspect says of a batch") struct InspectedScoresTests {
  @Test("counts targets and sequences that are predicted, and leaves out what has no target")
  func counts() {
    // [4, 2, 3]: a tie counts for the lower index, and a logit that is no number is nobody's largest.
    let logits: [Float] = [
      0, 2, 1, 3, 0, 1,  // 1 is predicted; 0 is
      1, 1, 0, 1, 1, 0,  // 0 is; 1 is not
      .nan, 1, 0, 9, 9, 9,  // 1 is not known to be; no target
      5, 0, 0, 5, 0, 0,  // no targets at all
    ]
    let targets: [[Int32]] = [[1, 0], [0, 1], [1, -100], [-100, -100]]
    let scores = InspectedScores(
      loss: 0.25, logits: logits,
      of: targets.map { TokenSequence(tokens: [Int32](repeating: 1, count: 2), targets: $0) })
    #expect((scores.right, scores.targets) == (3, 5) && (scores.exact, scores.sequences) == (1, 3))
    #expect(
      scores.description
        == "loss 0.2500, token accuracy 0.600 (3 of 5 targets), exact match 0.333 (1 of 3 sequences)")
  }

  @Test("nothing is predicted of no logits")
  func empty() {
    let scores = InspectedScores(loss: 0, logits: [], of: [])
    #expect(scores.targets == 0 && scores.description.hasSuffix("exact match 0.000 (0 of 0 sequences)"))
  }
}
