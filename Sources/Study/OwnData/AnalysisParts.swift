import AtomicFile
import Digests
import Errors
import Foundation
import Records
import Safetensors

/// What an analysis has measured so far, a file for each part, so that it goes on where it was interrupted.
///
/// ```swift
/// let parts = try AnalysisParts(in: folder, key)
/// let tables = try parts.part("edges-0-8", ["eap": (rows: 2, columns: 90)]) { ["eap": try measured()] }
/// ```
struct AnalysisParts {
  /// The rows and columns of a table of numbers.
  typealias Shape = (rows: Int, columns: Int)

  private let folder: URL?
  /// What decides every number. Parts of another analysis are refused.
  private let key: String

  /// Nothing is kept.
  static let none = AnalysisParts()

  private init() { (folder, key) = (nil, "") }

  /// - Parameter folder: is made when there is a part.
  /// - Throws: `StudyError.impossible` if the folder has anything but parts of this analysis; `SafetensorsError` for a damaged
  ///   part.
  init(in folder: URL, _ key: String) throws {
    self.folder = folder
    self.key = "\(Self.format) \(key)"
    for file in try files() { try open(file).verifyChecksum() }
  }

  /// The number of parts that were measured before.
  var count: Int { (try? files().count) ?? 0 }

  /// A part that was measured before, or that is measured and kept now.
  ///
  /// - Parameters:
  ///   - name: of its file, which says what the part is of.
  ///   - shapes: of the tables that the part has, by name.
  ///   - measure: the tables, each with rows of equal lengths.
  /// - Throws: `SafetensorsError` for a damaged file or one with other tables; `AtomicFileError`; what `measure` throws.
  func part(
    _ name: String, _ shapes: [String: Shape], _ measure: () throws -> [String: [[Double]]]
  ) throws -> [String: [[Double]]] {
    guard let folder else { return try measure() }
    let url = folder.appendingPathComponent(name + Self.suffix)
    if try FileKind.of(url) != nil {
      let file = try open(url)
      return try Dictionary(
        uniqueKeysWithValues: shapes.map { name, shape in
          let values = try file.doubles(named: name, shape: [shape.rows, shape.columns])
          return (
            name,
            (0..<shape.rows).map { Array(values[$0 * shape.columns..<($0 + 1) * shape.columns]) }
          )
        })
    }
    let tables = try measure()
    try StudyFolder.create(folder)
    try SafetensorsOutput(
      metadata: [Self.keyName: key],
      tensors: tables.sorted { $0.key < $1.key }.map { name, rows in
        TensorSource(
          try SafetensorsTensor(
            name: name, shape: [rows.count, rows.first?.count ?? 0], doubles: Array(rows.joined())))
      }
    ).withChecksum().file.write(to: url)
    return tables
  }

  /// Deletes the parts, and the folder if nothing else is in it: the record has their numbers.
  ///
  /// - Throws: as the initialiser, if anything else is in the folder; then nothing is deleted.
  func remove() throws {
    guard let folder, try FileKind.of(folder) != nil else { return }
    let files = try files()
    for file in files { _ = try open(file) }
    for file in files { try FileManager.default.removeItem(at: file) }
    removeUnfinishedWrites(in: folder)
    // A folder that has something else stays.
    _ = rmdir(folder.path)
  }

  /// The name of a part: a phase of the analysis, and its samples.
  static func name(_ phase: String, _ samples: Range<Int>) -> String {
    "\(phase)-\(samples.lowerBound)-\(samples.upperBound)"
  }

  /// Whether parts are kept at all.
  var areKept: Bool { folder != nil }

  /// Whether a part was measured before.
  func has(_ name: String) -> Bool {
    guard let folder else { return false }
    return FileManager.default.fileExists(atPath: folder.appendingPathComponent(name + Self.suffix).path)
  }

  /// All files of the folder but hidden ones.
  private func files() throws -> [URL] {
    guard let folder, try FileKind.of(folder) != nil else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { !$0.hasPrefix(".") }.map { folder.appendingPathComponent($0) }
  }

  /// A part, of which only the header is read.
  private func open(_ url: URL) throws -> SafetensorsFile {
    let place = url.deletingLastPathComponent().path
    guard url.lastPathComponent.hasSuffix(Self.suffix), try FileKind.of(url) == .file else {
      throw StudyError.impossible(
        "\(place) is for parts of an analysis, but has '\(url.lastPathComponent)'; move it away or choose another --output"
      )
    }
    let file = try SafetensorsFile(contentsOf: url)
    guard file.statedChecksum != nil, file.metadata[Self.keyName] == key else {
      throw StudyError.impossible(
        "\(place) has parts of another analysis, or of this one with another program, model, data or device; "
          + "delete it or choose another --output")
    }
    return file
  }

  /// Changes with every change of the program that changes a number of a part.
  private static let format = 4
  private static let suffix = ".safetensors"
  private static let keyName = "causalgap_analysis"
}
