import type { Change } from './change.js';
import type { Codec } from './codec.js';
import { FormatError } from './format-error.js';
import type { Stage } from './gen3d/stage-machine.js';
import type { ServiceName } from './names.js';
import { type PathParams, type PathTemplate, pathTemplate } from './path-template.js';

/** One entry of the registry: all there is to know about a state file. */
export interface StateFile<T = unknown, Template extends string = string> {
  readonly path: PathTemplate<Template>;
  readonly codec: Codec<T>;
  /** Who may write it. `operator` writes what is manual, and everything in the competition's first commit. */
  readonly writers: readonly ServiceName[];
  /** The stages (of state.json at the parent commit) in which services may write it; absent: any. */
  readonly stages?: readonly Stage[];
  /** Which round's file may be written: the current one, or the next one (schedule and rules). */
  readonly round: 'current' | 'next';
  readonly change: Change<T>;
  /** The longest text that is read, in bytes. */
  readonly maxBytes: number;
  /** What it holds, in a sentence, for the format reference. */
  readonly says: string;
  /** True for files that the reference implementation does not have. */
  readonly ours: boolean;
  /** The value that a text of this file holds. @throws FormatError naming path and field. */
  parse(text: string, path: string): T;
}

/** What {@link stateFile} takes: the path as a template, everything with a usual value optional. */
export interface StateFileOptions<T, Template extends string> {
  readonly path: Template;
  readonly codec: Codec<T>;
  readonly writers: readonly ServiceName[];
  readonly stages?: readonly Stage[];
  readonly round?: 'current' | 'next';
  readonly change: Change<NoInfer<T>>;
  readonly maxBytes?: number;
  readonly says: string;
  readonly ours?: boolean;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Declares a state file. */
export function stateFile<T, Template extends string>(options: StateFileOptions<T, Template>): StateFile<T, Template> {
  const { path, codec, writers, stages, change, says } = options;
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  return {
    path: pathTemplate(path),
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

/** The value that a state file holds: `ValueOf<typeof stateFiles.seed>` is `Seed`. */
export type ValueOf<File> = File extends StateFile<infer T, string> ? T : never;

/** The parameters of a state file's path. */
export type ParamsOf<File> = File extends StateFile<unknown, infer Template> ? PathParams<Template> : never;
