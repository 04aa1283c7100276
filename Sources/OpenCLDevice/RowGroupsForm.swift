import Compute

/// The ways in which operations have cut rows so far. What comes next will be cut alike, so ``OpenCLDevice/prepare(_:_:_:)``
/// makes all of them, and they reach the device together.
struct RowCuts {
  var tiles: Set<Int> = []
  var chunks: Set<RowGroupsForm.Cut> = []
  var queryTiles: Set<Int> = []
}

/// Row groups as kernels read them: lists of four integers, made on first use.
final class RowGroupsForm {
  /// Which rows a chunk may take together.
  enum Span: Hashable { case models, groups }

  /// Rows cut into chunks of one height.
  struct Chunks {
    /// (model, first row, rows, index of the chunk)
    var list: DeviceList
    /// By model or group: (model or index of the group, first chunk, chunks, rows).
    var spans: [SIMD4<Int>]
    /// The spans of groups.
    var groups: DeviceList?
    /// Whether no span has more than one chunk.
    var isSingleChunk: Bool
  }

  struct Cut: Hashable {
    var span: Span
    var height: Int
  }

  /// The rows of each model: (model, first row, rows, model).
  let models: DeviceList
  /// Every group, also an empty one: (model, first row, rows, model).
  let groups: DeviceList
  private var tilesByHeight = ShortMap<Int, DeviceList>()
  private var chunksByCut = ShortMap<Cut, Chunks>()

  init(_ device: OpenCLDevice, _ rows: RowGroups) throws {
    func list(_ groups: [RowGroup]) throws -> DeviceList {
      try DeviceList(device, count: groups.count, in: "row groups") { list in
        for group in groups { list.append(group.model, group.firstRow, group.count, group.model) }
      }
    }
    models = try list(rows.models)
    groups = try list(rows.groups)
  }

  /// The rows of each model in tiles of at most `height`.
  func tiles(_ device: OpenCLDevice, _ rows: RowGroups, height: Int) throws -> DeviceList {
    if let tiles = tilesByHeight[height] { return tiles }
    device.cuts.tiles.insert(height)
    let tiles = try Self.cut(device, rows.models, height)
    tilesByHeight.insert(tiles, for: height)
    return tiles
  }

  /// The rows of each model or group in chunks of at most `height`, and which chunks are whose.
  func chunks(_ device: OpenCLDevice, _ rows: RowGroups, of span: Span, height: Int) throws -> Chunks {
    let cut = Cut(span: span, height: height)
    if let chunks = chunksByCut[cut] { return chunks }
    device.cuts.chunks.insert(cut)
    let whole = span == .models ? rows.models : rows.groups
    var spans: [SIMD4<Int>] = []
    spans.reserveCapacity(whole.count)
    var first = 0
    for (index, group) in whole.enumerated() {
      let count = blocks(group.count, of: height)
      spans.append(SIMD4(span == .models ? group.model : index, first, count, group.count))
      first += count
    }
    let chunks = Chunks(
      list: try Self.cut(device, whole, height),
      spans: spans, groups: span == .groups ? try DeviceList(device, spans, in: "row groups") : nil,
      isSingleChunk: spans.allSatisfy { $0[2] <= 1 })
    chunksByCut.insert(chunks, for: cut)
    return chunks
  }

  private static func cut(_ device: OpenCLDevice, _ groups: [RowGroup], _ height: Int) throws -> DeviceList {
    let count = groups.reduce(0) { $0 + blocks($1.count, of: height) }
    return try DeviceList(device, count: count, in: "row groups") { list in
      var index = 0
      for group in groups {
        for first in stride(from: 0, to: group.count, by: height) {
          list.append(group.model, group.firstRow + first, min(height, group.count - first), index)
          index += 1
        }
      }
    }
  }
}

extension OpenCLDevice {
  package func prepare(_ rows: [RowGroups], _ layouts: [AttentionLayout], _ keys: [KeyRows]) throws {
    for rows in rows {
      let form = try form(rows)
      for height in cuts.tiles { _ = try form.tiles(self, rows, height: height) }
      for cut in cuts.chunks { _ = try form.chunks(self, rows, of: cut.span, height: cut.height) }
    }
    for layout in layouts {
      let form = try form(layout)
      for height in cuts.queryTiles { _ = try form.tiles(self, layout, height: height) }
    }
    for keys in keys { _ = try list(keys) }
  }

  func form(_ rows: RowGroups) throws -> RowGroupsForm {
    try rowForms.form(of: rows.formKey) { try RowGroupsForm(self, rows) }
  }

  func tiles(_ rows: RowGroups, height: Int) throws -> DeviceList {
    try form(rows).tiles(self, rows, height: height)
  }

  func chunks(_ rows: RowGroups, of span: RowGroupsForm.Span, height: Int) throws -> RowGroupsForm.Chunks {
    try form(rows).chunks(self, rows, of: span, height: height)
  }
}
