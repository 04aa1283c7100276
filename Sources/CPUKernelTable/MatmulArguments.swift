/// `columns` ≤ panelWidth columns of a matrix B [depth, ·], to be packed as [depth, panelWidth], zero-padded.
/// Element (k, n) is `source[k·depthStride + n·columnStride]`; one of the strides is 1.
public struct PanelSource {
  public var source: UnsafePointer<Float>
  public var depth: Int
  public var columns: Int
  public var depthStride: Int
  public var columnStride: Int

  public init(
    source: UnsafePointer<Float>, depth: Int, columns: Int, depthStride: Int, columnStride: Int
  ) {
    self.source = source
    self.depth = depth
    self.columns = columns
    self.depthStride = depthStride
    self.columnStride = columnStride
  }
}

/// Rows times one panel of columns, and what follows: with `s = Σ_k A[m, k]·panel[k, n]` the output is (s + bias) + residual, or
/// GELU(s + bias), or s·GELU′(geluInput): there is at most one of a residual, a GELU and a GELU′. Every pointer below points at
/// the panel's first row and column.
public struct PanelProduct {
  /// A: element (m, k) is `a[m·aRowStride + k·aDepthStride]`.
  public var a: UnsafePointer<Float>
  public var aRowStride: Int
  public var aDepthStride: Int
  /// [depth, panelWidth]
  public var panel: UnsafePointer<Float>
  public var rows: Int
  public var depth: Int
  /// Columns of the panel that exist.
  public var columns: Int
  public var output: UnsafeMutablePointer<Float>
  public var outputStride: Int
  /// [columns]
  public var bias: UnsafePointer<Float>
  /// May be the output.
  public var residual: UnsafePointer<Float>
  public var residualStride = 0
  public var appliesGELU = false
  /// Receives s + bias, the GELU's argument.
  public var preActivation: UnsafeMutablePointer<Float>?
  public var preActivationStride = 0
  /// The output is multiplied by GELU′ of this.
  public var geluInput: UnsafePointer<Float>?
  public var geluInputStride = 0

  /// Made for every tile of every product: a call would cost 1.5 % of a training step.
  ///
  /// - Parameter nothing: [panelWidth] of −0, which change no bit they are added to: bias and residual until there are others.
  @inlinable
  public init(
    a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int, panel: UnsafePointer<Float>, rows: Int,
    depth: Int, columns: Int, output: UnsafeMutablePointer<Float>, outputStride: Int,
    nothing: UnsafePointer<Float>
  ) {
    self.a = a
    self.aRowStride = aRowStride
    self.aDepthStride = aDepthStride
    self.panel = panel
    self.rows = rows
    self.depth = depth
    self.columns = columns
    self.output = output
    self.outputStride = outputStride
    bias = nothing
    residual = nothing
  }
}

/// `output[c] = scale·Σ_r input[r, c]`, rows in order.
public struct ColumnSums {
  public var input: UnsafePointer<Float>
  public var inputStride: Int
  public var rows: Int
  public var columns: Int
  public var scale: Float
  public var output: UnsafeMutablePointer<Float>

  public init(
    input: UnsafePointer<Float>, inputStride: Int, rows: Int, columns: Int, scale: Float = 1,
    output: UnsafeMutablePointer<Float>
  ) {
    self.input = input
    self.inputStride = inputStride
    self.rows = rows
    self.columns = columns
    self.scale = scale
    self.output = output
  }
}
