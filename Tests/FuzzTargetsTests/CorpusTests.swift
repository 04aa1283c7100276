import Foundation
import FuzzTargets
import Testing

/// The committed corpora under the fuzz targets, without a fuzzer.
@Suite("Corpora of the fuzz targets")
struct CorpusTests {
  @Test("every input of a corpus is read or refused as it should be", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let corpora = try #require(Bundle.module.url(forResource: "Corpora", withExtension: nil))
    let folder = corpora.appendingPathComponent(target.rawValue)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count >= 10)
    for file in files {
      #expect(throws: Never.self, "\(target.rawValue)/\(file.lastPathComponent)") {
        try target.examine(Data(contentsOf: file))
      }
    }
  }
}
