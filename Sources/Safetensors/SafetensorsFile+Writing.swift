import AtomicFile
import Foundation

extension SafetensorsFile {
  /// Writes the file whole or not at all, and replaces an existing file.
  ///
  /// - Throws: `AtomicFileError`, which names the path; `SafetensorsError.unreadable` if a tensor that lies
  ///   in another file cannot be read.
  package func write(to url: URL) throws { try output.write(to: url) }

  /// The bytes of the file.
  package func serialised() throws(SafetensorsError) -> Data {
    var bytes = Data()
    do {
      try output.forEachPiece { bytes.append($0) }
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
    return bytes
  }

  private var output: SafetensorsOutput {
    SafetensorsOutput(metadata: metadata, tensors: tensors.map(TensorSource.init))
  }
}
