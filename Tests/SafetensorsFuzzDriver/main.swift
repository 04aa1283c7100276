// libFuzzer with the target of safetensors files.

import CLibFuzzer
import Foundation
import FuzzChecks
import SafetensorsFuzzing

private func examine(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  examineOrEnd(bytes, count, examineSafetensors)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, examine))
