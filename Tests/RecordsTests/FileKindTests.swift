import Foundation
import Records
import TestSupport
import Testing

@Suite("The kind of a file") struct FileKindTests {
  @Test("is that of what is there, follows links, and is an error for a link that leads nowhere")
  func kinds() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("file")
      #expect(try FileKind.of(file) == nil && FileKind.of(folder) == .folder)
      try Data().write(to: file)
      #expect(try FileKind.of(file) == .file)
      let link = folder.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder)
      #expect(try FileKind.of(link) == .folder)
      let lost = folder.appendingPathComponent("lost")
      try FileManager.default.createSymbolicLink(
        at: lost, withDestinationURL: folder.appendingPathComponent("nothing"))
      #expect(throws: RecordError.self) { try FileKind.of(lost) }
    }
  }

  @Test("is found while another thread makes and removes it")
  func appearing() throws {
    try withFolder { folder in
      let place = folder.appendingPathComponent("place")
      let maker = Thread {
        while !Thread.current.isCancelled {
          mkdir(place.path, 0o700)
          rmdir(place.path)
        }
      }
      maker.start()
      defer { maker.cancel() }
      for _ in 0..<20_000 {
        let kind = try FileKind.of(place)
        #expect(kind == nil || kind == .folder)
      }
    }
  }
}
