import Study

/// The name of a setting: its protocol, and every option whose value differs from the program's standard. So it does
/// not depend on what else a plan has, nor on any order: `rigorous,layers=8,learning_rate=0.0003`.
func settingName(_ settings: RunSettings, _ options: StudyOptions) -> String {
  var parts = [settings.protocolName]
  if settings.quick { parts.append(StudyOption.quick.name) }
  if settings.reduced { parts.append(StudyOption.reduced.name) }
  if settings.rigorousMeasures { parts.append(StudyOption.rigorousMeasures.name) }
  for option in SweepGrid.options {
    switch option {
    case .quick, .reduced, .rigorousMeasures, .tasks, .seeds, .seedCount, .protocolName: continue
    case .maxSteps:
      let standard = settings.quick ? StudyOptions.quickSteps : option.standard.flatMap(whole)
      if settings.maxSteps != standard { parts.append("\(option.name)=\(settings.maxSteps)") }
    case .positions:
      let standard = (try? StudyProtocol.named(settings.protocolName))?.positions
      if settings.model.positions != standard {
        parts.append("\(option.name)=\(settings.model.positions.rawValue)")
      }
    default:
      if let value = options[option], value != option.standard { parts.append("\(option.name)=\(value)") }
    }
  }
  return parts.joined(separator: ",")
}

private func whole(_ value: OptionValue) -> Int? {
  guard case .whole(let number) = value else { return nil }
  return number
}
