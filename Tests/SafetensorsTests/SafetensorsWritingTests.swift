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

  @Test("a checksum is the same for any order of tensors and metadata, and another for any other content")
  func checksum() throws {
    func tensor(_ name: String, _ values: [Float], _ shape: [Int]) throws -> TensorSource {
      try TensorSource(name: name, shape: shape) { take in for value in values { try take([value]) } }
    }
    func sum(_ metadata: [String: String], _ tensors: [TensorSource]) throws -> String {
      try SafetensorsOutput(metadata: metadata, tensors: tensors).withChecksum().checksum
    }
    let (a, b) = (try tensor("a", [1, 2], [2]), try tensor("b", [3], [1]))
    let whole = try sum(["k": "v", "l": ""], [a, b])
    #expect(try sum(["l": "", "k": "v"], [b, a]) == whole)
    let integers = try SafetensorsTensor(
      name: "b", shape: [1], integers: [Int32(bitPattern: Float(3).bitPattern)])
    let others = try [
      sum(["k": "v"], [a, b]), sum(["k": "v", "l": "x"], [a, b]), sum(["kv": "", "l": ""], [a, b]),
      sum(["k": "v", "l": ""], [tensor("a", [1, 2], [1, 2]), b]), sum(["k": "v", "l": ""], [a]),
      sum(["k": "v", "l": ""], [tensor("a", [2, 1], [2]), b]),
      sum(["k": "v", "l": ""], [a, tensor("c", [3], [1])]),
      sum(["k": "v", "l": ""], [a, TensorSource(integers)]),
    ]
    #expect(Set(others + [whole]).count == others.count + 1)
  }

  @Test("a file with a checksum verifies, one that was changed does not, and one without is accepted")
  func verification() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("file")
      let source = try TensorSource(name: "t", shape: [3]) { take in
        try take([1])
        try take([2, 3])
      }
      let (file, checksum) = try SafetensorsOutput(metadata: ["a": "b"], tensors: [source]).withChecksum()
      try file.write(to: url)
      let read = try SafetensorsFile(contentsOf: url)
      try read.verifyChecksum()
      #expect(read.statedChecksum == checksum)
      #expect(try read.floats(named: "t") == [1, 2, 3])
      let other = try SafetensorsFile(
        metadata: read.metadata, tensors: [SafetensorsTensor(name: "t", shape: [3], floats: [1, 2, 4])])
      #expect(throws: SafetensorsError.checksumMismatch(file: nil)) { try other.verifyChecksum() }
      try SafetensorsFile(tensors: read.tensors).verifyChecksum()
    }
  }

  @Test("a tensor that gives fewer or more values than its shape says is never written")
  func wrongCount() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("file")
      for count in [2, 4] {
        let source = try TensorSource(name: "t", shape: [3]) { take in
          try take([Float](repeating: 0, count: count))
        }
        #expect(throws: SafetensorsError.self) {
          try SafetensorsOutput(metadata: [:], tensors: [source]).write(to: url)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      }
    }
  }
}
