/// What a reader did with an input and must not do.
package struct Finding: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

package func require(_ condition: Bool, _ finding: @autoclosure () -> String) throws {
  guard condition else { throw Finding(finding()) }
}

/// Checks the message of an error, which must be one line that a terminal shows as it is.
package func requireMessage(_ error: any Error) throws { try requireLine("\(error)") }

package func requireLine(_ message: String) throws {
  try require(!message.isEmpty, "an error without a message")
  let steers = message.unicodeScalars.contains { scalar in
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
    default: false
    }
  }
  try require(!steers, "a message with a control character: \(message.debugDescription)")
}

/// The value that a step gives, or nil where it throws, after a look at the message.
package func outcome<Value>(_ step: () throws -> Value) throws -> Value? {
  do {
    return try step()
  } catch let finding as Finding {
    throw finding
  } catch {
    try requireMessage(error)
    return nil
  }
}

/// The value of a step that must not fail.
package func success<Value>(_ what: String, _ step: () throws -> Value) throws -> Value {
  do {
    return try step()
  } catch let finding as Finding {
    throw finding
  } catch {
    throw Finding("\(what): \(error)")
  }
}
