import type { TextTemplate } from '../text-template.js';

/** A line of a commit message: its kind, and the facts that it names. */
export interface AnyLine {
  readonly kind: string;
}

/** The form of one kind of line: its text, whose it is, and the state files that it announces. */
export interface LineForm<Line, Writer, Name> {
  readonly text: TextTemplate<Omit<Line, 'kind'>>;
  readonly owners: readonly Writer[] | ((line: Line) => readonly Writer[]);
  /** By name in the table. A commit's other files need lines of their own. */
  readonly files: readonly Name[] | ((line: Line) => readonly Name[]);
}

/** The forms of a competition's lines, by kind, in the order in which they are tried. */
export type LineForms<Line extends AnyLine, Writer, Name> = {
  readonly [Kind in Line['kind']]: LineForm<Extract<Line, { readonly kind: Kind }>, Writer, Name>;
};

/** How the lines of a competition's commit messages are read and written. */
export interface LineGrammar<Line extends AnyLine, Writer, Name> {
  /** What a line announces; undefined when it is outside the grammar. */
  parse(text: string): Line | undefined;
  /** The line that announces it. */
  format(line: Line): string;
  /** Whose line it is. */
  owners(line: Line): readonly Writer[];
  /** The state files that it announces, by name in the table. */
  files(line: Line): readonly Name[];
}

/** The grammar of these forms. */
export function lineGrammar<Line extends AnyLine, Writer, Name>(
  forms: LineForms<Line, Writer, Name>,
): LineGrammar<Line, Writer, Name> {
  // TypeScript cannot follow a line's kind to its own form.
  const formOf = (line: Line) => forms[line.kind as Line['kind']] as unknown as LineForm<Line, Writer, Name>;
  const all = Object.entries(forms) as readonly [string, LineForm<Line, Writer, Name>][];
  return {
    parse(text) {
      for (const [kind, form] of all) {
        const facts = form.text.match(text);
        if (facts !== undefined) return { kind, ...facts } as unknown as Line;
      }
      return undefined;
    },
    format: (line) => formOf(line).text.fill(line),
    owners: (line) => of(formOf(line).owners, line),
    files: (line) => of(formOf(line).files, line),
  };
}

function of<Line, Of>(value: readonly Of[] | ((line: Line) => readonly Of[]), line: Line): readonly Of[] {
  return typeof value === 'function' ? value(line) : value;
}
