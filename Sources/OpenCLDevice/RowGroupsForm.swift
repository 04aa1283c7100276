import Compute

/// Row groups as kernels read them: lists of (model, first row, rows, –), made on first use.
final class RowGroupsForm {
  let context: OpenCLContext
  /// The rows of each model.
  let models: DeviceList
  /// Every group, also an empty one.
  let groups: DeviceList
  private var tilesByHeight: [Int: DeviceList] = [:]

  init(_ device: OpenCLDevice, _ rows: RowGroups) throws {
    context = device.context
    func entries(_ groups: [RowGroup]) -> [SIMD4<Int>] {
      groups.map { SIMD4($0.model, $0.firstRow, $0.count, 0) }
    }
    models = try DeviceList(device, entries(rows.models), in: "row groups")
    groups = try DeviceList(device, entries(rows.groups), in: "row groups")
  }

  /// The rows of each model in tiles of at most `height`.
  func tiles(_ device: OpenCLDevice, _ rows: RowGroups, height: Int) throws -> DeviceList {
    if let tiles = tilesByHeight[height] { return tiles }
    var entries: [SIMD4<Int>] = []
    for model in rows.models {
      for first in stride(from: 0, to: model.count, by: height) {
        entries.append(SIMD4(model.model, model.firstRow + first, min(height, model.count - first), 0))
      }
    }
    let tiles = try DeviceList(device, entries, in: "row groups")
    tilesByHeight[height] = tiles
    return tiles
  }
}

extension OpenCLDevice {
  /// The form of `rows` on this device; another device's is replaced.
  func form(_ rows: RowGroups) throws -> RowGroupsForm {
    if let form = rows.deviceForm as? RowGroupsForm, form.context === context { return form }
    let form = try RowGroupsForm(self, rows)
    rows.deviceForm = form
    return form
  }

  func tiles(_ rows: RowGroups, height: Int) throws -> DeviceList {
    try form(rows).tiles(self, rows, height: height)
  }
}
