import Compute
import HalfPrecision

/// An ensemble of decoders with one shape on one device: their parameters, and the forward and backward
/// passes over batches. A single model is an ensemble of one.
package final class Transformer {
  package let configuration: ModelConfiguration
  package let layout: ParameterLayout
  package let order: ForwardOrder
  package let device: any Device
  package let modelCount: Int
  package let parameters: ParameterStore
  /// Set by the first backward.
  package internal(set) var gradients: ParameterStore?
  /// The number of losses kept on the device, so that steps need not wait until a loss is read.
  package static let lossSlots = 64
  /// [models, lossSlots]: the mean loss of each model in its last batches.
  let loss: any Buffer
  /// Whether forwards with a backward keep only the inputs of blocks, and backwards compute the rest again
  /// ("activation checkpointing"). It saves memory and costs another forward; the results have the same bits. Set it
  /// before the first forward.
  package var recomputesActivations = false
  /// The format in which forwards with a backward keep activations; nil for single precision. It saves memory, and gradients
  /// are those of rounded activations. Such forwards begin with the first block, have no hooks, and are followed by one
  /// backward. Set it before the first forward; what would be recomputed is then kept.
  package var activationFormat: HalfFormat?
  /// The buffers of the last forward.
  var activations: Activations?
  /// The buffers of forwards without a backward, and of those that keep what a backward reads. They are apart because the
  /// first may have many rows, of which next to nothing is kept.
  private var (plain, kept): (Activations?, Activations?)
  var gradientActivations: Gradients?
  /// The number of forwards so far, which identifies the forward whose activations are present.
  private(set) var forwardCount = 0
  /// Set by the first backward that needs them.
  private var (tied, ignored): ((any Buffer)?, (any Buffer)?)
  /// Set by the first forward of a model with rotary positions.
  var rotaryTable: RotaryTable?

  /// - Parameters:
  ///   - parameters: the flat parameters of each model, in the order of `ParameterLayout`.
  ///   - groupLimit: the number of elements in one buffer of parameters, if fewer are wanted than the device
  ///     allows.
  /// - Throws: `ModelError.configuration`, or what the device throws.
  package convenience init(
    _ configuration: ModelConfiguration, parameters: [[Float]], on device: any Device,
    groupLimit: Int? = nil
  ) throws {
    try self.init(configuration, models: parameters.count, on: device, groupLimit: groupLimit)
    for (model, values) in parameters.enumerated() {
      try self.parameters.write(values, toModel: model, on: device)
    }
  }

  /// Models whose parameters are all zero, to be written one after the other with `write(_:toModel:)`; with matrices in half
  /// precision, tensor by tensor into `parameters`.
  ///
  /// - Parameter halves: the matrices to be kept in half precision, by their offsets in the layout.
  /// - Throws: `ModelError.configuration`, or what the device throws.
  package init(
    _ configuration: ModelConfiguration, models: Int, on device: any Device, groupLimit: Int? = nil,
    halves: [Int: HalfFormat] = [:]
  ) throws {
    try configuration.validate()
    guard halves.isEmpty || models == 1 else {
      throw ModelError.configuration("only a single model can be kept in half precision")
    }
    self.configuration = configuration
    let device: any Device = halves.isEmpty ? device : WideningDevice(device)
    self.device = device
    layout = ParameterLayout(configuration)
    order = ForwardOrder(configuration.blocks)
    modelCount = models
    parameters = try ParameterStore(
      layout, models: modelCount,
      limit: groupLimit ?? ParameterStore.limit(largestAllocation: device.description.largestAllocation),
      halves: halves, on: device)
    loss = try device.makeBuffer(count: modelCount * Self.lossSlots)
  }

  /// The models `kept` of `whole`, in this order. Their parameters are copied within the device.
  private init(_ kept: [Int], of whole: Transformer) throws {
    configuration = whole.configuration
    device = whole.device
    layout = whole.layout
    order = whole.order
    modelCount = kept.count
    parameters = try whole.parameters.keeping(kept, on: whole.device)
    loss = try whole.device.makeBuffer(count: kept.count * Self.lossSlots)
    recomputesActivations = whole.recomputesActivations
    activationFormat = whole.activationFormat
  }

  /// An ensemble of some of these models, in the given order. They continue to train exactly as they would
  /// have here. Losses that were not read are lost.
  ///
  /// - Throws: what the device throws; also for a model that does not exist.
  package func keeping(_ models: [Int]) throws -> Transformer { try Transformer(models, of: self) }

  /// Replaces the flat parameters of one model.
  ///
  /// - Throws: `ModelError.configuration` for another number of them; what the device throws.
  package func write(_ values: [Float], toModel model: Int) throws {
    try parameters.write(values, toModel: model, on: device)
  }

  /// The flat parameters of one model.
  package func parameters(ofModel model: Int) throws -> [Float] {
    try parameters.read(ofModel: model, on: device)
  }

  /// One tensor of a model, row by row.
  package func values(of tensor: ParameterLayout.Tensor, ofModel model: Int = 0) throws -> [Double] {
    try parameters.readDoubles(tensor.range, ofModel: model, on: device)
  }

  /// The flat gradients of one model from the last backward.
  ///
  /// - Throws: `ModelError.batch` before the first backward that computed them all.
  package func gradients(ofModel model: Int) throws -> [Float] {
    try allGradients().read(ofModel: model, on: device)
  }

  /// The gradients of all parameters.
  ///
  /// - Throws: `ModelError.batch` before the first backward that computed them all.
  func allGradients() throws -> ParameterStore {
    let gradients = try lastGradients()
    guard gradients.isWhole else {
      throw ModelError.batch("only the gradients that scores read were computed")
    }
    return gradients
  }

  /// The gradients of the last backward; perhaps only those that scores read.
  ///
  /// - Throws: `ModelError.batch` before the first backward.
  package func lastGradients() throws -> ParameterStore {
    guard let gradients else { throw ModelError.batch("no backward has run, so there are no gradients") }
    return gradients
  }

  /// The activations of the last forward.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  func lastActivations() throws -> Activations {
    guard let activations else { throw ModelError.batch("no forward has run, so there is nothing to read") }
    return activations
  }

  /// [slots]: the mean losses of one model over target rows.
  package func readLosses(ofModel model: Int = 0, slots: Range<Int>) throws -> [Float] {
    let first = model * Self.lossSlots
    return try device.read(loss, first + slots.lowerBound..<first + slots.upperBound)
  }

  /// [models, slots]: the mean losses of every model over target rows.
  package func readAllLosses(slots: Range<Int>) throws -> [[Float]] {
    let all = try device.read(loss, 0..<modelCount * Self.lossSlots)
    return (0..<modelCount).map { model in
      let first = model * Self.lossSlots
      return Array(all[first + slots.lowerBound..<first + slots.upperBound])
    }
  }

  /// [output rows]: whether each was predicted correctly in the last batch.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readCorrect(_ batch: Batch) throws -> [Bool] {
    try device.read(lastActivations().rowCorrect.buffer, 0..<batch.outputRows.extent).map { $0 != 0 }
  }

  /// [output rows, vocabulary] of the last batch.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readLogits(_ batch: Batch) throws -> [Float] {
    try device.read(
      lastActivations().logits.buffer, 0..<batch.outputRows.extent * configuration.vocabulary)
  }

  /// One slot of every model's losses.
  ///
  /// - Throws: `ModelError.batch` for a slot that does not exist.
  func losses(inSlot slot: Int) throws -> Parameter {
    guard (0..<Self.lossSlots).contains(slot) else {
      throw ModelError.batch("loss slot \(slot) does not exist; there are \(Self.lossSlots)")
    }
    return Parameter(loss, rows: 1, columns: 1, offset: slot, modelStride: Self.lossSlots)
  }

  /// One tensor of every model.
  func parameter(_ tensor: ParameterLayout.Tensor) -> Parameter { parameters.parameter(tensor) }

  /// The number of rows that a batch may have without new, larger buffers.
  package var rowCapacity: Int { max(plain?.capacity.rows ?? 0, kept?.capacity.rows ?? 0) }

  /// The buffers for a new forward, allocated if necessary.
  func activations(_ wanted: BatchCapacity) throws -> Activations {
    forwardCount += 1
    var wanted = wanted
    if !configuration.copiesSharedKeys { wanted.keyRows = 0 }
    if let found = [activations, kept, plain].lazy.compactMap(\.self).first(where: {
      $0.capacity.covers(wanted)
    }) {
      activations = found
      return found
    }
    let isPlain = wanted.storage == .nothing
    let capacity = (isPlain ? plain : kept)?.capacity.union(wanted) ?? wanted
    // What is to be replaced is given back first. Nothing here may hold it.
    activations = nil
    if isPlain { plain = nil } else { kept = nil }
    let made = try Activations(configuration, capacity, on: device)
    if isPlain { plain = made } else { kept = made }
    activations = made
    return made
  }

  /// The buffers for backwards over this batch, allocated if necessary.
  func gradientActivations(for batch: Batch) throws -> Gradients {
    let wanted = batch.capacity(.nothing)
    if let gradientActivations, gradientActivations.capacity.covers(wanted) { return gradientActivations }
    let capacity = gradientActivations?.capacity.union(wanted) ?? wanted
    gradientActivations = nil
    let made = try Gradients(configuration, capacity, on: device)
    gradientActivations = made
    return made
  }

  /// [vocabulary, d_model]: the part of a tied embedding's gradient that comes from below.
  func tiedGradient() throws -> Parameter {
    let (rows, columns) = (layout.embedding.rows, layout.embedding.columns)
    let buffer = try tied ?? device.makeBuffer(count: modelCount.saturatingProduct(with: rows * columns))
    tied = buffer
    return Parameter(buffer, rows: rows, columns: columns, modelStride: rows * columns)
  }

  /// [width]: where the gradient of a shift goes that a norm does not have.
  func ignoredGradient(width: Int) throws -> Parameter {
    let stride = max(configuration.dModel, configuration.dHead)
    let buffer = try ignored ?? device.makeBuffer(count: modelCount * stride)
    ignored = buffer
    return Parameter(buffer, rows: 1, columns: width, modelStride: stride)
  }

  /// A store of zeros with the same groups as the parameters.
  func makeStore() throws -> ParameterStore { try parameters.emptyCopy(on: device) }

  /// The store that a backward writes to: as long as no more was requested, it has only the tensors that scores read.
  func gradientStore(for request: GradientRequest) throws -> ParameterStore {
    // Every store that is kept has at least what scores read.
    if let gradients, request != .all || gradients.isWhole { return gradients }
    gradients = nil
    switch request {
    case .none: return try ParameterStore(layout, models: modelCount, tensors: [], on: device)
    case .all: gradients = try makeStore()
    case .scores:
      gradients = try ParameterStore(
        layout, models: modelCount, tensors: layout.scoredTensors, on: device)
    }
    return try lastGradients()
  }

  /// Gives back the memory of all passes. The next pass allocates what it needs.
  package func releaseBuffers() {
    (gradients, gradientActivations, tied) = (nil, nil, nil)
    (activations, kept, plain) = (nil, nil, nil)
  }
}
