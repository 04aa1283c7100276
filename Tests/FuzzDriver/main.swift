// libFuzzer with one of the fuzz targets, named by CAUSALGAP_FUZZ_TARGET: libFuzzer starts itself again with the same
// arguments, so the name can't be one of them.

import CLibFuzzer
import Foundation
import FuzzChecks
import FuzzTargets

guard let name = ProcessInfo.processInfo.environment["CAUSALGAP_FUZZ_TARGET"],
  let chosen = FuzzTarget(rawValue: name)
else {
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
  FileHandle.standardError.write(Data("CAUSALGAP_FUZZ_TARGET must be one of \(names)\n".utf8))
  exit(2)
}

/// Global, because a C function has no other way to know it.
nonisolated(unsafe) private var target = chosen

private func examine(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  examineOrEnd(bytes, count) { try target.examine($0) }
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, examine))
