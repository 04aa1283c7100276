import Foundation
import PackagePlugin

/// Embeds the kernels: makes `KernelSources`, with a case for every `.cl` file in `Kernels/`, at every build.
///
/// A new kernel file is in the program as soon as it lies in the folder.
@main struct EmbedKernels: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Kernels")
    let script = context.package.directoryURL.appending(path: "Plugins/EmbedKernels/embed")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedKernels.swift")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
    let sources = files.filter { $0.pathExtension == "cl" }
    let headers = files.filter { $0.pathExtension == "h" }
    return [
      .buildCommand(
        displayName: "Embedding kernels", executable: script, arguments: [output.path] + sources.map(\.path),
        inputFiles: sources + headers + [script], outputFiles: [output])
    ]
  }
}
