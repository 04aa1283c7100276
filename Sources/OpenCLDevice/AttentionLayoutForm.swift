import Compute

/// An attention layout as kernels read it: lists of (first query, queries, first key, keys), and positions.
final class AttentionLayoutForm {
  let context: OpenCLContext
  let sequences: DeviceList
  /// Each sequence's queries in tiles; all of them see the keys of the whole sequence.
  let tiles: DeviceList
  let positions: OpenCLBuffer

  init(_ device: OpenCLDevice, _ layout: AttentionLayout, height: Int) throws {
    context = device.context
    var (entries, tiles): ([SIMD4<Int>], [SIMD4<Int>]) = ([], [])
    for sequence in layout.sequences {
      entries.append(
        SIMD4(sequence.firstQuery, sequence.queryCount, sequence.firstKey, sequence.keyCount))
      for first in stride(from: 0, to: sequence.queryCount, by: height) {
        let count = min(height, sequence.queryCount - first)
        tiles.append(SIMD4(sequence.firstQuery + first, count, sequence.firstKey, sequence.keyCount))
      }
    }
    sequences = try DeviceList(device, entries, in: "attention layout")
    self.tiles = try DeviceList(device, tiles, in: "attention layout")
    positions = try device.upload(layout.positions, .int32)
  }
}

extension OpenCLDevice {
  /// The form of `layout` on this device; another device's is replaced.
  func form(_ layout: AttentionLayout) throws -> AttentionLayoutForm {
    if let form = layout.deviceForm as? AttentionLayoutForm, form.context === context { return form }
    let form = try AttentionLayoutForm(self, layout, height: family.queries)
    layout.deviceForm = form
    return form
  }
}
