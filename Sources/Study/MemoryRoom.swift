import Compute
import Transformer

/// How much memory there is, in bytes.
struct MemoryRoom {
  var device: Double
  var host: Double
  /// Whether the device's memory is the host's.
  var isShared: Bool
  /// Whether a model is read straight into the device's memory; see `HostBuffer`.
  var readsInPlace = false

  init(device: Double, host: Double, isShared: Bool) {
    (self.device, self.host, self.isShared) = (device, host, isShared)
  }

  init(_ device: any Device) {
    let description = device.description
    host = Double(HostMemory.limit)
    isShared = description.kind == .cpu || description.kind == .reference
    readsInPlace = (try? device.makeBuffer(count: 1, .float32)) is any HostBuffer
    let own = description.memory.map(Double.init) ?? host
    self.device = isShared ? min(own, host) : own
  }

  /// Whether everything fits.
  func fits(_ needed: MemoryEstimate, largestAllocation: Int?) -> Bool {
    deviceBytes(needed) <= device && needed.hostBytes <= host
      && needed.largestBuffer <= largestAllocation.map(Double.init) ?? .infinity
  }

  /// What counts against the device's memory.
  func deviceBytes(_ needed: MemoryEstimate) -> Double {
    isShared ? needed.bytes + needed.hostBytes : needed.bytes
  }
}
