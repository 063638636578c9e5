/** What happened in this bridge worker since it started; plain totals, never reset. */
export class EventTotals {
  conferencesCreated = 0;
  endpointsCreated = 0;
  endpointsConnected = 0;
  dominantSpeakerChanges = 0;
  /** Times that the videos for everybody were limited further because of load, or less. */
  lastNChanges = 0;
}
