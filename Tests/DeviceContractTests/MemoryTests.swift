import Compute
import Testing

@Suite("Memory of a device", .serialized) struct MemoryTests {
  /// Reads the integers of a buffer, for which no call exists: a gather from a table of row numbers.
  private func integers(_ buffer: any Buffer, on device: any Device) throws -> [Float] {
    let table = try device.matrix((0..<100).map(Float.init), columns: 1)
    let output = try device.matrix([Float](repeating: -1, count: buffer.count), columns: 1)
    try device.gatherRows(
      GatherRows(input: table, indices: buffer, output: output, count: buffer.count))
    return try device.read(output.buffer)
  }

  @Test("a new buffer has zeros of its type", arguments: ContractDevice.all)
  func zeros(device: ContractDevice) throws {
    let device = try device.make()
    let (floats, whole) = (try device.makeBuffer(count: 7), try device.makeBuffer(count: 5, .int32))
    #expect(floats.count == 7 && floats.elementType == .float32)
    #expect(whole.count == 5 && whole.elementType == .int32)
    #expect(try device.read(floats) == [Float](repeating: 0, count: 7))
    #expect(try integers(whole, on: device) == [Float](repeating: 0, count: 5))
  }

  @Test("a write changes only its range, and the values are read back", arguments: ContractDevice.all)
  func writes(device: ContractDevice) throws {
    let device = try device.make()
    let floats = try device.makeBuffer(count: 7)
    try device.write([1.5, -2, 3] as [Float], to: floats, at: 2)
    #expect(try device.read(floats) == [0, 0, 1.5, -2, 3, 0, 0])
    #expect(try device.read(floats, 3..<5) == [-2, 3])
    #expect(try device.readDoubles(floats, 2..<4) == [1.5, -2])
    #expect(try device.read(floats, 7..<7).isEmpty)

    let whole = try device.makeBuffer([9, 9, 9, 9] as [Int32])
    try device.write([4, 2] as [Int32], to: whole, at: 1)
    #expect(try integers(whole, on: device) == [9, 4, 2, 9])
  }

  @Test("a long write is complete when the call returns", arguments: ContractDevice.all)
  func longWrites(device: ContractDevice) throws {
    let device = try device.make()
    let values = (0..<200_001).map(Float.init)
    let buffer = try device.makeBuffer(count: values.count + 2)
    try device.write(values, to: buffer, at: 1)
    let isWhole = try device.read(buffer) == [0] + values + [0]
    #expect(isWhole)
  }

  @Test("a copy moves elements of either type, also within one buffer", arguments: ContractDevice.all)
  func copies(device: ContractDevice) throws {
    let device = try device.make()
    let (source, target) = (
      try device.makeBuffer([1, 2, 3, 4, 5] as [Float]), try device.makeBuffer([9, 9, 9] as [Float])
    )
    try device.copy(from: source, 1..<3, to: target, at: 1)
    #expect(try device.read(target) == [9, 2, 3])
    try device.copy(from: source, 0..<4, to: source, at: 1)
    #expect(try device.read(source) == [1, 1, 2, 3, 4])
    try device.copy(from: source, 1..<5, to: source, at: 0)
    #expect(try device.read(source) == [1, 2, 3, 4, 4])
    try device.copy(from: source, 2..<2, to: target, at: 3)
    #expect(try device.read(target) == [9, 2, 3])

    let (indices, copied) = (
      try device.makeBuffer([5, 6, 7, 8] as [Int32]), try device.makeBuffer(count: 3, .int32)
    )
    try device.copy(from: indices, 1..<3, to: copied, at: 1)
    #expect(try integers(copied, on: device) == [0, 6, 7])
    try device.copy(from: indices, 0..<3, to: indices, at: 1)
    #expect(try integers(indices, on: device) == [5, 5, 6, 7])
  }

  @Test("a buffer without elements can be made, written, read and copied", arguments: ContractDevice.all)
  func empty(device: ContractDevice) throws {
    let device = try device.make()
    for buffer in [
      try device.makeBuffer(count: 0), try device.makeBuffer([] as [Float]),
      try device.makeBuffer(count: 0, .float32),
    ] {
      #expect(buffer.count == 0)
      try device.write([] as [Float], to: buffer, at: 0)
      try device.copy(from: buffer, 0..<0, to: buffer, at: 0)
      #expect(try device.read(buffer) == [])
    }
    try device.write([] as [Int32], to: try device.makeBuffer([] as [Int32]), at: 0)
  }

