import type { Change, ChangeContext } from './change.js';
import type { Codec } from './codec.js';
import { FormatError } from './format-error.js';
import { type PathTemplate, type PathValues, pathTemplate } from './path-template.js';
import type { ParamValues, TextParamTable } from './text-template.js';

/** One entry of a competition's table: all there is to know about a state file. */
export interface StateFile<T = unknown, Params = PathValues, Context extends ChangeContext = ChangeContext> {
  readonly path: PathTemplate<Params>;
  readonly codec: Codec<T>;
  /** Who may write it. `operator` writes what is manual, and everything in the competition's first commit. */
  readonly writers: readonly string[];
  /** The stages (at the parent commit) in which services may write it; absent: any. */
  readonly stages?: readonly string[];
  /** Which round's file may be written, in a competition of rounds: the current one's, or the next one's. */
  readonly round: 'current' | 'next';
  readonly change: Change<T, Context>;
  /** The longest text that is read, in bytes. */
  readonly maxBytes: number;
  /** What it holds, in a sentence, for the format reference. */
  readonly says: string;
  /** True for files that the reference implementation does not have. */
  readonly ours: boolean;
  /** The value that a text of this file holds. @throws FormatError naming path and field. */
  parse(text: string, path: string): T;
}

/** Any entry of a table. */
// biome-ignore lint/suspicious/noExplicitAny: a StateFile<T> is neither wider nor narrower than StateFile<unknown>
export type AnyStateFile = StateFile<any, any, any>;

/** What {@link defineStateFile} takes: the path as a template, everything with a usual value optional. */
export interface StateFileOptions<T, Template extends string, Context extends ChangeContext = ChangeContext> {
  readonly path: Template;
  readonly codec: Codec<T>;
  readonly writers: readonly string[];
  readonly stages?: readonly string[];
  readonly round?: 'current' | 'next';
  readonly change: Change<NoInfer<T>, Context>;
  readonly maxBytes?: number;
  readonly says: string;
  readonly ours?: boolean;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Declares a state file. @param params - What the parameters of the competition's paths may be. */
export function defineStateFile<
  T,
  Template extends string,
  Table extends TextParamTable,
  Context extends ChangeContext = ChangeContext,
>(params: Table, options: StateFileOptions<T, Template, Context>): StateFile<T, ParamValues<Template, Table>, Context> {
  const { path, codec, writers, stages, change, says } = options;
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  return {
    path: pathTemplate(path, params),
    codec,
    writers,
    ...(stages === undefined ? {} : { stages }),
    round: options.round ?? 'current',
    change,
    maxBytes,
    says,
    ours: options.ours ?? false,
    parse(text, at) {
      const sizeBytes = Buffer.byteLength(text);
      if (sizeBytes > maxBytes) throw new FormatError({ code: 'too_large', path: at, sizeBytes, limitBytes: maxBytes });
      return codec.parse(text, at);
    },
  };
}

/** A competition's state files by name. */
export type StateFileTable = Readonly<Record<string, AnyStateFile>>;

/** A path's entry in a table. */
export interface PathEntry {
  readonly name: string;
  readonly file: AnyStateFile;
  readonly params: PathValues;
}

/** Finds a path in a table; undefined when it is no state file (a README, say). */
export function knownPathIn(table: StateFileTable, path: string): PathEntry | undefined {
  for (const name in table) {
    const file = table[name];
    const params = file?.path.match(path);
    if (file !== undefined && params !== undefined) return { name, file, params };
  }
  return undefined;
}

/** The value that a state file holds: `ValueOf<typeof stateFiles.seed>` is `Seed`. */
export type ValueOf<File> = File extends Pick<StateFile<infer T>, 'codec'> ? T : never;

/** The parameters of a state file's path. */
export type ParamsOf<File> = File extends { readonly path: PathTemplate<infer Params> } ? Params : never;
