/// The fields of a CSV file by row, according to RFC 4180: a quoted field may contain commas, line ends and
/// doubled quotes. An empty last line does not count as a row.
func fields(ofCSV text: String) -> [[String]] {
  var (rows, row, field) = ([[String]](), [String](), "")
  var isQuoted = false
  var characters = text.makeIterator()
  var next = characters.next()
  while let character = next {
    next = characters.next()
    switch character {
    case "\"" where isQuoted && next == "\"":
      field.append(character)
      next = characters.next()
    case "\"": isQuoted.toggle()
    case "," where !isQuoted:
      row.append(field)
      field = ""
    case "\n" where !isQuoted, "\r\n" where !isQuoted:
      rows.append(row + [field])
      (row, field) = ([], "")
    default: field.append(character)
    }
  }
  return row.isEmpty && field.isEmpty ? rows : rows + [row + [field]]
}
