import Compute

/// An ensemble of decoders of one shape on one device: their parameters, and the forward and backward passes
/// over batches. One model is an ensemble of one.
package final class Transformer {
  package let configuration: ModelConfiguration
  package let layout: ParameterLayout
  package let device: any Device
  package let modelCount: Int
  /// float32 [models, layout.count]
  package let parameters: any Buffer
  /// float32 [models, layout.count]; made by the first backward.
  package internal(set) var gradients: (any Buffer)?
  /// Losses kept on the device: step after step without waiting for one.
  package static let lossSlots = 64
  /// [models, lossSlots]: each model's mean loss in its last batches.
  let loss: any Buffer
  /// Where the next batch's loss goes.
  package var lossSlot = 0
  var activations: Activations?
  var gradientActivations: Gradients?
  /// Forwards so far: which of them the activations belong to.
  private(set) var forwardCount = 0
  /// Where positions are rotary; made by the first forward.
  var rotaryTable: RotaryTable?

  /// - Parameter parameters: each model's flat parameters, as `ParameterLayout` lays them out.
  /// - Throws: `ModelError.configuration`, or what the device throws.
  package init(_ configuration: ModelConfiguration, parameters: [[Float]], on device: any Device) throws {
    try configuration.validate()
    self.configuration = configuration
    self.device = device
    layout = ParameterLayout(configuration)
    modelCount = parameters.count
    let (count, overflow) = layout.count.multipliedReportingOverflow(by: parameters.count)
    guard !overflow, parameters.allSatisfy({ [layout] in $0.count == layout.count }) else {
      throw ModelError.configuration("the parameters don't fit the configuration")
    }
    self.parameters = try device.makeBuffer(count: count)
    for (model, values) in parameters.enumerated() {
      try device.write(values, to: self.parameters, at: model * layout.count)
    }
    loss = try device.makeBuffer(count: modelCount * Self.lossSlots)
  }

  /// Models `kept` of `whole`, in this order, their parameters copied within the device.
  private init(_ kept: [Int], of whole: Transformer) throws {
    configuration = whole.configuration
    device = whole.device
    layout = whole.layout
    modelCount = kept.count
    parameters = try whole.device.copy(kept, whole.layout.count, of: whole.parameters)
    loss = try whole.device.makeBuffer(count: kept.count * Self.lossSlots)
  }

  /// An ensemble of some of these models, in the order asked for: they train on as they would have here. Losses not
  /// yet read are left behind.
  ///
  /// - Throws: what the device throws, also for a model that is not there.
  package func keeping(_ models: [Int]) throws -> Transformer { try Transformer(models, of: self) }

  /// One model's flat parameters.
  package func parameters(ofModel model: Int) throws -> [Float] {
    try device.read(parameters, model * layout.count..<(model + 1) * layout.count)
  }

  /// One tensor of a model, row by row.
  package func values(of tensor: ParameterLayout.Tensor, ofModel model: Int = 0) throws -> [Double] {
    let first = model * layout.count + tensor.offset
    return try device.readDoubles(parameters, first..<first + tensor.count)
  }

  /// One model's flat gradients of the last backward.
  package func gradients(ofModel model: Int) throws -> [Float] {
    guard let gradients else { return [Float](repeating: 0, count: layout.count) }
    return try device.read(gradients, model * layout.count..<(model + 1) * layout.count)
  }

  /// [slots]: one model's mean losses over target rows, by slot.
  package func readLosses(ofModel model: Int = 0, slots: Range<Int>) throws -> [Float] {
    let first = model * Self.lossSlots
    return try device.read(loss, first + slots.lowerBound..<first + slots.upperBound)
  }

  /// [models, slots]: every model's mean losses over target rows, by slot.
  package func readAllLosses(slots: Range<Int>) throws -> [[Float]] {
    let all = try device.read(loss, 0..<modelCount * Self.lossSlots)
    return (0..<modelCount).map { model in
      let first = model * Self.lossSlots
      return Array(all[first + slots.lowerBound..<first + slots.upperBound])
    }
  }

  /// [output rows]: whether each was predicted right in the last batch.
  package func readCorrect(_ batch: Batch) throws -> [Bool] {
    guard let activations else { return [] }
    return try device.read(activations.rowCorrect.buffer, 0..<batch.outputRows.extent).map { $0 != 0 }
  }

  /// [output rows, vocabulary] of the last batch.
  package func readLogits(_ batch: Batch) throws -> [Float] {
    guard let activations else { return [] }
    return try device.read(
      activations.logits.buffer, 0..<batch.outputRows.extent * configuration.vocabulary)
  }

  /// Where the next batch's losses go.
  var lossParameter: Parameter {
    Parameter(loss, rows: 1, columns: 1, offset: lossSlot, modelStride: Self.lossSlots)
  }

  /// A tensor of every model.
  func parameter(_ tensor: ParameterLayout.Tensor) -> Parameter {
    view(tensor, of: parameters)
  }

  func view(_ tensor: ParameterLayout.Tensor, of buffer: any Buffer) -> Parameter {
    Parameter(
      buffer, rows: tensor.rows, columns: tensor.columns, offset: tensor.offset, modelStride: layout.count)
  }

  /// Rows that a batch may have without larger buffers than there are.
  package var rowCapacity: Int { activations?.rowCapacity ?? 0 }

  /// Buffers for at least `rows` rows, for a new forward.
  func activations(rows: Int, keepsBlocks: Bool, sharesRows: Bool = false) throws -> Activations {
    forwardCount += 1
    if let activations, activations.rowCapacity >= rows, activations.keepsBlocks || !keepsBlocks,
      activations.shared != nil || !sharesRows
    {
      return activations
    }
    let capacity = max(rows, activations?.rowCapacity ?? 0)
    let keeps = keepsBlocks || activations?.keepsBlocks == true
    let shares = sharesRows || activations?.shared != nil
    activations = nil
    let made = try Activations(
      configuration, rows: capacity, keepsBlocks: keeps, sharesRows: shares, on: device)
    activations = made
    return made
  }

  func gradientActivations(rows: Int, sharesRows: Bool) throws -> Gradients {
    if let gradientActivations, gradientActivations.rowCapacity >= rows,
      gradientActivations.shared != nil || !sharesRows
    {
      return gradientActivations
    }
    let capacity = max(rows, gradientActivations?.rowCapacity ?? 0)
    let shares = sharesRows || gradientActivations?.shared != nil
    gradientActivations = nil
    let made = try Gradients(configuration, rows: capacity, sharesRows: shares, on: device)
    gradientActivations = made
    return made
  }

  /// float32 [models, layout.count]
  func gradientBuffer() throws -> any Buffer {
    if let gradients { return gradients }
    let made = try device.makeBuffer(count: parameters.count)
    gradients = made
    return made
  }
}

extension Device {
  /// A buffer of some models' spans of `count` elements, copied within the device.
  func copy(_ models: [Int], _ count: Int, of buffer: any Buffer) throws -> any Buffer {
    let made = try makeBuffer(count: models.count * count)
    for (place, model) in models.enumerated() {
      try copy(from: buffer, model * count..<(model + 1) * count, to: made, at: place * count)
    }
    return made
  }
}
