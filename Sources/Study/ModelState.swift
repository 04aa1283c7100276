import Compute
import Transformer

/// The part of a training's state that is on a device: the parameters of one model of an ensemble, and Adam's moments.
struct ModelState {
  /// The model's place in the ensemble.
  let model: Int
  let device: any Device
  /// What is stored, by its name in a snapshot.
  let stores: [(name: String, store: ParameterStore)]

  static let names = ["parameters", "first_moment", "second_moment"]

  init(_ transformer: Transformer, _ optimiser: AdamOptimiser, model: Int) {
    self.model = model
    device = transformer.device
    let stores = [transformer.parameters, optimiser.firstMoment, optimiser.secondMoment]
    self.stores = Array(zip(Self.names, stores))
  }
}
