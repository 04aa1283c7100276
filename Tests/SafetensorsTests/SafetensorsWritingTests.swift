import Foundation
import Safetensors
import TestSupport
import Testing

@Suite("Writing safetensors")
struct SafetensorsWritingTests {
  @Test("a written file is read back bit for bit")
  func roundTrip() throws {
    let file = try mixedFile()
    let read = try withFolder { folder in
      let url = folder.appendingPathComponent("mixed.safetensors")
      try file.write(to: url)
      let read = try SafetensorsFile(contentsOf: url)
      #expect(read.path == url.path)
      return read
    }
    #expect(read.metadata == file.metadata)
    #expect(Set(read.names) == Set(file.names))
    for tensor in file.tensors { try expectEqual(read.tensor(named: tensor.name), tensor) }
    #expect(
      try read.floats(named: "blocks.0.attn.W_Q").map(\.bitPattern)
        == [0, -0.0, 1.5, -2, 3e38, 0x1p-149].map { Float($0).bitPattern })
    #expect(try read.integers(named: "tokens") == [Int(Int32.min), 0, Int(Int32.max)])
    #expect(try read.integers(named: "steps") == [.min, .max])
    #expect(try read.floats(named: "loss", shape: []) == [2.25])
    #expect(try read.floats(named: "none \"quoted\"", shape: [0, 7]).isEmpty)
  }

  @Test("the header fills a multiple of eight bytes and every tensor is aligned to its elements")
  func alignment() throws {
    let data = try mixedFile().serialised()
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    #expect(data[8] == UInt8(ascii: "{"))
    let read = try SafetensorsFile(data: data)
    #expect(read.names.first == "steps")
    var begin = 0
    for tensor in read.tensors {
      #expect(begin * 8 % (try #require(tensor.dtype).bitCount) == 0)
      begin += tensor.byteCount
    }
    #expect(8 + length + begin == data.count)
  }

  @Test("equal content gives equal bytes, and a file that is read and written again does not change")
  func deterministic() throws {
    let data = try mixedFile().serialised()
    #expect(try mixedFile().serialised() == data)
    #expect(try SafetensorsFile(data: data).serialised() == data)
  }

  @Test("a file without tensors has an empty header object with padding")
  func empty() throws {
    let data = try SafetensorsFile(tensors: []).serialised()
    #expect(data == Data([8, 0, 0, 0, 0, 0, 0, 0]) + Data("{}      ".utf8))
    #expect(try SafetensorsFile(data: data).tensors.isEmpty)
  }

  @Test("equal and reserved names, wrong sizes and invalid shapes are refused")
  func refused() throws {
    let tensor = try SafetensorsTensor(name: "a", shape: [1], floats: [1])
    #expect(throws: SafetensorsError.duplicateName(file: nil, tensor: "a")) {
      try SafetensorsFile(tensors: [tensor, tensor])
    }
    let reserved = try SafetensorsTensor(name: "__metadata__", shape: [1], floats: [1])
    #expect(throws: SafetensorsError.reservedName(file: nil, tensor: "__metadata__")) {
      try SafetensorsFile(tensors: [reserved])
    }
    #expect(
      throws: SafetensorsError.sizeMismatch(file: nil, tensor: "a", shape: [3], expected: 12, found: 8)
    ) {
      try SafetensorsTensor(name: "a", shape: [3], floats: [1, 2])
    }
    #expect(throws: SafetensorsError.badShape(file: nil, tensor: "a", shape: [-1])) {
      try SafetensorsTensor(name: "a", shape: [-1], floats: [])
    }
    #expect(throws: SafetensorsError.badShape(file: nil, tensor: "a", shape: [.max, 2])) {
      try SafetensorsTensor(name: "a", shape: [.max, 2], integers: [Int]())
    }
  }

  @Test("a folder that does not exist gives an error that names the path")
  func noFolder() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString)/m.safetensors")
    do {
      try mixedFile().write(to: url)
      Issue.record("expected an error")
    } catch {
      #expect("\(error)".contains(url.path))
    }
  }
}
