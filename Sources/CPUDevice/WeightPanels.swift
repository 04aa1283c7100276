import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The greatest number of rows of weights that a task packs.
private let packedRows = 16

/// The weights of a product, to be packed as panels of [depth, 32].
struct WeightPanels {
  let places: PanelPlaces
  private let weight: Parameter
  private let buffer: CPUBuffer
  /// Whether what is packed may be kept for the next product with these weights.
  private let keeps: Bool

  init(_ weight: Parameter, transposed: Bool, of buffer: CPUBuffer, keeps: Bool) {
    (self.weight, self.buffer, self.keeps) = (weight, buffer, keeps)
    places = PanelPlaces(
      base: buffer.constants + weight.offset, stride: weight.stride, modelStride: weight.modelStride,
      transposed: transposed, depth: transposed ? weight.columns : weight.rows,
      width: transposed ? weight.rows : weight.columns)
  }

  /// Memory for the panels of some models that is kept until something writes to the weights, and whether the panels are in it; nil if
  /// there is none.
  func kept(_ models: [RowGroup]) -> (panels: Scratch, isPacked: Bool)? {
    guard keeps else { return nil }
    let key = KeptPanels.Key(
      offset: weight.offset, rows: weight.rows, columns: weight.columns, stride: weight.stride,
      modelStride: weight.modelStride, models: models.map(\.model), transposed: places.transposed)
    return buffer.panels.memory(key, count: models.count * places.size)
  }
}

/// Where weights lie in memory, and their panels. It holds no object, because the tasks of all threads would count references to it.
struct PanelPlaces {
  /// The first weight of model 0.
  let base: UnsafePointer<Float>
  /// The distances of two rows of the weights, and of two models.
  let stride: Int
  let modelStride: Int
  /// Whether a panel's columns are rows of the weights.
  let transposed: Bool
  let depth: Int
  let width: Int

  /// The number of panels of a model.
  var count: Int { (width + panelWidth - 1) / panelWidth }
  /// The number of floats of a model's panels.
  var size: Int { count * depth * panelWidth }

  func columns(_ panel: Int) -> Range<Int> { columns(panel..<panel + 1) }

  func columns(_ panels: Range<Int>) -> Range<Int> {
    panels.lowerBound * panelWidth..<min(panels.upperBound * panelWidth, width)
  }

  /// A part of one model's weights.
  ///
  /// - Parameter panelStride: the distance between two packed panels; nil if nothing lies between them.
  func source(
    model: Int, depth block: Range<Int>, _ columns: Range<Int>, panelStride: Int? = nil
  ) -> PanelSource {
    let (depthStride, columnStride) = transposed ? (1, stride) : (stride, 1)
    return PanelSource(
      source: base + model * modelStride + block.lowerBound * depthStride
        + columns.lowerBound * columnStride,
      depth: block.count, columns: columns.count, depthStride: depthStride, columnStride: columnStride,
      panelStride: panelStride)
  }
}

extension CPUDevice {
  /// Packs all weights of the models: [model, panel, depth, 32].
  func pack(_ places: PanelPlaces, _ models: [RowGroup], to packed: UnsafeMutablePointer<Float>) {
    let (depth, width, size, transposed) = (places.depth, places.width, places.size, places.transposed)
    // A task reads neighbouring memory: whole rows of the weights, which are parts of panels, or of their transpose.
    let rows = max(1, min(packedRows, models.count * depth / (2 * pool.threadCount)))
    let pieces = transposed ? EqualRanges(width, length: panelWidth) : EqualRanges(depth, length: rows)
    let pieceCount = pieces.count
    pool.run(models.count * pieceCount) { task, _ in
      let (index, piece) = (task / pieceCount, pieces[task % pieceCount])
      let model = models[index].model
      let source =
        transposed
        ? places.source(model: model, depth: 0..<depth, piece)
        : places.source(model: model, depth: piece, 0..<width, panelStride: depth * panelWidth)
      let first = piece.lowerBound * (transposed ? depth : panelWidth)
      kernels.packPanels(source, packed + index * size + first)
    }
  }
}
