import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The number of floats of packed panels that fit into a core's second-level cache next to the rows: 256 KiB
/// of 512 KiB.
private let cachedFloats = 1 << 16
/// The number of floats of rows that are multiplied by the panels of a task: 768 KiB. They are meant for the second-level cache of
/// a large core (1 to 2 MiB); a smaller one reads them from the third level.
private let cachedRowFloats = 3 << 16
/// The least number of tasks for each thread, so that one that is slow holds up little.
private let tasksPerThread = 8
/// The greatest depth that is multiplied at once. A deeper product takes one block of its depth after another, so that a task has more
/// rows, of which a block stays in a core's second-level cache. The sums go on in memory, in the same order.
private let greatestDepth = 768
/// The most rows that are multiplied by panels packed for them alone, and how many of them are taken at a time: they are multiplied by every
/// panel of the task before the next ones are.
private let (streamedRows, streamedRun) = (1024, 96)
/// The least number of such tasks for each thread.
private let streamedTasksPerThread = 4

/// The product of all rows with all panels. It holds no object, because the tasks of all threads would count
/// references to it.
struct TiledProduct {
  /// The product with every pointer at the first row, the first column and the first panel.
  var first: PanelProduct
  /// The distance between the biases of two models; nil if there is no bias.
  var biasModelStride: Int?

  init(_ first: PanelProduct) { self.first = first }

  /// A run of rows times one packed panel.
  ///
  /// - Parameter columns: the columns of the output.
  @inline(__always)
  func part(_ run: RowTask, _ panel: UnsafePointer<Float>, _ columns: Range<Int>) -> PanelProduct {
    var part = first
    let (row, column) = (run.firstRow, columns.lowerBound)
    part.rows = run.count
    part.columns = columns.count
    part.panel = panel
    part.a += row * part.aRowStride
    part.output += row * part.outputStride + column
    if let biasModelStride { part.bias += run.model * biasModelStride + column }
    if part.residualStride > 0 { part.residual += row * part.residualStride + column }
    if let pre = part.preActivation { part.preActivation = pre + row * part.preActivationStride + column }
    if let input = part.geluInput { part.geluInput = input + row * part.geluInputStride + column }
    return part
  }
}

extension PanelProduct {
  /// Takes a block of the depth: the sums go on from those of the blocks before, and the epilogue follows the last block.
  ///
  /// - Parameters:
  ///   - block: the part of the depth that the panel holds.
  ///   - partialSums: [rows of whole tiles, panelWidth]; those beyond the product's hold arbitrary values.
  mutating func restrict(
    toDepth block: Range<Int>, partialSums: UnsafeMutablePointer<Float>, _ neutral: NeutralPanels
  ) {
    let isLast = block.upperBound == depth
    a += block.lowerBound * aDepthStride
    depth = block.count
    if !isLast {
      self = PanelProduct(
        a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, panel: panel, rows: rows, depth: depth,
        columns: columns, output: partialSums, outputStride: panelWidth, neutral: neutral)
    }
    if block.lowerBound > 0 { (sums, sumsStride) = (UnsafePointer(partialSums), panelWidth) }
  }
}

/// How a product is divided: blocks of the depth, and groups of panels that stay in a core's cache.
private struct PanelDivision {
  let blocks: EqualRanges
  var groups: EqualRanges

  init(_ places: PanelPlaces) {
    blocks = EqualRanges(places.depth, parts: (places.depth + greatestDepth - 1) / greatestDepth)
    groups = EqualRanges(places.count, length: max(1, cachedFloats / (blocks.length * panelWidth)))
  }

  /// The number of floats of the partial sums of a group and so many rows; none are needed if the depth is a single block.
  func sums(rows: Int) -> Int {
    blocks.count > 1 ? min(groups.length, groups.total) * panelSums(rows: rows) : 0
  }

  func panelSums(rows: Int) -> Int { (rows + KernelSizes.mostTileRows) * panelWidth }
}

