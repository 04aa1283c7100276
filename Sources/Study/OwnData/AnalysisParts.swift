import AtomicFile
import Digests
import Foundation
import Records
import Safetensors

/// What an analysis has measured so far, a file for each part, so that it goes on where it was interrupted.
///
/// ```swift
/// let parts = AnalysisParts(in: folder, key)
/// let rows = try parts.part("edges-3") { ["sums": try measured()] }
/// ```
struct AnalysisParts {
  private let folder: URL?
  /// What decides every number. Parts of another analysis are refused.
  private let key: String

  /// Nothing is kept.
  static let none = AnalysisParts(in: nil, "")

  init(in folder: URL?, _ key: String) {
    self.folder = folder
    self.key = key
  }

  /// The number of parts that were measured before.
  func count() -> Int {
    guard let folder else { return 0 }
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (files ?? []).count { $0.hasSuffix(".safetensors") }
  }

  /// A part that was measured before, or that is measured and kept now.
  ///
  /// - Parameters:
  ///   - name: of its file.
  ///   - measure: tables of numbers by name, each with rows of equal lengths.
  /// - Throws: `StudyError.impossible` for a part of another analysis; `SafetensorsError` for a damaged file;
  ///   `AtomicFileError`; what `measure` throws.
  func part(_ name: String, _ measure: () throws -> [String: [[Double]]]) throws -> [String: [[Double]]] {
    guard let folder else { return try measure() }
    let file = folder.appendingPathComponent("\(name).safetensors")
    if try FileKind.of(file) != nil { return try read(file, in: folder) }
    let tables = try measure()
    try StudyFolder.create(folder)
    try SafetensorsOutput(
      metadata: [Self.keyName: key],
      tensors: tables.sorted { $0.key < $1.key }.map { name, rows in
        TensorSource(
          try SafetensorsTensor(
            name: name, shape: [rows.count, rows.first?.count ?? 0], doubles: Array(rows.joined())))
      }
    ).withChecksum().file.write(to: file)
    return tables
  }

  private func read(_ file: URL, in folder: URL) throws -> [String: [[Double]]] {
    let found = try SafetensorsFile(contentsOf: file)
    try found.verifyChecksum()
    guard found.metadata[Self.keyName] == key else {
      throw StudyError.impossible(
        "\(folder.path) holds parts of another analysis; delete it or choose another --output")
    }
    return try Dictionary(
      uniqueKeysWithValues: found.names.map { name in
        let values = try found.doubles(named: name)
        let shape = try found.shape(of: name)
        let width = shape.last ?? 0
        return (name, (0..<(shape.first ?? 0)).map { Array(values[$0 * width..<($0 + 1) * width]) })
      })
  }

  /// Deletes all parts: the record has their numbers.
  func remove() {
    if let folder { try? FileManager.default.removeItem(at: folder) }
  }

  private static let keyName = "causalgap_analysis"
}
