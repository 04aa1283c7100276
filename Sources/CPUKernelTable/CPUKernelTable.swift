/// The arithmetic of the CPU device, as one table of functions for each instruction set.
///
/// The functions work on plain pointers, on one thread, and allocate nothing: `CPUDevice` splits an
/// operation into tasks, finds the memory and calls these. They take no generics and no closures, so that
/// nothing compiled for a newer processor can be shared by name with code for an older one.
package struct CPUKernelTable: Sendable {
  /// Columns of a packed panel of matrix B.
  package static let panelWidth = 32
  /// Floats of the widest vector: scratch rows are padded to it.
  package static let vectorWidth = 16

  /// `baseline`, `x86-64-v3`, `x86-64-v4`
  package let name: String
  package let packPanel: @Sendable (PanelSource, UnsafeMutablePointer<Float>) -> Void
  package let multiplyPanel: @Sendable (PanelProduct) -> Void
  package let columnSums: @Sendable (ColumnSums) -> Void
  package let layerNorm: @Sendable (LayerNormRows) -> Void
  package let layerNormBackward: @Sendable (LayerNormBackwardRows) -> Void
  package let layerNormWeightGradient: @Sendable (LayerNormWeightRows) -> Void
  /// Brings rows into the cache; what it returns means nothing.
  package let touch: @Sendable (RowSpan) -> Float
  package let attention: @Sendable (AttentionHead) -> Void
  package let attentionBackward: @Sendable (AttentionHeadBackward) -> Void
  package let crossEntropy: @Sendable (CrossEntropyRow) -> Void
  package let adam: @Sendable (AdamSpan) -> Void
  package let add: @Sendable (AddSpan) -> Void
  package let rotary: @Sendable (RotaryRow) -> Void
  package let squaredSum: @Sendable (UnsafePointer<Float>, Int) -> Float
  /// What the processor gives at best: chains of multiply-adds in registers, for a number of rounds.
  package let multiplyAdds: @Sendable (Int, Float) -> Float
  package let multiplyAddsPerRound: Int
  package let triad: @Sendable (TriadSpan) -> Void

  package init(
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
