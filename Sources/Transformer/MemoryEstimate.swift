import Compute
import HalfPrecision

/// Counts the buffers that code would allocate on a device, without allocating them.
package final class MemoryEstimate: BufferMaking {
  /// The bytes of all buffers together. Double, because absurd sizes from the command line would overflow
  /// Int.
  package private(set) var bytes = 0.0
  /// The bytes of the largest buffer.
  package private(set) var largestBuffer = 0.0
  /// The bytes in the host's memory beside the device's buffers.
  package private(set) var hostBytes = 0.0

  package init() {}

  /// One row of a forward that keeps nothing, without logits.
  convenience init(rowOf configuration: ModelConfiguration) {
    self.init()
    // Counting cannot fail.
    _ = try? Activations(configuration, BatchCapacity(rows: 1), on: self)
  }

  /// Counts what is needed at one time of several.
  package func add(largestOf parts: [MemoryEstimate]) {
    bytes += parts.map(\.bytes).max() ?? 0
    largestBuffer = max(largestBuffer, parts.map(\.largestBuffer).max() ?? 0)
    hostBytes += parts.map(\.hostBytes).max() ?? 0
  }

  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    let size = Double(count) * Double(elementType.byteCount)
    bytes += size
    largestBuffer = max(largestBuffer, size)
    return CountedBuffer(count: count, elementType: elementType)
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer {
    try makeBuffer(count: values.count, .float32)
  }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer {
    try makeBuffer(count: values.count, .int32)
  }
}

/// A buffer without memory.
private final class CountedBuffer: Buffer {
  let count: Int
  let elementType: ElementType

  init(count: Int, elementType: ElementType) {
    self.count = count
    self.elementType = elementType
  }
}

extension MemoryEstimate {
  /// Counts the parameters of models, as often as they are stored, and what the optimiser needs beside its moments.
  ///
  /// - Parameters:
  ///   - copies: 4 in training: parameters, gradients and Adam's two moments.
  ///   - optimiser: nil if there is none.
  ///   - largestAllocation: the bytes that one buffer may have, if the device sets a limit.
  package func addParameters(
    _ configuration: ModelConfiguration, models: Int, copies: Int, optimiser: OptimiserSettings? = nil,
    largestAllocation: Int?
  ) throws {
    let limit = ParameterStore.limit(largestAllocation: largestAllocation)
    let store = try ParameterStore(ParameterLayout(configuration), models: models, limit: limit, on: self)
    for _ in 1..<max(copies, 1) { _ = try store.emptyCopy(on: self) }
    if let optimiser { _ = try OptimiserAdditions(optimiser, store, on: self) }
  }

  /// Counts the activations of a forward that is followed by a backward, and those of the backward.
  ///
  /// - Parameters:
  ///   - rows: the number of rows of the largest batch.
  ///   - outputRows: those of them that have logits; nil for all, which is always enough.
  ///   - recomputes: whether the forward keeps only the inputs of blocks.
  ///   - format: that in which everything is kept, if it is not single precision; then nothing is recomputed.
  package func addPasses(
    _ configuration: ModelConfiguration, rows: Int, outputRows: Int? = nil, recomputes: Bool = false,
    format: HalfFormat? = nil
  ) throws {
    let capacity = BatchCapacity(
      rows: rows, outputRows: outputRows ?? rows,
      storage: recomputes && format == nil ? .inputs : .everything,
      keyRows: rows, sharesInputs: true, format: format)
    try addPasses(configuration, capacity)
  }

  private func addPasses(_ configuration: ModelConfiguration, _ capacity: BatchCapacity) throws {
    _ = try Activations(configuration, capacity, on: self)
    _ = try Gradients(configuration, capacity, on: self)
  }

