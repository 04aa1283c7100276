import Foundation

/// The operating system's message for an error, without the texts of wrapping errors.
package func systemReason(_ error: any Error) -> String {
  var current: any Error = error
  while let inner = (current as NSError).userInfo[NSUnderlyingErrorKey] as? any Error { current = inner }
  if let posix = current as? POSIXError { return systemReason(errno: posix.code.rawValue) }
  let nsError = current as NSError
  if nsError.domain == NSPOSIXErrorDomain { return systemReason(errno: Int32(nsError.code)) }
  switch (error as? CocoaError)?.code {
  case .fileReadNoSuchFile: return "no such file"
  case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
  default: return nsError.localizedDescription
  }
}

/// The message of `strerror`, in lower case.
package func systemReason(errno code: Int32) -> String {
  String(cString: strerror(code)).lowercased()
}
