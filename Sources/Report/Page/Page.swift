import Digests
import Foundation
import Mustache

/// The page of a report: sections of verdicts, figures and tables, and the data behind them, in one file that loads nothing.
///
/// The template, the style sheet and the script are files beside this one, embedded in the program. Everything from records is escaped:
/// by the template, and in figures and data by their own renderers.
package struct Page {
  var title: String
  /// Sentences under the title.
  var lead: [String]
  var warnings: [String] = []
  /// Whether the runs are still going on; the page then reloads itself.
  package var isRunning = false
  var version: String
  var sections: [Section]
  /// JSON for the script.
  var data: String

  /// One section. An empty one is left out.
  struct Section {
    var id: String
    var title: String
    var paragraphs: [String] = []
    var verdicts: [Verdict] = []
    /// Pages of other studies.
    var links: [Link] = []
    var figures: [Figure] = []
    var tables: [Table] = []
    /// Whether the script puts its selectors here.
    var isExplorer = false
    /// Whether the script puts its downloads here.
    var isData = false

    var hasContent: Bool {
      !paragraphs.isEmpty || !verdicts.isEmpty || !links.isEmpty || !figures.isEmpty
        || tables.contains(where: \.hasContent)
    }

    /// The section with a sentence below each table that has rows.
    func noting(_ sentence: String?) -> Section {
      guard let sentence else { return self }
      var result = self
      for i in tables.indices where !tables[i].rows.isEmpty { result.tables[i].notes.append(sentence) }
      return result
    }
  }

  struct Link {
    var title: String
    /// Relative to the page.
    var target: String
  }

  /// One verdict as a card.
  struct Verdict {
    var claim, outcome, sign, kind, numbers, rule: String
    var seeds: Int
    /// The place of the figure that shows it.
    var link: String?

    init(
      claim: String, _ outcome: ClaimVerdict.Outcome, seeds: Int, numbers: String, rule: String, link: String?
    ) {
      self.claim = claim
      self.outcome = outcome.text
      (sign, kind) = outcome.look
      self.numbers = NumberText.typeset(numbers)
      self.rule = rule
      self.seeds = seeds
      self.link = link
    }
  }

  /// The page as HTML.
  ///
  /// - Throws: an error of the template's parser, which a test rules out.
  package func html() throws -> String {
    let template = try MustacheTemplate(string: Self.text(PackageResources.report_mustache))
    let shown = sections.filter(\.hasContent)
    var checksum = Checksum()
    checksum.combine(data)
    return template.render([
      "title": title, "lead": lead, "warnings": warnings, "isRunning": isRunning, "version": version,
      // A word that text from records cannot guess, so that no script of theirs would run even if it were not escaped.
      "nonce": checksum.digest,
      "firstSection": shown.first?.id ?? "", "sections": shown.map(\.content),
      "style": Self.text(PackageResources.report_css), "script": Self.text(PackageResources.report_js),
      "data": data,
    ])
  }

  /// Writes the page whole or not at all.
  package func write(to url: URL) throws { try writeOrRemove(html(), at: url) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Page.Section {
  /// What the template reads.
  fileprivate var content: [String: Any] {
    [
      "id": id, "title": title, "paragraphs": paragraphs, "isExplorer": isExplorer, "isData": isData,
      "hasVerdicts": !verdicts.isEmpty, "verdicts": verdicts, "hasLinks": !links.isEmpty,
      "links": links, "hasFigures": !figures.isEmpty,
      "figures": figures.map { figure in
        [
          "id": figure.place, "name": Figure.identifier(figure.name), "caption": figure.description,
          "svg": figure.svg(),
        ]
      },
      "tables": tables.filter(\.hasContent).enumerated().map {
        $1.content(isOpen: $0 == 0 && $1.rows.count <= 25)
      },
    ]
  }
}

extension ClaimVerdict.Outcome {
  /// A shape beside the colour, and the class in the style sheet.
  fileprivate var look: (sign: String, kind: String) {
    switch self {
    case .holds: ("✓", "holds")
    case .doesNotHold: ("✗", "fails")
    case .inconclusive: ("○", "open")
    }
  }
}
