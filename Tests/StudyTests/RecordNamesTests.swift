import Importance
import Records
import Testing

@Suite("Names in records")
struct RecordNamesTests {
  @Test("are those of the scores, methods and effects that are measured")
  func names() {
    #expect(RecordNames.Score.published == GradientScore.frobenius.rawValue)
    #expect(RecordNames.Score.integratedGradients == GradientScore.integratedGradients.rawValue)
    #expect(RecordNames.Score.rootMeanSquare == GradientScore.rms.rawValue)
    #expect(
      RecordNames.Score.ofWeights == GradientScore.allCases.filter { $0.reading == .weights }.map(\.rawValue))
    #expect(RecordNames.Score.attributionPatching == GradientScore.attributionPatching.rawValue)
    #expect(RecordNames.Score.attentionFix == GradientScore.atpQKFix.rawValue)
    #expect(RecordNames.Score.gradDrop == GradientScore.gradDrop.rawValue)
    #expect(RecordNames.Score.relevancePatching == GradientScore.relevancePatching.rawValue)
    #expect(RecordNames.Method.mean == InterventionMethod.mean.rawValue)
    #expect(RecordNames.Method.published == InterventionMethod.published.rawValue)
    #expect(RecordNames.Effect.exactMatch == Effect.exactMatch.rawValue)
    #expect(RecordNames.Effect.tokenAccuracy == Effect.tokenAccuracy.rawValue)
    #expect(RecordNames.Effect.logProbability == Effect.logProbability.rawValue)
  }
}
