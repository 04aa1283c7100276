import ArgumentParser
import Errors
import Records
import Study

/// Which runs of a study a report is about, if not all.
struct PartFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp("Only these seeds: 42,123 or a range, 1-10. Needs --output.", valueName: "seeds"))
  var seeds: String?
  @Option(help: ArgumentHelp("All seeds but these. Needs --output.", valueName: "seeds")) var withoutSeeds:
    String?
  @Flag(help: "Only runs with a length in the paper's window of accuracy. Needs --output.") var inWindow =
    false

  /// Whether anything is left out.
  var isGiven: Bool { seeds != nil || withoutSeeds != nil || inWindow }

  /// The runs that are asked for.
  ///
  /// - Throws: `OptionError` for seeds that are none; `RecordError` if no run is left.
  func selected(of records: [RunRecord], in folder: StudyFolder) throws -> [RunRecord] {
    let (wanted, unwanted) = (try Self.list(seeds, "--seeds"), try Self.list(withoutSeeds, "--without-seeds"))
    let selected = records.filter { record in
      (wanted?.contains(record.seed) ?? true) && unwanted?.contains(record.seed) != true
        && (!inWindow || record.ood.inWindow)
    }
    guard !selected.isEmpty else {
      let window = inWindow ? " in the accuracy window" : ""
      throw RecordError.folder(
        path: folder.url.path,
        reason:
          "none of its runs\(window) is among those asked for; its seeds are \(Self.text(records.map(\.seed)))"
      )
    }
    return selected
  }

  /// `1, 2, 3`; of many seeds the first.
  private static func text(_ seeds: [Int]) -> String {
    let all = Set(seeds).sorted()
    return all.prefix(10).map(String.init).joined(separator: ", ") + (all.count > 10 ? ", …" : "")
  }

  private static func list(_ text: String?, _ flag: String) throws -> Set<Int>? {
    guard let text else { return nil }
    do {
      guard case .seeds(let seeds) = try GivenOption(flag: .seeds, text).value() else { return nil }
      return Set(seeds)
    } catch {
      throw UsageError(error.description.replacing(StudyOption.seeds.flag, with: flag))
    }
  }
}
