// libFuzzer with the target of safetensors files. A finding ends the program, as a crash does.

import CLibFuzzer
import Foundation
import SafetensorsFuzzing

private func examine(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try examineSafetensors(Data(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    FileHandle.standardError.write(Data("FINDING: \(error)\n".utf8))
    abort()
  }
  return 0
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, examine))
