import Compute
import Foundation
import Kernels
import TestDevices
import Testing

@testable import Devices
@testable import OpenCLDevice

@Suite("Tuning records on disk")
struct TuningStoreTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("causalgap-tuning-\(UUID().uuidString)")
  private let description = DeviceDescription(
    selector: "opencl:0:0", name: "A device (R)", kind: .gpu, computeUnits: 4, driver: "platform; driver 1")
  private var record: TuningRecord {
    TuningRecord(
      device: description.name, driver: description.driver,
      kernels: [
        "matmul_local": TuningRecord.Entry(
          parameters: ["TILE_ROWS": 128], source: "abc", gigaflops: 2.5, defaultGigaflops: 2,
          date: "2026-01-01T00:00:00Z")
      ])
  }

  @Test("a record is read as it was stored, and only for the same driver and device")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = TuningStore(folder: folder)
    #expect(store.load(for: description) == nil)
    try store.save(record, for: description)
    #expect(store.load(for: description) == record)
    var other = description
    other.driver += "0"
    #expect(store.load(for: other) == nil)
    // A record of another driver under this driver's file name is ignored as well.
    try store.save(record, for: other)
    #expect(store.load(for: other) == nil)
  }

  @Test("a damaged record, or one of another schema, is ignored")
  func damage() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = TuningStore(folder: folder)
    try store.save(record, for: description)
    let file = try #require(store.file(for: description))
    let whole = try Data(contentsOf: file)
    for cut in [0, 1, whole.count / 2, whole.count - 2] {
      try whole.prefix(cut).write(to: file)
      #expect(store.load(for: description) == nil, "cut at \(cut)")
    }
    var later = record
    later.schema += 1
    try store.save(later, for: description)
    #expect(store.load(for: description) == nil)
    #expect(TuningStore(folder: nil).load(for: description) == nil)
  }

  @Test("the folder follows XDG_CACHE_HOME, then HOME")
  func standard() {
    #expect(
      TuningStore.standard(["XDG_CACHE_HOME": "/x", "HOME": "/h"]).folder?.path == "/x/causalgap/tuning")
    #expect(TuningStore.standard(["HOME": "/h"]).folder?.path == "/h/.cache/causalgap/tuning")
    #expect(TuningStore.standard([:]).folder == nil)
  }
}

@Suite("A tuned device", .enabled(if: TestOpenCL.isEnabled))
struct TunedDeviceTests {
  private func record(
    _ info: OpenCLDeviceInfo, parameters: [String: Int] = ["TILE_ROWS": 128, "MICRO_ROWS": 8],
    source: String? = nil
  ) throws -> TuningRecord {
    let kernel = try #require(TunableKernel.all(.local).first { $0.name == "matmul_local" })
    return TuningRecord(
      device: info.description.name, driver: info.description.driver,
      kernels: [
        kernel.name: TuningRecord.Entry(
          parameters: parameters, source: source ?? kernel.source, gigaflops: 1, defaultGigaflops: 1,
          date: "")
      ])
  }

  @Test("a record changes the parameters, and the description of the driver names it")
  func taken() throws {
    let info = try TestOpenCL.first()
    let plain = try OpenCLDevice(info, family: .local)
    let tuned = try OpenCLDevice(info, family: .local, tuning: record(info))
    #expect(try plain.values(.matmulLocal)["TILE_ROWS"] == 64)
    #expect(try tuned.values(.matmulLocal)["TILE_ROWS"] == 128)
    #expect(plain.description.driver == info.description.driver)
    #expect(tuned.description.driver.hasPrefix("\(info.description.driver); tuning "))
    let other = try OpenCLDevice(info, family: .local, tuning: record(info, parameters: ["TILE_ROWS": 32]))
    #expect(other.description.driver != tuned.description.driver)
    // The other family does not use the record.
    #expect(
      try OpenCLDevice(info, family: .register, tuning: record(info)).description.driver
        == plain.description.driver)
  }

  @Test("a record of another source, device or driver, or outside the constraints, is ignored")
  func ignored() throws {
    let info = try TestOpenCL.first()
    var (device, driver) = (try record(info), try record(info))
    device.device += "x"
    driver.driver += "x"
    for record in [
      device, driver, try record(info, source: "other"), try record(info, parameters: ["TILE_ROWS": 62]),
      try record(info, parameters: ["TILE": 64]),
    ] {
      let tuned = try OpenCLDevice(info, family: .local, tuning: record)
      #expect(try tuned.values(.matmulLocal)["TILE_ROWS"] == 64)
      #expect(tuned.description.driver == info.description.driver)
    }
  }

  @Test("the selector can force a family and keeps it")
  func forced() throws {
    let info = try TestOpenCL.first()
    for family in KernelFamily.allCases {
      let device = try OpenCLDevice(selector: "\(info.selector):\(family.rawValue)")
      #expect(device.family == family)
      #expect(device.description.selector.hasSuffix(":local") == (family == .local && info.kind != .gpu))
    }
    #expect(try DeviceSelection("opencl:local") == .opencl("opencl:local"))
    #expect(throws: DeviceSelectionError.self) { try DeviceSelection("opencl:0:0:shared") }
    #expect(throws: DeviceSelectionError.self) { try DeviceSelection("opencl:0:0:0:local") }
  }
}
