/** What happened in this bridge worker since it started; plain totals, never reset. */
export class EventTotals {
  conferencesCreated = 0;
  endpointsCreated = 0;
  endpointsConnected = 0;
  dominantSpeakerChanges = 0;
}
