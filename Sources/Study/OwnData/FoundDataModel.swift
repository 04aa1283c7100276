import Foundation
import Records
import Transformer

/// A checkpoint to be analysed on data, and what the `train.json` beside it says of its training, if there is one.
package struct FoundDataModel {
  package let checkpoint: CheckpointSource
  /// Nil unless the model was trained on data and the file describes this very model.
  private let description: TrainingDescription?

  /// - Parameter url: a file, or a folder as Hugging Face saves a model.
  /// - Throws: `ModelError.checkpoint` or `SafetensorsError`.
  package init(_ url: URL) throws {
    checkpoint = try CheckpointSource(url)
    // The analysis needs nothing of the file, so a damaged one counts as none.
    let found = (try? TrainingDescription.read(in: url.deletingLastPathComponent())) ?? nil
    let isOfModel = found?.modelChecksum != nil && found?.modelChecksum == checkpoint.checksum
    description = isOfModel && found?.origin.data != nil ? found : nil
  }

  var training: RunRecord.Training? { description?.training }

  /// The seed of the training; nil if it is not known, or if it is none.
  package var seed: Int? {
    description.map(\.origin.seed).flatMap { (0...Int(UInt32.max)).contains($0) ? $0 : nil }
  }

  /// The number of bytes in the sequences that the model was trained on; nil if that was not a text.
  package var context: Int? { description?.origin.data?.context }

  /// What the model has seen of data, in words; nil for token sequences if its training is unknown.
  ///
  /// - Parameter split: the part of a text; nil for token sequences.
  func acquaintance(with checksum: String, _ split: ByteText.Split?) -> String? {
    guard let trained = description?.origin.data else {
      return split == nil ? nil : "no train.json says what the model was trained on"
    }
    guard trained.checksum == checksum else {
      return "the model was trained on other data, as its train.json says"
    }
    switch split {
    case nil: return "the model was trained on nine tenths of these sequences"
    case .training: return "the model was trained on this part of the text"
    case .heldOut, .shifted: return "the model was trained on another part of this text"
    }
  }
}
