/// Kernels of matrix products.
package protocol MatmulKernels {
  static func packPanels(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>)
  static func multiplyPanel(_ product: PanelProduct)
  /// Packs a panel, which is the product's, and multiplies by it.
  static func packAndMultiplyPanel(
    _ source: PanelSource, _ packed: UnsafeMutablePointer<Float>, _ product: PanelProduct)
  static func columnSums(_ sums: ColumnSums)
  /// Computes the mean of each column instead of its sum, which it never continues. The additions are
  /// compensated.
  static func columnMeans(_ sums: ColumnSums)
}

/// Neighbouring columns of a matrix B [depth, ·], to be packed as panels of [depth, panelWidth]. Element
/// (k, n) is `source[k·depthStride + n·columnStride]`; one of the strides is 1.
package struct PanelSource {
  package var source: UnsafePointer<Float>
  package var depth: Int
  package var columns: Int
  package var depthStride: Int
  package var columnStride: Int
  /// The distance between two packed panels: depth × panelWidth, or more if these are rows of longer panels.
  package var panelStride: Int

  package init(
    source: UnsafePointer<Float>, depth: Int, columns: Int, depthStride: Int, columnStride: Int,
    panelStride: Int? = nil
  ) {
    self.source = source
    self.depth = depth
    self.columns = columns
    self.depthStride = depthStride
    self.columnStride = columnStride
    self.panelStride = panelStride ?? depth * KernelSizes.panelWidth
  }
}

/// Rows times one panel of columns, and an epilogue: with `s = sums + Σ_k A[m, k]·panel[k, n]`, added up in the order of k, the
/// output is (s + bias) + residual, or GELU(s + bias), or s·GELU′(geluInput). A product has at most one of a residual, a
/// GELU and a GELU′. All pointers point at the panel's first row and column.
package struct PanelProduct {
  /// A: element (m, k) is `a[m·aRowStride + k·aDepthStride]`.
  package var a: UnsafePointer<Float>
  package var aRowStride: Int
  package var aDepthStride: Int
  /// [depth, panelWidth]
  package var panel: UnsafePointer<Float>
  package var rows: Int
  package var depth: Int
  /// What the sums begin with, zeros or the sums over the depth before: for all columns of the panel and for whole tiles of rows. Those
  /// beyond the product's own hold arbitrary values.
  package var sums: UnsafePointer<Float>
  package var sumsStride = 0
  /// The number of columns of the panel that exist.
  package var columns: Int
  package var output: UnsafeMutablePointer<Float>
  package var outputStride: Int
  /// [columns]
  package var bias: UnsafePointer<Float>
  /// May equal the output.
  package var residual: UnsafePointer<Float>
  package var residualStride = 0
  package var appliesGELU = false
  /// Receives s + bias, the argument of the GELU.
  package var preActivation: UnsafeMutablePointer<Float>?
  package var preActivationStride = 0
  /// If it is set, the output is multiplied by GELU′ of these elements.
  package var geluInput: UnsafePointer<Float>?
  package var geluInputStride = 0

  /// Runs for every tile of every product, so it is inlined: a call would cost 1.5 % of a training step.
  ///
  /// - Parameter neutral: used as sums, bias and residual until others are set.
  @inlinable
  @inline(__always)
  package init(
    a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int, panel: UnsafePointer<Float>, rows: Int,
    depth: Int, columns: Int, output: UnsafeMutablePointer<Float>, outputStride: Int, neutral: NeutralPanels
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
    sums = neutral.zeros
    bias = neutral.negativeZeros
    residual = neutral.negativeZeros
  }
}

/// Operands that change no result, for products that lack one.
package struct NeutralPanels {
  /// [panelWidth] of 0.0.
  package let zeros: UnsafePointer<Float>
  /// [panelWidth] of −0.0. x + −0.0 == x, bit for bit.
  package let negativeZeros: UnsafePointer<Float>

  package init(zeros: UnsafePointer<Float>, negativeZeros: UnsafePointer<Float>) {
    self.zeros = zeros
    self.negativeZeros = negativeZeros
  }
}

/// `output[c] = Σ_r input[r, c]`, rows in order, after the output's own value if the sums continue it.
package struct ColumnSums {
  package var input: UnsafePointer<Float>
  package var inputStride: Int
  package var rows: Int
  package var columns: Int
  package var output: UnsafeMutablePointer<Float>
  package var continues: Bool

  package init(
    input: UnsafePointer<Float>, inputStride: Int, rows: Int, columns: Int,
    output: UnsafeMutablePointer<Float>, continues: Bool = false
  ) {
    self.input = input
    self.inputStride = inputStride
    self.rows = rows
    self.columns = columns
    self.output = output
    self.continues = continues
  }
}
