import Concurrency
import Digests
import Foundation
import HalfPrecision
import Safetensors

/// The files of a model: one of ours, with its configuration in its metadata, or a model of others with a `config.json`
/// beside one file of weights or several.
struct CheckpointFiles {
  /// For messages.
  let path: String
  /// The keys of `config.json`; nil for a checkpoint of ours.
  let keys: [String: JSONValue]?
  private let files: [SafetensorsFile]
  /// The bytes of `config.json`; none for a checkpoint of ours.
  private let description: Data
  /// The file of each tensor.
  private let places: [String: Int]

  /// Opens the files. No tensor is read.
  ///
  /// - Parameter url: a file, or a folder with `config.json` and `model.safetensors` or
  ///   `model.safetensors.index.json`.
  /// - Throws: `ModelError.checkpoint` or `SafetensorsError`.
  init(_ url: URL) throws {
    let folder = url.hasDirectory ? url : url.deletingLastPathComponent()
    let description = folder.appendingPathComponent("config.json")
    if url.hasDirectory, !FileManager.default.fileExists(atPath: description.path) {
      // The error says what is missing.
      _ = try SafetensorsFile(contentsOf: url)
    }
    let urls = url.hasDirectory ? try Self.shards(folder) : [url]
    let files = try urls.map { try SafetensorsFile(contentsOf: $0) }
    let isOwn = files.count == 1 && files[0].metadata["config"] != nil
    if isOwn || !FileManager.default.fileExists(atPath: description.path) {
      try self.init(files[0], path: files[0].path ?? url.path)
    } else {
      let bytes = try Self.bytes(description)
      try self.init(
        path: url.path, keys: Self.object(bytes, of: description), files: files, description: bytes)
    }
  }

  /// A file that is open already.
  init(_ file: SafetensorsFile, path: String) throws { try self.init(path: path, keys: nil, files: [file]) }

  private init(
    path: String, keys: [String: JSONValue]?, files: [SafetensorsFile], description: Data = Data()
  ) throws {
    self.path = path
    self.description = description
    self.keys = keys
    self.files = files
    let named = files.enumerated().flatMap { index, file in file.names.map { ($0, index) } }
    places = Dictionary(named) { first, _ in first }
    if places.count < named.count {
      let twice = Dictionary(grouping: named, by: \.0).filter { $0.value.count > 1 }.keys.min() ?? ""
      throw ModelError.checkpoint(path: path, "the tensor '\(twice)' is in several of its files")
    }
  }

  /// The files of weights in a folder.
  private static func shards(_ folder: URL) throws -> [URL] {
    let index = folder.appendingPathComponent("model.safetensors.index.json")
    guard FileManager.default.fileExists(atPath: index.path) else {
      return [folder.appendingPathComponent("model.safetensors")]
    }
    guard case .object(let map) = try object(bytes(index), of: index)["weight_map"], !map.isEmpty else {
      throw ModelError.checkpoint(path: index.path, "it has no weight_map")
    }
    return try Set(map.values.map { $0.text ?? "" }).sorted().map { name in
      guard !name.isEmpty, !name.contains("/") else {
        throw ModelError.checkpoint(path: index.path, "'\(name)' is not the name of a file beside it")
      }
      return folder.appendingPathComponent(name)
    }
  }

  private static func bytes(_ url: URL) throws -> Data {
    do { return try Data(contentsOf: url) } catch {
      throw ModelError.checkpoint(path: url.path, "it can't be read: \(error.localizedDescription)")
    }
  }

  /// The object that the bytes of a JSON file hold.
  private static func object(_ bytes: Data, of url: URL) throws -> [String: JSONValue] {
    do { return try JSONDecoder().decode([String: JSONValue].self, from: bytes) } catch {
      throw ModelError.checkpoint(path: url.path, "it is not a JSON object")
    }
  }
}

extension CheckpointFiles {
  /// What `config.json` calls the model; nil if it does not, and for a checkpoint of ours.
  var modelType: String? { keys?["model_type"]?.text }
  /// The only file of a checkpoint of ours.
  var own: SafetensorsFile { files[0] }
  /// The number of tensors of all files.
  var count: Int { places.count }
  /// All names, file by file.
  var names: [String] { files.flatMap(\.names) }

  func contains(_ name: String) -> Bool { places[name] != nil }

  /// Tells these files from others, and from the same files after a change: by the configuration, by every tensor's name, shape,
  /// type and beginning, and by the files' sizes and times of change.
  ///
  /// - Throws: `SafetensorsError.unreadable`.
  func identity() throws -> String {
    var sum = Checksum()
    description.withUnsafeBytes { sum.combine($0) }
    for file in files {
      for name in file.names.sorted() {
        let tensor = try file.tensor(named: name)
        sum.combine("\(name) \(tensor.typeName) \(tensor.shape)")
        try file.beginning(of: name, bytes: 4096).withUnsafeBytes { sum.combine($0) }
      }
      let path = URL(fileURLWithPath: file.path ?? "").resolvingSymlinksInPath().path
      let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
      let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      sum.combine("\(attributes[.size] ?? 0) \(time)")
    }
    return sum.digest
  }

  func shape(of name: String) throws -> [Int] { try file(of: name).shape(of: name) }

  /// The format of a tensor in half precision; nil for another type, and for a tensor that does not exist.
  func halfFormat(of name: String) -> HalfFormat? {
    (try? file(of: name).tensor(named: name).dtype)?.halfFormat
  }

  /// Reads a tensor on several threads, a piece on each, and adds its shift.
  ///
  /// - Throws: `SafetensorsError`, which names the file, the tensor and the first element that is not finite.
  func insert(_ tensor: NamedTensor, into parameters: UnsafeMutableBufferPointer<Float>) throws {
    let file = try file(of: tensor.name)
    // Every piece has places of its own.
    nonisolated(unsafe) let parameters = parameters
    _ = try concurrentMap(file.pieces(of: tensor.name, shape: tensor.shape)) { piece in
      var values = try file.finiteFloats(named: tensor.name, piece)
      if tensor.shift != 0 { for index in values.indices { values[index] += tensor.shift } }
      values.withUnsafeBufferPointer { tensor.insert($0, from: piece.lowerBound, into: parameters) }
    }
  }

  /// Reads the bits of a tensor in half precision, which has no shift, on several threads, a piece on each.
  ///
  /// - Throws: as `insert`.
  func insertHalves(_ tensor: NamedTensor, into parameters: UnsafeMutableBufferPointer<UInt16>) throws {
    let file = try file(of: tensor.name)
    // Every piece has places of its own.
    nonisolated(unsafe) let parameters = parameters
    _ = try concurrentMap(file.pieces(of: tensor.name, shape: tensor.shape)) { piece in
      try file.withFiniteHalves(named: tensor.name, piece) {
        tensor.insert($0, from: piece.lowerBound, into: parameters)
      }
    }
  }

  /// Whether two tensors have the same shape and elements.
  func areEqual(_ one: String, _ other: String) throws -> Bool {
    guard try shape(of: one) == shape(of: other) else { return false }
    let values = try file(of: other).finiteFloats(named: other)
    var isEqual = true
    try file(of: one).forEachFinitePiece(of: one) { first, piece in
      isEqual = isEqual && values[first..<first + piece.count].elementsEqual(piece)
    }
    return isEqual
  }

  /// - Throws: what the first file says of a tensor that none has.
  private func file(of name: String) throws -> SafetensorsFile { files[places[name] ?? 0] }
}

extension URL {
  fileprivate var hasDirectory: Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}