  @Test("a negative size, and one that no memory could hold, are refused", arguments: ContractDevice.all)
  func absurd(device: ContractDevice) throws {
    let device = try device.make()
    for type in [ElementType.float32, .int32] {
      for count in [-1, Int.min] {
        #expect {
          try device.makeBuffer(count: count, type)
        } throws: {
          if case ComputeError.invalid("buffer", _) = $0 { true } else { false }
        }
      }
      for count in [1 << 60, Int.max, Int.max / 4 + 1] {
        #expect {
          try device.makeBuffer(count: count, type)
        } throws: {
          if case ComputeError.outOfMemory(let bytes, _, _) = $0 { bytes >= 1 << 60 } else { false }
        }
      }
    }
  }

  @Test("ranges outside a buffer are refused, however far away", arguments: ContractDevice.all)
  func ranges(device: ContractDevice) throws {
    let device = try device.make()
    let (floats, whole) = (
      try device.makeBuffer([1, 2, 3] as [Float]), try device.makeBuffer([1, 2, 3] as [Int32])
    )
    func refuses(_ call: String, _ run: () throws -> Void) {
      #expect {
        try run()
      } throws: {
        if case ComputeError.invalid(call, _) = $0 { true } else { false }
      }
    }
    for offset in [2, 4, -1, Int.max, Int.min] {
      refuses("write") { try device.write([1, 2] as [Float], to: floats, at: offset) }
      refuses("write") { try device.write([1, 2] as [Int32], to: whole, at: offset) }
      refuses("copy") { try device.copy(from: floats, 0..<2, to: floats, at: offset) }
      refuses("copy") { try device.copy(from: whole, 0..<2, to: whole, at: offset) }
    }
    for range in [2..<4, 4..<4, -1..<2, -1 ..< -1, 0..<Int.max, Int.min..<Int.max, Int.min..<0] {
      refuses("read") { _ = try device.read(floats, range) }
      refuses("read") { _ = try device.readDoubles(floats, range) }
      refuses("copy") { try device.copy(from: floats, range, to: floats, at: 0) }
      refuses("copy") { try device.copy(from: whole, range, to: whole, at: 0) }
    }
    #expect(try device.read(floats) == [1, 2, 3])
  }

  @Test("elements of another type are refused", arguments: ContractDevice.all)
  func types(device: ContractDevice) throws {
    let device = try device.make()
    let (floats, whole) = (
      try device.makeBuffer([1, 2] as [Float]), try device.makeBuffer([1, 2] as [Int32])
    )
    #expect(throws: ComputeError.self) { try device.write([1] as [Float], to: whole, at: 0) }
    #expect(throws: ComputeError.self) { try device.write([1] as [Int32], to: floats, at: 0) }
    #expect(throws: ComputeError.self) { try device.read(whole, 0..<1) }
    #expect(throws: ComputeError.self) { try device.copy(from: floats, 0..<1, to: whole, at: 0) }
    #expect(throws: ComputeError.self) { try device.copy(from: whole, 0..<1, to: floats, at: 0) }
  }

  @Test("a buffer of another device is refused by name", arguments: ContractDevice.all)
  func foreign(device: ContractDevice) throws {
    let device = try device.make()
    let selector = device.description.selector
    let (own, stranger) = (try device.makeBuffer(count: 2), ForeignBuffer(count: 2))
    func refuses(_ call: String, _ run: () throws -> Void) {
      #expect {
        try run()
      } throws: {
        if case ComputeError.foreignBuffer(call, selector) = $0 { true } else { false }
      }
    }
    refuses("read") { _ = try device.read(stranger, 0..<1) }
    refuses("read") { _ = try device.readDoubles(stranger, 0..<1) }
    refuses("write") { try device.write([1] as [Float], to: stranger, at: 0) }
    refuses("write") { try device.write([1] as [Int32], to: ForeignBuffer(count: 2, .int32), at: 0) }
    refuses("copy") { try device.copy(from: own, 0..<1, to: stranger, at: 0) }
    refuses("copy") { try device.copy(from: stranger, 0..<1, to: own, at: 0) }
  }
}
