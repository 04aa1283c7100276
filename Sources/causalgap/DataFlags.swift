import ArgumentParser
import Foundation
import Study

/// The flags for data of one's own: token sequences, or a text.
struct DataFlags: OptionFlags {
  @Option(
    help: ArgumentHelp(
      "Token sequences instead of a task, safetensors: tokens and targets [B, T], or answer [B]; optional lengths [B], and "
        + "corrupted [B, T] and foil [B], which only analyze uses.", valueName: "file"))
  var data: String?
  @Option(
    help: ArgumentHelp(
      "A text instead of a task: any file, whose bytes are the tokens; 8/10 are trained on, 1/10 is held out, 1/10 is shifted.",
      valueName: "file"))
  var text: String?
  @Option(
    help: ArgumentHelp(
      "Another text, the shifted split in place of the last tenth of --text.", valueName: "file"))
  var shiftedText: String?
  @Option(.context) var context

  /// Whether they take the place of a task.
  var isGiven: Bool { data != nil || text != nil }

  /// - Parameter run: the flags of a run on a task.
  /// - Throws: `OptionError` for values that are none; `UsageError` for flags that exclude each other or belong to others that are
  ///   missing.
  func check(_ run: RunFlags) throws {
    _ = try StudyOptions(given)
    guard data == nil || text == nil else {
      throw UsageError("--data and --text exclude each other; give one of them")
    }
    if text == nil {
      try refuse(["--shifted-text": shiftedText, "--context": context], without: "--text")
    }
    for given in run.given where isGiven && given.option.name != StudyOption.seed.name {
      let flag = data == nil ? "--text" : "--data"
      throw UsageError("\(flag) takes the place of a task and its protocol; leave \(given.option.flag) out")
    }
  }

  /// - Parameter flags: the values of flags that need another, `owner`, which is missing.
  func refuse(_ flags: [String: String?], without owner: String) throws {
    if let flag = flags.filter({ $0.value != nil }).keys.min() {
      throw UsageError("\(flag) belongs to \(owner); leave it out")
    }
  }

  /// The text that is named.
  ///
  /// - Parameter context: the number of bytes in a sequence, unless that is given.
  func readText(context usual: Int? = nil) throws -> ByteText {
    let options = try StudyOptions(given)
    let context = options[.context] == nil ? usual : nil
    return try ByteText(
      contentsOf: path(text ?? "", "--text"), shifted: shiftedText.map { try path($0, "--shifted-text") },
      context: context ?? options.whole(.context) ?? 0)
  }
}
