import Compute

/// An attention layout in the form that kernels read: lists of (first query, queries, first key, keys), and
/// positions.
final class AttentionLayoutForm {
  let sequences: DeviceList
  /// Whether tiles of 16 rows have a quarter fewer places than tiles of 32 rows. Results do not depend on it.
  let isShort: Bool
  private var tilesByHeight: [Int: DeviceList] = [:]
  let positions: OpenCLBuffer

  init(_ device: OpenCLDevice, _ layout: AttentionLayout) throws {
    sequences = try DeviceList(
      device,
      layout.sequences.map { SIMD4($0.firstQuery, $0.queryCount, $0.firstKey, $0.keyCount) },
      in: "attention layout")
    func places(_ height: Int) -> Int {
      layout.sequences.reduce(0) { $0 + blocks($1.keyCount, of: height) * height }
    }
    isShort = 4 * places(16) <= 3 * places(32)
    positions = try device.constant(layout.positions, .int32)
  }

  /// The queries of each sequence in tiles of at most `height`. All of them see the keys of the whole
  /// sequence.
  func tiles(_ device: OpenCLDevice, _ layout: AttentionLayout, height: Int) throws -> DeviceList {
    if let tiles = tilesByHeight[height] { return tiles }
    device.cuts.queryTiles.insert(height)
    var entries: [SIMD4<Int>] = []
    entries.reserveCapacity(layout.sequences.reduce(0) { $0 + blocks($1.queryCount, of: height) })
    for sequence in layout.sequences {
      for first in stride(from: 0, to: sequence.queryCount, by: height) {
        let count = min(height, sequence.queryCount - first)
        entries.append(SIMD4(sequence.firstQuery + first, count, sequence.firstKey, sequence.keyCount))
      }
    }
    let tiles = try DeviceList(device, entries, in: "attention layout")
    tilesByHeight[height] = tiles
    return tiles
  }
}

extension OpenCLDevice {
  func form(_ layout: AttentionLayout) throws -> AttentionLayoutForm {
    try layoutForms.form(of: layout.formKey) { try AttentionLayoutForm(self, layout) }
  }

  func list(_ keys: KeyRows) throws -> OpenCLBuffer {
    try keyLists.form(of: keys.formKey) { try constant(keys.rows, .int32) }
  }
}
