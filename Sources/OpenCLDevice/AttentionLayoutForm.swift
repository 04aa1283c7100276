import Compute

/// An attention layout in the form that kernels read: lists of (first query, queries, first key, keys), and
/// positions.
final class AttentionLayoutForm {
  let sequences: DeviceList
  /// Whether tiles of 16 rows have a quarter fewer places than tiles of 32 rows. Results do not depend on it.
  let isShort: Bool
  private var tilesByHeight = ShortMap<Int, DeviceList>()
  let positions: OpenCLBuffer

  init(_ device: OpenCLDevice, _ layout: AttentionLayout) throws {
    var (short, long) = (0, 0)
    sequences = try DeviceList(device, count: layout.sequences.count, in: "attention layout") { list in
      for sequence in layout.sequences {
        list.append(sequence.firstQuery, sequence.queryCount, sequence.firstKey, sequence.keyCount)
        short += blocks(sequence.keyCount, of: 16) * 16
        long += blocks(sequence.keyCount, of: 32) * 32
      }
    }
    isShort = 4 * short <= 3 * long
    positions = try device.constant(layout.positions, .int32)
  }

  /// The queries of each sequence in tiles of at most `height`. All of them see the keys of the whole
  /// sequence.
  func tiles(_ device: OpenCLDevice, _ layout: AttentionLayout, height: Int) throws -> DeviceList {
    if let tiles = tilesByHeight[height] { return tiles }
    device.cuts.queryTiles.insert(height)
    let count = layout.sequences.reduce(0) { $0 + blocks($1.queryCount, of: height) }
    let tiles = try DeviceList(device, count: count, in: "attention layout") { list in
      for sequence in layout.sequences {
        for first in stride(from: 0, to: sequence.queryCount, by: height) {
          let count = min(height, sequence.queryCount - first)
          list.append(sequence.firstQuery + first, count, sequence.firstKey, sequence.keyCount)
        }
      }
    }
    tilesByHeight.insert(tiles, for: height)
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
