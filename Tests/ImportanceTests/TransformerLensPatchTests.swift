import Compute
import Foundation
import Importance
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("Activation patching agrees with TransformerLens")
struct TransformerLensPatchTests {
  private struct Fixture {
    let file: SafetensorsFile
    let clean: [TokenSequence]
    let corrupted: [TokenSequence]
    /// The targets to predict, and wrong answers.
    let foils: [[Int32]]

    init() throws {
      let file = try Fixtures.tensors("small_patched.safetensors")
      let width = try file.shape(of: "clean_tokens")[1]
      func rows(_ name: String) throws -> [[Int32]] {
        let tokens = try file.integers(named: name).map(Int32.init)
        return stride(from: 0, to: tokens.count, by: width).map { Array(tokens[$0..<$0 + width]) }
      }
      let (clean, corrupted) = (try rows("clean_tokens"), try rows("corrupted_tokens"))
      let targets = clean.map { $0.map { ($0 * 5 + 3) % 31 } }
      self.file = file
      self.clean = zip(clean, targets).map { TokenSequence(tokens: $0, targets: $1) }
      self.corrupted = zip(corrupted, targets).map { TokenSequence(tokens: $0, targets: $1) }
      foils = clean.map { $0.map { ($0 * 7 + 1) % 31 } }
    }
  }

  @Test("in the logits, for every component and both directions", arguments: Backend.allCases)
  func logits(backend: Backend) throws {
    let fixture = try Fixture()
    let checkpoint = try Fixtures.small()
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let clean = try Batch(fixture.clean, .all, for: model.configuration, on: model.device)
    let corrupted = try Batch(fixture.corrupted, .all, for: model.configuration, on: model.device)
    try model.forward(clean)
    #expect(relativeError(try model.readLogits(clean), try fixture.file.floats(named: "clean")) <= 1e-5)
    for (direction, run, source) in [("noising", clean, corrupted), ("denoising", corrupted, clean)] {
      for component in Component.all(of: model.configuration) {
        let intervention = Intervention(patches: [Patch(.output(component), .run(1))])
        try model.forward(run, hooks: try model.plainHooks(intervention, [run, source]))
        let expected = try fixture.file.floats(named: "\(direction).\(component.name)")
        #expect(
          relativeError(try model.readLogits(run), expected) <= 1e-5, "\(direction) \(component.name)")
      }
    }
  }

  @Test(
    "in the scores of one forked pass over all components, for both directions", arguments: Backend.allCases)
  func forked(backend: Backend) throws {
    let fixture = try Fixture()
    let checkpoint = try Fixtures.small()
    let configuration = checkpoint.configuration
    let model = try Transformer(configuration, parameters: [checkpoint.parameters], on: backend.make())
    let components = Component.all(of: configuration)
    let interventions = [(0, 1), (1, 0)].flatMap { run, source in
      components.map { component in
        Intervention(run: run, patches: [Patch(.output(component), .run(source))])
      }
    }
    let samples = ForkedForward.Samples(
      fixture.clean, otherRuns: [fixture.corrupted.map(\.tokens)], foils: fixture.foils)
    let scores = try ForkedForward(model).scores(samples, interventions)
    let names = ["noising", "denoising"].flatMap { direction in components.map { "\(direction).\($0.name)" } }
    for (name, scores) in zip(names, scores) {
      let logits = try fixture.file.floats(named: name).map(Double.init)
      for (i, sequence) in fixture.clean.enumerated() {
        var (logProbability, difference) = (0.0, 0.0)
        for (position, (target, foil)) in zip(sequence.targets, fixture.foils[i]).enumerated() {
          let row = Array(logits[(i * 7 + position) * 31..<(i * 7 + position + 1) * 31])
          let normaliser = logarithm(row.reduce(0) { $0 + exponential($1) })
          logProbability += (row[Int(target)] - normaliser) / 7
          difference += row[Int(target)] - row[Int(foil)]
        }
        let foils = zip(sequence.targets, fixture.foils[i]).count { $0 != $1 }
        #expect(abs(scores[i].logProbability - logProbability) <= 1e-4, "\(name)")
        #expect(abs(scores[i].logitDifference - difference / Double(foils)) <= 1e-4, "\(name)")
      }
    }
  }
}
