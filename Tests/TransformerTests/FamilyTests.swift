import Compute
import Foundation
import HalfPrecision
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// A small random model of every family, with what PyTorch computes with it (`Tests/Oracle/families.py`). The library of
/// Hugging Face computes norms, probabilities and frequencies in single precision even if a model is in double precision.
@Suite("Models of other families agree with PyTorch") struct FamilyTests {
  @Test("in logits, loss and every gradient", arguments: Fixtures.families, Backend.allCases)
  func gradients(name: String, backend: Backend) throws {
    let (checkpoint, expected) = try family(name)
    let bound = max(backend.bound, 1e-5)
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let batch = try Batch(expected.sequences(), .all, for: model.configuration, on: model.device)
    try model.computeGradients(batch)
    let logits = try expected.floats(named: "logits")
    #expect(relativeError(try model.readLogits(batch), logits) <= bound)
    let loss = Double(try expected.floats(named: "loss")[0])
    #expect(abs(try model.preciseLoss() - loss) <= backend.lossBound * loss)
    let gradients = try model.gradients(ofModel: 0)
    let whole = norm(
      try checkpoint.tensors.flatMap { try expected.floats(named: "grad.\($0.name)", shape: $0.shape) })
    for tensor in checkpoint.tensors {
      let reference = try expected.floats(named: "grad.\(tensor.name)", shape: tensor.shape)
      let error = relativeError(
        tensor.extract(from: gradients), reference, scale: max(norm(reference), 1e-3 * whole))
      #expect(error <= bound, "\(tensor.name)")
    }
  }

  @Test(
    "in the loss under every intervention, by hooks and by a forked forward", arguments: Fixtures.families)
  func interventions(name: String) throws {
    let (checkpoint, expected) = try family(name)
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.reference.make())
    let sequences = try expected.sequences()
    let width = sequences[0].tokens.count
    let corrupted = try expected.integers(named: "corrupted").map(Int32.init)
    let samples = ForkedForward.Samples(
      sequences,
      otherRuns: [sequences.indices.map { Array(corrupted[$0 * width..<($0 + 1) * width]) }])
    let targets = sequences.reduce(0.0) { $0 + Double($1.targets.count { $0 >= 0 }) }
    let batch = try Batch(sequences, .all, for: model.configuration, on: model.device)
    let components = Component.all(of: model.configuration)
    for (method, value) in [("zero", Patch.Value.zero), ("noising", .run(1))] {
      let interventions = components.map { Intervention(patches: [Patch(.output($0), value)]) }
      let losses = try expected.floats(named: method)
      let scores = try ForkedForward(model).scores(samples, interventions)
      for (index, component) in components.enumerated() {
        let sum = scores[index].reduce(0) { $0 - $1.logProbability * Double($1.targets) }
        #expect(abs(sum / targets - Double(losses[index])) <= 1e-5, "\(component.name), \(method), forked")
        guard method == "zero" else { continue }
        try model.forward(batch, hooks: .applying([interventions[index]], to: model))
        #expect(abs(try model.preciseLoss() - Double(losses[index])) <= 1e-5, "\(component.name), by hooks")
      }
    }
  }

  @Test("whether activations are kept or computed again, with equal bits", arguments: Fixtures.families)
  func recomputed(name: String) throws {
    let (checkpoint, expected) = try family(name)
    func gradients(_ selection: RowSelection, recomputes: Bool) throws -> [Float] {
      let model = try Transformer(
        checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.cpu.make())
      model.recomputesActivations = recomputes
      try model.computeGradients(
        Batch(expected.sequences(), selection, for: model.configuration, on: model.device))
      return try model.gradients(ofModel: 0)
    }
    for selection in [RowSelection.all, .live, .distinct] {
      let again = try gradients(selection, recomputes: true)
      #expect(try again.bits == gradients(selection, recomputes: false).bits, "\(selection)")
    }
  }

  @Test("and activations in half precision change gradients by rounding alone", arguments: Fixtures.families)
  func halved(name: String) throws {
    let (checkpoint, expected) = try family(name)
    func gradients(_ format: HalfFormat?) throws -> [Float] {
      let model = try Transformer(
        checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.cpu.make())
      model.activationFormat = format
      try model.computeGradients(
        Batch(expected.sequences(), .distinct, for: model.configuration, on: model.device))
      return try model.gradients(ofModel: 0)
    }
    let exact = try gradients(nil)
    for format in HalfFormat.allCases {
      let error = relativeError(try gradients(format), exact)
      #expect(error > 0 && error <= format.unitRoundoff, "\(format)")
    }
  }

  @Test("and only rows with a target give the same gradients", arguments: Fixtures.families)
  func selections(name: String) throws {
    let (checkpoint, expected) = try family(name)
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.reference.make())
    func gradients(_ selection: RowSelection) throws -> [Float] {
      try model.computeGradients(
        Batch(expected.sequences(), selection, for: model.configuration, on: model.device))
      return try model.gradients(ofModel: 0)
    }
    let all = try gradients(.all)
    for selection in [RowSelection.live, .distinct] {
      let error = relativeError(try gradients(selection), all)
      #expect(error <= 1e-6, "\(selection)")
    }
  }

  private func family(_ name: String) throws -> (Checkpoint, SafetensorsFile) {
    (
      try Checkpoint(contentsOf: Fixtures.url("families/\(name)")),
      try Fixtures.tensors("families/\(name)/check.safetensors")
    )
  }
}
