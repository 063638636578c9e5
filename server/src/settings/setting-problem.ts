/** What is said about a setting: that it cannot be used, or that it has no effect. */
export interface SettingProblem {
  readonly name: string;
  /** What happened, what is expected and what to do, in one line. */
  readonly message: string;
}
