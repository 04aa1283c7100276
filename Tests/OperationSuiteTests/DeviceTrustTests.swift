import Compute
import Foundation
import OperationSuite
import ReferenceDevice
import Testing

@Suite("Trust in a device")
struct DeviceTrustTests {
  private let file = FileManager.default.temporaryDirectory
    .appendingPathComponent("trust-\(UUID().uuidString)/validated.json")

  @Test("a device is validated once, and again when the list is damaged")
  func validatedOnce() throws {
    let trust = DeviceTrust(file: file)
    defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
    #expect(try trust.confirm(ReferenceDevice(), against: ReferenceDevice()))
    #expect(try trust.confirm(ReferenceDevice(), against: ReferenceDevice()) == false)
    try Data("[".utf8).write(to: file)
    #expect(try trust.confirm(ReferenceDevice(), against: ReferenceDevice()))
  }

  @Test("a device that computes wrong results is named and not put on the list")
  func distrusted() throws {
    let trust = DeviceTrust(file: file)
    for _ in 0..<2 {
      #expect(throws: DistrustedDevice.self) {
        try trust.confirm(FaultyDevice(.inaccurate), against: ReferenceDevice())
      }
    }
  }

  @Test("a list that cannot be written is not an error")
  func unwritable() throws {
    let trust = DeviceTrust(file: URL(fileURLWithPath: "/dev/null/validated.json"))
    #expect(try trust.confirm(ReferenceDevice(), against: ReferenceDevice()))
  }
}
