import Errors
import Safetensors

/// The reasons why a study cannot run. Each message is one line that says what to do.
package enum StudyError: ExitCoded, CustomStringConvertible {
  case unknownProtocol(String)
  /// The request cannot be carried out. Faults of the program's own logic are `InternalError`s.
  case impossible(String)
  case differentConfiguration(folder: String, detail: String)
  /// A file of an unfinished run cannot be used. The run starts again after the files in `delete` are
  /// deleted.
  case damagedState(file: String, detail: String, delete: [String])
  /// A model is not the one that the `train.json` beside it describes. `otherwise` says what to do without the right one.
  case otherModel(file: String, description: String, otherwise: String)
  /// A score overflowed or is not a number.
  case notFinite(score: String, component: String, value: Double)
  /// The study was asked to stop. Finished work is kept.
  case interrupted
  /// These trainings diverged. Everything else is done and kept.
  case failed([FailedRun])
  /// Other processes work on these runs. Everything else is done and kept, but for the trainings that diverged.
  case busy([String], [FailedRun])
  /// Another process took this one for dead and has the run now.
  case takenOver(RunName)

  package var exitCode: ProgramExit {
    switch self {
    case .unknownProtocol, .impossible: .usage
    case .interrupted: .interrupted
    case .differentConfiguration, .damagedState, .otherModel, .notFinite, .failed, .busy, .takenOver:
      .failed
    }
  }

  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .unknownProtocol(let name):
      "there is no protocol '\(name)'; the protocols are "
        + StudyProtocol.all.map(\.name).joined(separator: ", ")
    case .impossible(let reason): reason
    case .differentConfiguration(let folder, let detail):
      "\(folder) holds runs of another configuration (\(detail)); ask for the same, or choose another --output"
    case .damagedState(let file, let detail, let delete):
      "\(file) can't be used: \(detail); delete \(delete.joined(separator: " and ")) to start this run again, "
        + "or choose another --output"
    case .otherModel(let file, let description, let otherwise):
      "\(file) is not the model that \(description) describes, but another run's or an older one; put the right one in "
        + "its place, or \(otherwise)"
    case .notFinite(let score, let component, let value):
      "\(score) of \(component) is \(value), not a finite number: the model's weights are too large for single "
        + "precision; analyse a model with smaller ones"
    case .interrupted: "interrupted; the same command continues"
    case .failed(let runs): runs.map(\.description).joined(separator: "; ")
    case .busy(let runs, let failed):
      (failed.map(\.description) + [
        "other processes work on \(runs.prefix(3).joined(separator: ", "))"
          + (runs.count > 3 ? " and \(runs.count - 3) more" : "")
          + ": give the same command again when they have ended"
      ]).joined(separator: "; ")
    case .takenOver(let run):
      "\(run): another process has taken this run, because this one did not respond for a while; it is left to it"
    }
  }
}

extension StudyError {
  /// A file that can't be used for what an error says of it.
  ///
  /// - Parameter error: of the file. What it advises is left out where the file need only be deleted.
  static func damagedState(_ file: String, _ error: any Error) -> StudyError {
    if case SafetensorsError.checksumMismatch = error {
      return .damagedState(
        file: file, detail: "it is damaged: its content does not match the checksum in it", delete: [file])
    }
    return .damagedState(file: file, detail: "\(error)", delete: [file])
  }
}

/// A training that cannot continue.
package struct FailedRun: Sendable, CustomStringConvertible {
  package var name: RunName
  package var reason: String

  package var description: String { "\(name): \(reason)" }

  /// The reason, after the experiment that the training is for, if it is not the main study.
  package var cause: String { (name.experiment.map { "\($0): " } ?? "") + reason }
}
