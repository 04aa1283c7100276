import Foundation
import FuzzChecks
import SafetensorsFuzzing

/// A reader of files under random inputs. `ci/conformance fuzz` hands it millions of them, and the tests hand it the small
/// corpora that are kept.
///
/// Whatever the bytes are, the reader must refuse them with a message of one line, or accept them; what it accepts can be
/// written and read again, and means the same.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// Safetensors files.
  case safetensors
  /// The configuration in a checkpoint, JSON.
  case checkpoint
  /// `run.json`, and the report made of it.
  case record
  /// The other JSON files, and `train.csv`. The first byte says which: see `SmallFile`.
  case files
  /// Options in YAML: a `--config` of a study or of a sweep.
  case options

  /// - Throws: `Finding`.
  package func examine(_ bytes: Data) throws {
    switch self {
    case .safetensors: try examineSafetensors(bytes)
    case .checkpoint: try examineCheckpoint(bytes)
    case .record: try examineRecord(bytes)
    case .files: try examineSmallFile(bytes)
    case .options: try examineOptions(bytes)
    }
  }
}
