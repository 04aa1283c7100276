import Compute
import Foundation
import OperationSuite
import ReferenceDevice
import TestDevices
import Testing

@testable import OpenCLDevice

@Suite("Trust in an OpenCL driver", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct TrustTests {
  private func makeDevice(
    _ family: KernelFamily = .register, change: (inout OpenCLLibrary) -> Void = { _ in }
  ) throws -> OpenCLDevice {
    var library = try OpenCLLibrary.shared()
    change(&library)
    return try OpenCLDevice(library, TestOpenCL.first(), family: family)
  }

  private func failures(_ device: OpenCLDevice) throws -> [Verdict] {
    try validate(device, against: ReferenceDevice(), operations: ["memory"], depth: .quick).filter {
      !$0.passed
    }
  }

  @Test("a driver without faults passes")
  func honest() throws { #expect(try failures(makeDevice()).isEmpty) }

  @Test("a driver whose buffer copies do nothing is detected")
  func copies() throws {
    let device = try makeDevice { $0.clEnqueueCopyBuffer = { _, _, _, _, _, _, _, _, _ in 0 } }
    #expect(try Set(failures(device).map(\.output)).isSuperset(of: ["written", "copied", "copied within"]))
  }

  @Test("a driver whose fills do nothing is detected")
  func fills() throws {
    let device = try makeDevice { $0.clEnqueueFillBuffer = { _, _, _, _, _, _, _, _, _ in 0 } }
    #expect(try failures(device).contains { $0.output.hasPrefix("zeros") })
  }

  @Test("a driver whose long writes or reads do nothing is detected")
  func transfers() throws {
    let silent = try makeDevice {
      $0.clEnqueueWriteBuffer = { queue, buffer, isBlocking, _, _, _, _, _, event in
        // A write whose end is waited for has an event.
        isBlocking == 1
          ? 0 : (try? OpenCLLibrary.shared())?.clEnqueueMarkerWithWaitList(queue, 0, nil, event) ?? -1
      }
    }
    #expect(try Set(failures(silent).map(\.output)).isSuperset(of: ["written", "gathered 1"]))
    let forgetful = try makeDevice { $0.clEnqueueWriteBuffer = { _, _, _, _, _, _, _, _, _ in 0 } }
    #expect(try failures(forgetful).contains { $0.message?.contains("clEnqueueWriteBuffer") == true })
    let blind = try makeDevice { $0.clEnqueueReadBuffer = { _, _, _, _, _, _, _, _, _ in 0 } }
    #expect(try !failures(blind).isEmpty)
  }

  @Test("trust in one kernel family does not extend to the other, or to other kernels")
  func kernels() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("trust-\(UUID().uuidString)/validated.json")
    defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
    let trust = DeviceTrust(file: file)
    for family in KernelFamily.allCases {
      #expect(try trust.confirm(makeDevice(family), against: ReferenceDevice()), "\(family)")
      #expect(try !trust.confirm(makeDevice(family), against: ReferenceDevice()), "\(family)")
    }
    let naive = try OpenCLDevice(.shared(), TestOpenCL.first(), family: .register, naiveMatmul: true)
    #expect(try naive.kernelDigest != makeDevice(.register).kernelDigest)
  }
}
