/// Writes a report, unless something is in the way. That is said and no error, because what is printed is worth having anyway.
///
/// - Parameter obstacle: why nothing can or should be written; nil if nothing is in the way.
/// - Returns: whether the report was written.
@discardableResult
func writeReport(unless obstacle: String?, _ write: () throws -> Void) rethrows -> Bool {
  if let obstacle {
    complain("report: nothing was written: \(obstacle)")
    return false
  }
  try write()
  return true
}
