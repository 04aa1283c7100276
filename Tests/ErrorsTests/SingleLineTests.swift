import Errors
import Testing

@Suite("Messages of one line")
struct SingleLineTests {
  @Test(
    "line breaks and control characters are written out, everything else stays",
    arguments: [
      ("plain, 'ü' and 😀", "plain, 'ü' and 😀"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"),
      ("\u{1b}[2J", "\\u{1B}[2J"), ("a\u{85}b\u{2028}c\u{7f}", "a\\u{0085}b\\u{2028}c\\u{7F}"), ("", ""),
    ])
  func singleLine(text: String, expected: String) {
    #expect(text.singleLine == expected)
  }
}
