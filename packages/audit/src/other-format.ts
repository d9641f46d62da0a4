/** What an auditor is told once of everything that is of one other format than the table's. */
export interface OtherFormat {
  readonly id: string;
  /** The era that it comes from; the competition's `eras` say how findings call it. */
  readonly era: string;
  /** How the files are called, or the lines. */
  readonly what: string;
  /** What it is, and what becomes of it here: read in another way, or not derived again, and why. */
  readonly says: string;
  /** True where what it holds is part of what is derived again. */
  readonly isRead: boolean;
}

/** A state file whose content is of another format than the table's. */
export interface OtherContent extends OtherFormat {
  readonly files: readonly string[];
  /** Whether a document (or a table's text) is of this format. Looks at its shape only, so that it is cheap. */
  fits(content: unknown): boolean;
  /**
   * The same as the table's format has it, which is then held against its schema. Absent where it does not hold enough:
   * nothing is made up that a rule would look at.
   */
  read?(content: unknown): unknown;
  /** What is kept of a content that has no value. */
  kept?(content: unknown): object | undefined;
  /** Rules that ask for what this format does not hold: they pass its files over. */
  readonly exempt?: readonly string[];
}