  /// Counts what a training has in the host's memory: the parameters of models that end at the same step, a tensor that
  /// is being written to a file, as numbers and as bytes, and the pieces in which snapshots go to and from the disk.
  package func addHost(_ configuration: ModelConfiguration, models: Int) {
    let layout = ParameterLayout(configuration)
    let largest = layout.tensors.map(\.count).max() ?? 0
    let elements =
      Double(models) * Double(layout.count) + 2 * Double(largest) + 4 * Double(ParameterStore.pieceSize)
    hostBytes += elements * Double(ElementType.float32.byteCount)
  }

  /// Counts a model that is read from files: its parameters, the memory in which one matrix is widened if they are kept in
  /// half precision, and the tensor that is being read, in the host's memory; a device whose buffers are there takes none for it.
  package func addModel(
    _ source: CheckpointSource, weights: WeightPrecision, largestAllocation: Int?
  ) throws {
    let layout = ParameterLayout(source.configuration)
    let halves = weights == .keep ? source.halves : [:]
    _ = try ParameterStore(
      layout, models: 1, limit: ParameterStore.limit(largestAllocation: largestAllocation), halves: halves,
      on: self)
    let widened = layout.tensors.lazy.filter { halves[$0.offset] != nil }.map(\.count).max()
    if let widened { _ = try makeBuffer(count: widened, .float32) }
    hostBytes += source.readingBytes(halves: halves)
  }

  /// Counts a forward over rows with targets that is followed by backwards for gradient scores.
  ///
  /// - Parameters:
  ///   - rows: the number of rows of the largest batch.
  ///   - outputRows: those of them that have logits.
  package func addScorePasses(
    _ configuration: ModelConfiguration, rows: Int, outputRows: Int
  ) throws {
    let layout = ParameterLayout(configuration)
    _ = try ParameterStore(layout, models: 1, tensors: layout.scoredTensors, on: self)
    try addInputPasses(configuration, rows: rows, outputRows: outputRows)
  }

  /// Counts a forward over rows with targets that is followed by backwards without gradients of weights.
  package func addInputPasses(_ configuration: ModelConfiguration, rows: Int, outputRows: Int) throws {
    try addPasses(
      configuration, BatchCapacity(rows: rows, outputRows: outputRows, storage: .everything))
  }

  /// Counts numbers in double precision in the host's memory.
  package func addHost(doubles count: Int) { hostBytes += 8 * Double(count) }

  /// Counts a forward that keeps nothing.
  ///
  /// - Parameter outputRows: the rows that have logits.
  package func addForward(_ configuration: ModelConfiguration, rows: Int, outputRows: Int = 0) throws {
    _ = try Activations(configuration, BatchCapacity(rows: rows, outputRows: outputRows), on: self)
  }

  /// Counts what forked forwards take beside buffers that do not have room for their keys, if these are copied, or for their logits.
  ///
  /// - Parameter outputRows: the rows with logits of the largest sample, which a pass has if it has no others; nil for as many as there are rows.
  package func addForkedForward(
    _ configuration: ModelConfiguration, rowLimit: Int, outputRows: Int? = nil
  ) throws {
    let keys = PassPlan.keysPerRow.saturatingProduct(with: rowLimit)
    let limit = PassPlan(configuration, .live, rowLimit: rowLimit).outputLimit
    let outputs = outputRows.map { min(rowLimit, max($0, limit)) } ?? rowLimit
    _ = try Activations(
      configuration, BatchCapacity(rows: rowLimit, outputRows: outputs, keyRows: keys), on: self)
  }

  /// Counts the widest pass of forked forwards over several sets of samples.
  package func addForkedForward(
    _ configuration: ModelConfiguration, _ samples: [ForkedForward.Samples], _ interventions: [Intervention],
    rowLimit: Int
  ) throws {
    let plan = PassPlan(configuration, .live, rowLimit: rowLimit)
    let capacity = samples.reduce(BatchCapacity()) { $0.union(plan.capacity(interventions, $1)) }
    if samples.contains(where: \.measuresDivergence) {
      // The logits of two runs, and probabilities in double precision.
      addHost(doubles: 2 * CleanPrediction.elementsAtOnce(configuration.vocabulary))
    }
    _ = try Activations(configuration, capacity, on: self)
  }
}
