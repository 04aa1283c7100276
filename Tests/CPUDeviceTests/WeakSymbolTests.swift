#if arch(x86_64)
  import Foundation
  import Testing

  /// A generic specialisation is a weak symbol, shared by name. The linker may take the one that was compiled
  /// for AVX-512 and give it to code for processors without it.
  @Suite("Object files of the kernels") struct WeakSymbolTests {
    private static let nm = ["/usr/bin/nm", "/usr/local/bin/nm", "/usr/bin/llvm-nm"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
      "define no weak function except their own", .enabled(if: nm != nil, "nm is not installed (binutils)"),
      arguments: ["CPUKernelsBaseline", "CPUKernelsV3", "CPUKernelsV4"])
    func weakSymbols(module: String) throws {
      let folder = try buildFolder().appendingPathComponent("\(module).build")
      let objects = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "o" }
      let symbols = try symbols(of: objects)
      let own = "$s\(module.utf8.count)\(module)"
      // If the kernels are not in these files, the test looks at the wrong files.
      #expect(symbols.contains { $0.name.hasPrefix(own) && $0.name.contains("multiplyPanel") })
      let leaked = symbols.filter { $0.isWeakFunction && !$0.name.hasPrefix(own) }.map(\.name)
      #expect(leaked.isEmpty, "\(leaked.joined(separator: "\n"))")
    }

    private struct Symbol {
      var name: String
      /// Type `W`: a weak symbol that is defined and is not a data object (which is `V`).
      var isWeakFunction: Bool
    }

    /// The folder of the running test program, or a folder above it, that has a folder for each module.
    private func buildFolder() throws -> URL {
      var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      let candidates = [folder] + CommandLine.arguments.map { URL(fileURLWithPath: $0) }
      for candidate in candidates {
        folder = candidate
        while folder.path != "/" {
          folder = folder.deletingLastPathComponent()
          let objects = folder.appendingPathComponent("CPUKernelsV4.build")
          if FileManager.default.fileExists(atPath: objects.path) { return folder }
        }
      }
      throw Missing(description: "no CPUKernelsV4.build above \(candidates.map(\.path))")
    }

    private struct Missing: Error, CustomStringConvertible { var description: String }

    private func symbols(of objects: [URL]) throws -> [Symbol] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try #require(Self.nm))
      process.arguments = ["--defined-only"] + objects.map(\.path)
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      return text.split(separator: "\n").compactMap { line in
        // The address, the type and the name.
        let fields = line.split(separator: " ")
        guard fields.count == 3 else { return nil }
        return Symbol(name: String(fields[2]), isWeakFunction: fields[1] == "W")
      }
    }
  }
#endif
