extension RunRecord {
  /// What determines the result of a run in addition to task, seed, protocol and device. All runs of a study
  /// folder must agree in it.
  package struct Configuration: Codable, Sendable, Equatable {
    /// The `model_type` in the config.json of a model of others; absent for a model of this program.
    package var modelType: String?
    package var layers: Int
    package var heads: Int
    /// The heads of keys and values, each of which several heads share; absent where every head has its own.
    package var keyHeads: Int?
    /// True if a block's MLP reads what its heads read; absent if it reads what they wrote, too.
    package var parallelBlocks: Bool?
    package var dModel: Int
    package var dMLP: Int
    package var vocabulary: Int
    /// `none`, `learned` or `rotary`.
    package var positions: String
    package var batchSize: Int
    package var maxSteps: Int
    package var learningRate: Double
    /// Over how many steps the learning rate rises; absent without a warm-up.
    package var warmupSteps: Int?
    /// How the learning rate goes on: `cosine`; absent if it stays constant.
    package var schedule: String?
    /// AdamW's decay of weight matrices and embeddings; absent without decay.
    package var weightDecay: Double?
    /// The largest norm of the gradient; absent without clipping.
    package var clipNorm: Double?
    /// The precision in which activations are kept: `half` or `bfloat16`; absent if it is `float32`.
    package var activations: String?
    /// The seed of the initial parameters; absent if it is the run's.
    package var initialSeed: Int?
    /// The number of batches averaged in a gradient score.
    package var gradientBatches: Int
    /// The number of batches averaged in a component's mean output.
    package var meanBatches: Int
    /// The number of samples in an accuracy.
    package var accuracySamples: Int
    /// The number of samples in an accuracy of the pruned model.
    package var pruningSamples: Int
    /// Whether the run was shortened to show that everything works. Its numbers are not the study's.
    package var quick: Bool
    /// True if only a part of the protocol was measured; otherwise absent.
    package var reduced: Bool?

    package init(
      modelType: String? = nil, layers: Int = 4, heads: Int = 4, keyHeads: Int? = nil,
      parallelBlocks: Bool? = nil, dModel: Int = 128, dMLP: Int = 512,
      vocabulary: Int = 104, positions: String = "none", batchSize: Int = 64, maxSteps: Int = 15_000,
      learningRate: Double = 1e-3,
      warmupSteps: Int? = nil, schedule: String? = nil, weightDecay: Double? = nil, clipNorm: Double? = nil,
      activations: String? = nil, initialSeed: Int? = nil,
      gradientBatches: Int = 50, meanBatches: Int = 50, accuracySamples: Int = 100,
      pruningSamples: Int = 200, quick: Bool = false, reduced: Bool? = nil
    ) {
      self.modelType = modelType
      self.layers = layers
      self.heads = heads
      self.keyHeads = keyHeads
      self.parallelBlocks = parallelBlocks
      self.dModel = dModel
      self.dMLP = dMLP
      self.vocabulary = vocabulary
      self.positions = positions
      self.batchSize = batchSize
      self.maxSteps = maxSteps
      self.learningRate = learningRate
      self.warmupSteps = warmupSteps
      self.schedule = schedule
      self.weightDecay = weightDecay
      self.clipNorm = clipNorm
      self.activations = activations
      self.initialSeed = initialSeed
      self.gradientBatches = gradientBatches
      self.meanBatches = meanBatches
      self.accuracySamples = accuracySamples
      self.pruningSamples = pruningSamples
      self.quick = quick
      self.reduced = reduced
    }

    private enum CodingKeys: String, CodingKey {
      case modelType = "model_type"
      case layers, heads
      case keyHeads = "key_heads"
      case parallelBlocks = "parallel_blocks"
      case dModel = "d_model"
      case dMLP = "d_ff"
      case vocabulary, positions
      case batchSize = "batch_size"
      case maxSteps = "max_steps"
      case learningRate = "learning_rate"
      case warmupSteps = "warmup_steps"
      case schedule
      case weightDecay = "weight_decay"
      case clipNorm = "clip_norm"
      case activations
      case initialSeed = "initial_seed"
      case gradientBatches = "gradient_batches"
      case meanBatches = "mean_batches"
      case accuracySamples = "accuracy_samples"
      case pruningSamples = "pruning_samples"
      case quick, reduced
    }
  }
}
