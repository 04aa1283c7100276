/// The arithmetic of the CPU device, as one table of functions for each instruction set.
///
/// The functions work on plain pointers, on one thread, and allocate nothing: `CPUDevice` splits an
/// operation into tasks, finds the memory and calls these. They take no generics and no closures, so that
/// nothing compiled for a newer processor can be shared by name with code for an older one.
public struct CPUKernelTable: Sendable {
  /// Columns of a packed panel of matrix B.
  public static let panelWidth = 32
  /// Floats of the widest vector: scratch rows are padded to it.
  public static let vectorWidth = 16

  /// `baseline`, `x86-64-v3`, `x86-64-v4`
  public let name: String
  public let packPanel: @Sendable (PanelSource, UnsafeMutablePointer<Float>) -> Void
  public let multiplyPanel: @Sendable (PanelProduct) -> Void
  public let columnSums: @Sendable (ColumnSums) -> Void
  public let layerNorm: @Sendable (LayerNormRows) -> Void
  public let layerNormBackward: @Sendable (LayerNormBackwardRows) -> Void
  public let layerNormWeightGradient: @Sendable (LayerNormWeightRows) -> Void
  /// Brings rows into the cache; what it returns means nothing.
  public let touch: @Sendable (RowSpan) -> Float
  public let attention: @Sendable (AttentionHead) -> Void
  public let attentionBackward: @Sendable (AttentionHeadBackward) -> Void
  public let crossEntropy: @Sendable (CrossEntropyRow) -> Void
  public let adam: @Sendable (AdamSpan) -> Void
  public let add: @Sendable (AddSpan) -> Void
  public let rotary: @Sendable (RotaryRow) -> Void
  public let squaredSum: @Sendable (UnsafePointer<Float>, Int) -> Float
  /// What the processor gives at best: chains of multiply-adds in registers, for a number of rounds.
  public let multiplyAdds: @Sendable (Int, Float) -> Float
  public let multiplyAddsPerRound: Int
  public let triad: @Sendable (TriadSpan) -> Void

  public init(
    name: String,
    packPanel: @escaping @Sendable (PanelSource, UnsafeMutablePointer<Float>) -> Void,
    multiplyPanel: @escaping @Sendable (PanelProduct) -> Void,
    columnSums: @escaping @Sendable (ColumnSums) -> Void,
    layerNorm: @escaping @Sendable (LayerNormRows) -> Void,
    layerNormBackward: @escaping @Sendable (LayerNormBackwardRows) -> Void,
    layerNormWeightGradient: @escaping @Sendable (LayerNormWeightRows) -> Void,
    touch: @escaping @Sendable (RowSpan) -> Float,
    attention: @escaping @Sendable (AttentionHead) -> Void,
    attentionBackward: @escaping @Sendable (AttentionHeadBackward) -> Void,
    crossEntropy: @escaping @Sendable (CrossEntropyRow) -> Void,
    adam: @escaping @Sendable (AdamSpan) -> Void,
    add: @escaping @Sendable (AddSpan) -> Void,
    rotary: @escaping @Sendable (RotaryRow) -> Void,
    squaredSum: @escaping @Sendable (UnsafePointer<Float>, Int) -> Float,
    multiplyAdds: @escaping @Sendable (Int, Float) -> Float, multiplyAddsPerRound: Int,
    triad: @escaping @Sendable (TriadSpan) -> Void
  ) {
    self.name = name
    self.packPanel = packPanel
    self.multiplyPanel = multiplyPanel
    self.columnSums = columnSums
    self.layerNorm = layerNorm
    self.layerNormBackward = layerNormBackward
    self.layerNormWeightGradient = layerNormWeightGradient
    self.touch = touch
    self.attention = attention
    self.attentionBackward = attentionBackward
    self.crossEntropy = crossEntropy
    self.adam = adam
    self.add = add
    self.rotary = rotary
    self.squaredSum = squaredSum
    self.multiplyAdds = multiplyAdds
    self.multiplyAddsPerRound = multiplyAddsPerRound
    self.triad = triad
  }
}