extension CPUDevice {
  /// Multiplies every run of rows by every panel of its model's weights.
  ///
  /// Weights whose panels are more than a core's cache holds, and are not kept, are packed by the tasks that multiply by them, if there are enough tasks: so
  /// they come from memory once for every 1,024 rows. Others are packed beforehand. No sum depends on it.
  func multiply(_ product: TiledProduct, _ rows: RowGroups, _ weights: WeightPanels) {
    let (places, models) = (weights.places, rows.models)
    var division = PanelDivision(places)
    let kept = weights.kept(models)
    if kept == nil, division.groups.count > 1 {
      let chunks = RowTask.cut(rows, atMost: streamedRows)
      let needed = streamedTasksPerThread * pool.threadCount
      let length = min(division.groups.length, places.count * chunks.count / needed)
      if length > 0 {
        division.groups = EqualRanges(places.count, length: length)
        return multiplyStreamed(product, chunks, places, division)
      }
    }
    let scratch = kept?.panels ?? sharedScratch
    let packed = scratch.reserve(models.count * places.size)
    if kept?.isPacked != true { pack(places, models, to: packed) }
    withExtendedLifetime(scratch) { multiply(product, rows, places, packed, division) }
  }

  /// A task is a few rows and as many panels as stay in a core's cache. One core reads and writes
  /// neighbouring columns of a row one after another, so the epilogue's operands stream through memory.
  private func multiply(
    _ product: TiledProduct, _ rows: RowGroups, _ places: PanelPlaces,
    _ packed: UnsafePointer<Float>, _ division: PanelDivision
  ) {
    let (count, depth) = (places.count, places.depth)
    let (blockCount, groupCount) = (division.blocks.count, division.groups.count)
    let runs = runs(rows, depth: division.blocks.length, groups: groupCount)
    let mostRows = runs.map(\.count).max() ?? 0
    let (size, sumsCount) = (division.sums(rows: mostRows), division.panelSums(rows: mostRows))
    let sums = size > 0 ? reserveScratch(size) : []
    runs.withUnsafeBufferPointer { runs in
      pool.run(runs.count * groupCount) { task, worker in
        let (run, group) = (runs[task / groupCount], division.groups[task % groupCount])
        for index in 0..<blockCount {
          let block = division.blocks[index]
          for panel in group {
            let memory = packed + ((run.modelIndex * count + panel) * depth + block.lowerBound) * panelWidth
            var part = product.part(run, memory, places.columns(panel))
            if blockCount > 1 {
              part.restrict(
                toDepth: block, partialSums: sums[worker] + (panel - group.lowerBound) * sumsCount, neutral)
            }
            kernels.multiplyPanel(part)
          }
        }
      }
    }
  }

  /// A task is a few panels, which it packs, and many rows.
  private func multiplyStreamed(
    _ product: TiledProduct, _ chunks: [RowTask], _ places: PanelPlaces, _ division: PanelDivision
  ) {
    let (blockCount, groupCount) = (division.blocks.count, division.groups.count)
    let mostRows = chunks.map(\.count).max() ?? 0
    let sumsCount = division.panelSums(rows: mostRows)
    let packedCount = division.groups.length * division.blocks.length * panelWidth
    let scratch = reserveScratch(packedCount + division.sums(rows: mostRows))
    chunks.withUnsafeBufferPointer { chunks in
      pool.run(chunks.count * groupCount) { task, worker in
        let (chunk, group) = (chunks[task / groupCount], division.groups[task % groupCount])
        let (packed, sums) = (scratch[worker], scratch[worker] + packedCount)
        for index in 0..<blockCount {
          let block = division.blocks[index]
          kernels.packPanels(places.source(model: chunk.model, depth: block, places.columns(group)), packed)
          var run = chunk
          for first in stride(from: 0, to: chunk.count, by: streamedRun) {
            run.firstRow = chunk.firstRow + first
            run.count = min(streamedRun, chunk.count - first)
            for panel in group {
              let place = panel - group.lowerBound
              var part = product.part(
                run, packed + place * block.count * panelWidth, places.columns(panel))
              if blockCount > 1 {
                part.restrict(
                  toDepth: block, partialSums: sums + place * sumsCount + first * panelWidth, neutral)
              }
              kernels.multiplyPanel(part)
            }
          }
        }
      }
    }
  }

  /// The rows of each task. Where the panels of a product are more than a core's cache holds, every run of rows reads all of them
  /// from a slower cache, so runs are longer there.
  private func runs(_ rows: RowGroups, depth: Int, groups: Int) -> [RowTask] {
    let runs = tasks(rows)
    guard groups > 1 else { return runs }
    let longest = cachedRowFloats / (depth * RowTask.length)
    let length = min(longest, runs.count * groups / (tasksPerThread * pool.threadCount))
    return length > 1 ? RowTask.cut(rows, length: length * RowTask.length) : runs
  }
}
