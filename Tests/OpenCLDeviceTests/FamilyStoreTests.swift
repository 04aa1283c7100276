import Compute
import Foundation
import TestSupport
import Testing

@testable import Devices
@testable import OpenCLDevice

@Suite("Kernel families on disk")
struct FamilyStoreTests {
  private let description = DeviceDescription(
    selector: "opencl:0:0", name: "A device", kind: .gpu, computeUnits: 4, driver: "driver 1")

  @Test("a family is read as it was stored, for the same device and driver")
  func roundTrip() throws {
    try withFolder { folder in
      let store = FamilyStore(file: folder.appendingPathComponent("cache/families.json"))
      #expect(store.load(for: description) == nil)
      store.save(.register, for: description)
      var other = description
      other.driver = "driver 2"
      #expect(store.load(for: other) == nil)
      store.save(.local, for: other)
      #expect(store.load(for: description) == .register)
      #expect(store.load(for: other) == .local)
    }
  }

  @Test("a file that can't be read is as good as none")
  func damage() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("families.json")
      let store = FamilyStore(file: file)
      store.save(.register, for: description)
      try Data("{".utf8).write(to: file)
      #expect(store.load(for: description) == nil)
      store.save(.register, for: description)
      #expect(store.load(for: description) == .register)
      FamilyStore(file: nil).save(.register, for: description)
      #expect(FamilyStore(file: nil).load(for: description) == nil)
    }
  }
}
