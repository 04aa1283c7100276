import Compute
import Foundation
import Kernels
import Synchronization
import TestDevices
import TestSupport
import Testing

@testable import OpenCLDevice

@Suite("An OpenCL device", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct DeviceTests {
  private func makeDevice(
    naiveMatmul: Bool = false, cache: ProgramCache = ProgramCache(folder: nil),
    change: (inout OpenCLLibrary) -> Void = { _ in }
  ) throws -> OpenCLDevice {
    var library = try OpenCLLibrary.shared()
    change(&library)
    return try OpenCLDevice(library, try TestOpenCL.first(), naiveMatmul: naiveMatmul, cache: cache)
  }

  // MARK: Memory

  @Test("a buffer over the largest allocation is refused with its size")
  func tooLarge() throws {
    let device = try makeDevice()
    let limit = try #require(device.description.largestAllocation)
    #expect {
      try device.makeBuffer(count: limit / 4 + 1)
    } throws: { error in
      guard case ComputeError.outOfMemory(let bytes, _, _) = error else { return false }
      return bytes == (limit / 4 + 1) * 4
    }
  }

  @Test("a buffer of another device is refused")
  func foreign() throws {
    let (device, other) = (try makeDevice(), try makeDevice())
    let buffer = try other.makeBuffer(count: 4)
    #expect {
      try device.read(buffer)
    } throws: {
      if case ComputeError.foreignBuffer = $0 { true } else { false }
    }
  }

  // MARK: Operations against hand values

  /// input [2, 3] · weight [3, 2] + bias + residual
  @Test("a fused matmul gives the hand-computed sums", arguments: [false, true])
  func matmul(naive: Bool) throws {
    let device = try makeDevice(naiveMatmul: naive)
    let output = Matrix(try device.makeBuffer([Float](repeating: .nan, count: 4)), columns: 2)
    try device.matmul(
      Matmul(
        input: Matrix(device.makeBuffer([1, 2, 3, 4, 5, 6] as [Float]), columns: 3),
        weight: Parameter(device.makeBuffer([1, 0, 0, 1, 1, 1] as [Float]), rows: 3, columns: 2),
        bias: Parameter(device.makeBuffer([0.5, -0.5] as [Float]), rows: 1, columns: 2),
        residual: Matrix(device.makeBuffer([10, 20, 30, 40] as [Float]), columns: 2),
        output: output, rows: RowGroups(rows: 2)))
    #expect(try device.read(output.buffer) == [14.5, 24.5, 40.5, 50.5])
  }

  @Test("one key seen gets all the attention")
  func attention() throws {
    let device = try makeDevice()
    let values: [Float] = [1, 2, 3, 4]
    let output = Matrix(try device.makeBuffer(count: 4), columns: 2)
    let matrix = Matrix(try device.makeBuffer(values), columns: 2)
    let lse = Matrix(try device.makeBuffer(count: 2), columns: 1)
    let layout = try AttentionLayout(
      [
        AttentionSequence(firstQuery: 0, queryCount: 1, firstKey: 0, keyCount: 1),
        AttentionSequence(firstQuery: 1, queryCount: 1, firstKey: 1, keyCount: 1),
      ], positions: [0, 0])
    try device.attention(
      Attention(
        query: matrix, key: matrix, value: matrix, heads: 1, output: output, logSumExp: lse, layout: layout))
    #expect(try device.read(output.buffer) == values)
    let expected: [Float] = [5 / Float(2).squareRoot(), 25 / Float(2).squareRoot()]
    for (value, expected) in zip(try device.read(lse.buffer), expected) {
      #expect(abs(value - expected) <= 1e-5)
    }
  }

  @Test("uniform logits lose ln of the vocabulary, and a tie goes to the lowest index")
  func crossEntropy() throws {
    let device = try makeDevice()
    let loss = Parameter(try device.makeBuffer(count: 1), rows: 1, columns: 1)
    let correct = Matrix(try device.makeBuffer(count: 3), columns: 1)
    let rowLoss = Matrix(try device.makeBuffer(count: 3), columns: 1)
    try device.crossEntropy(
      CrossEntropy(
        logits: Matrix(device.makeBuffer(count: 15), columns: 5),
        targets: device.makeBuffer([0, 1, -100] as [Int32]),
        rowWeight: Matrix(device.makeBuffer([0.5, 0.5, 7] as [Float]), columns: 1), rowLoss: rowLoss,
        rowCorrect: correct, loss: loss, rows: RowGroups(rows: 3)))
    #expect(try device.read(correct.buffer) == [1, 0, 0])
    #expect(abs(try device.read(loss.buffer)[0] - 1.609438) <= 1e-6)
  }

  // MARK: Promises

  @Test("row groups made for another device are made again")
  func secondDevice() throws {
    let rows = try RowGroups(rows: 2)
    for device in [try makeDevice(), try makeDevice()] {
      let output = Matrix(try device.makeBuffer(count: 2), columns: 1)
      try device.columnMeans(
        ColumnMeans(
          input: Matrix(device.makeBuffer([1, 3] as [Float]), columns: 1), output: output, rows: rows))
      #expect(try device.read(output.buffer) == [2, 0])
    }
  }

  @Test("a launch that is repeated sets no argument again, and a new buffer is never taken for an old one")
  func arguments() throws {
    let device = try makeDevice {
      $0.clSetKernelArg = { kernel, index, size, value in
        ArgumentCount.calls.add(1, ordering: .relaxed)
        return (try? OpenCLLibrary.shared())?.clSetKernelArg(kernel, index, size, value) ?? -1
      }
    }
    let left = Matrix(try device.makeBuffer([1, 2] as [Float]), columns: 2)
    let output = Matrix(try device.makeBuffer(count: 2), columns: 2)
    for turn in 0..<20 {
      // Released at once, so that a driver may give its address to the next.
      let right = Matrix(try device.makeBuffer([Float(turn), 0]), columns: 2)
      try device.add(Add(left: left, right: right, output: output, count: 1))
      #expect(try device.read(output.buffer) == [1 + Float(turn), 2])
      let before = ArgumentCount.calls.load(ordering: .relaxed)
      try device.add(Add(left: left, right: right, output: output, count: 1))
      #expect(ArgumentCount.calls.load(ordering: .relaxed) == before)
    }
  }

  @Test("constants take up regions again, and lists too long for one have memory of their own")
  func constants() throws {
    let device = try makeDevice()
    let lists = try #require(device.lists)
    var identities = Set<MemoryIdentity>()
    for turn in 0..<50 {
      let buffer = try device.constant([Int32](repeating: Int32(turn), count: 100), .int32)
      identities.insert(buffer.identity)
      let input = Matrix(try device.makeBuffer((0..<50).map(Float.init)), columns: 1)
      let output = Matrix(try device.makeBuffer(count: 100), columns: 1)
      try device.gatherRows(GatherRows(input: input, indices: buffer, output: output, count: 100))
      #expect(try device.read(output.buffer).allSatisfy { $0 == Float(turn) })
    }
    #expect(identities.count == 1)
    let long = [Float](repeating: 3, count: ListPool.limit / 4)
    #expect(try device.read(device.makeConstant(long)) == long)
    withExtendedLifetime(lists) {}
  }

  @Test("a device that says nothing sensible about alignment gets a buffer for each list")
  func alignment() throws {
    var info = try TestOpenCL.first()
    info.alignment = nil
    let device = try OpenCLDevice(.shared(), info, cache: ProgramCache(folder: nil))
    #expect(device.lists == nil)
    #expect(try device.read(device.makeConstant([1, 2, 3] as [Float])) == [1, 2, 3])
  }

  @Test("a failing launch names the kernel and its sizes")
  func failingLaunch() throws {
    let device = try makeDevice { $0.clEnqueueNDRangeKernel = { _, _, _, _, _, _, _, _, _ in -5 } }
    let matrix = Matrix(try device.makeBuffer(count: 4), columns: 2)
    #expect {
      try device.add(Add(left: matrix, right: matrix, output: matrix, count: 2))
    } throws: {
      let message = "\($0)"
      return message.contains("clEnqueueNDRangeKernel failed with CL_OUT_OF_RESOURCES")
        && message.contains("add")
    }
  }

  @Test("a failing build shows file, options and build log")
  func failingBuild() throws {
    let device = try makeDevice {
      $0.clCreateProgramWithSource = { context, _, _, _, status in
        guard let library = try? OpenCLLibrary.shared() else { return nil }
        return "#error planted".withCString { text in
          var pointer: UnsafePointer<CChar>? = text
          return library.clCreateProgramWithSource(context, 1, &pointer, nil, status)
        }
      }
    }
    #expect {
      try device.kernel(.matmul, "matmul", ["TILE_VECTORS": 1])
    } throws: {
      let message = "\($0)"
      return message.contains("clBuildProgram failed with CL_BUILD_PROGRAM_FAILURE")
        && message.contains("matmul.cl") && message.contains("TILE_VECTORS=1") && message.contains("planted")
    }
  }

  @Test("a failing allocation is an out-of-memory error")
  func failingAllocation() throws {
    #expect {
      try makeDevice {
        $0.clCreateBuffer = { _, _, _, _, status in
          status?.pointee = -4
          return nil
        }
      }
    } throws: {
      if case ComputeError.outOfMemory = $0 { true } else { false }
    }
  }

  @Test("a cached program that is damaged or refused by the driver is built again and replaced")
  func refusedBinary() throws {
    try withFolder { folder in
      let cache = ProgramCache(folder: folder)
      _ = try makeDevice(cache: cache).kernel(.rows, "add")
      let file = try #require(
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first)
      let whole = try Data(contentsOf: file)
      func isReplaced(by change: (inout OpenCLLibrary) -> Void = { _ in }) throws -> Bool {
        let past = Date(timeIntervalSince1970: 0)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: file.path)
        _ = try makeDevice(cache: cache, change: change).kernel(.rows, "add")
        let date = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
        return try #require(date) > past
      }
      #expect(try !isReplaced())
      // The file is damaged: its hash does not match.
      try whole.prefix(whole.count / 2).write(to: file)
      #expect(try isReplaced())
      // The file is complete, but the driver refuses it.
      #expect(
        try isReplaced {
          $0.clCreateProgramWithBinary = { _, _, _, _, _, _, status in
            status?.pointee = -42
            return nil
          }
        })
      // The rebuilt program serves a device that cannot compile.
      #expect(
        try !isReplaced {
          $0.clCreateProgramWithSource = { _, _, _, _, status in
            status?.pointee = -6
            return nil
          }
        })
    }
  }

  @Test("a selector without a device gives an error that lists the devices")
  func selectors() throws {
    #expect(try OpenCLPlatforms.find("opencl:0:0").selector == "opencl:0:0")
    #expect(try OpenCLPlatforms.find("opencl:0").selector == "opencl:0:0")
    for selector in ["opencl:99", "opencl:0:99", "opencl:", "opencl:x:y", "cpu"] {
      #expect { try OpenCLPlatforms.find(selector) } throws: { "\($0)".contains("opencl:0:0") }
    }
  }
}

/// Counted by a function of C, which can capture nothing.
private enum ArgumentCount { static let calls = Atomic<Int>(0) }
