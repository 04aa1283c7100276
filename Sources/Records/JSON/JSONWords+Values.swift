extension JSONWords {
  /// The value of any type at a place. Lists and dictionaries of numbers, most of a record, don't pass through containers.
  func value<Value: Decodable>(_ type: Value.Type, at place: Int) throws -> Value {
    if type == [Double].self, let found = try numbers(at: place) as? Value { return found }
    if type == [String: Double].self, let found = try namedNumbers(at: place) as? Value { return found }
    return try Value(from: WordDecoder(words: self, place: place))
  }

  func flag(at place: Int) throws -> Bool {
    switch words[place].kind {
    case .true: true
    case .false: false
    default: throw WordError.mismatch
    }
  }

  /// A number, or one of the names that `RecordCoding` writes for those that JSON has no word for.
  func number(at place: Int) throws -> Double {
    let word = words[place]
    switch word.kind {
    case .number:
      guard let value = double(bytes, word.range) else { throw unusual() }
      return value
    case .string:
      switch try text(of: word) {
      case "inf": return .infinity
      case "-inf": return -.infinity
      case "nan": return .nan
      default: throw WordError.mismatch
      }
    default: throw WordError.mismatch
    }
  }

  func integer<Value: FixedWidthInteger>(_ type: Value.Type, at place: Int) throws -> Value {
    let word = words[place]
    guard word.kind == .number else { throw WordError.mismatch }
    // Foundation's decoder accepts 2.0 and 2e1, too.
    guard let value = Value(String(decoding: bytes[word.range], as: UTF8.self)) else { throw unusual() }
    return value
  }

  private func numbers(at array: Int) throws -> [Double] {
    guard words[array].kind == .array else { throw WordError.mismatch }
    let end = words[array].next
    var found: [Double] = []
    // If all of them are numbers, which have one word each.
    found.reserveCapacity(end - array - 1)
    var place = array + 1
    while place < end {
      found.append(try number(at: place))
      place = words[place].next
    }
    return found
  }

  private func namedNumbers(at object: Int) throws -> [String: Double] {
    guard words[object].kind == .object else { throw WordError.mismatch }
    var found: [String: Double] = [:]
    for (name, place) in members(of: object) where found[name] == nil { found[name] = try number(at: place) }
    return found
  }

  /// The names of an object's members and the places of their values.
  func members(of object: Int) -> [(name: String, place: Int)] {
    var found: [(String, Int)] = []
    var key = object + 1
    while key < words[object].next {
      if let name = try? text(of: words[key]) { found.append((name, key + 1)) }
      key = words[key + 1].next
    }
    return found
  }

  /// The place of a member's value; `nil` if the object has no such key.
  func member(_ name: String, of object: Int) -> Int? {
    var name = name
    return name.withUTF8 { name in
      let end = words[object].next
      var key = object + 1
      while key < end {
        let word = words[key]
        switch word.kind {
        case .string:
          if word.range.count == name.count, bytes[word.range].elementsEqual(name) {
            return key + 1
          }
        default:
          if (try? text(of: word))?.utf8.elementsEqual(name) == true { return key + 1 }
        }
        key = words[key + 1].next
      }
      return nil
    }
  }
}
