import { formatCommitMessage, type ParamsOf, parseCommitMessage, type ValueOf } from '@tiltyard/schema';
import {
  type CompetitionState,
  gen3d,
  knownPath,
  type ServiceName,
  type StateFileName,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { gitIn } from '../synthetic/git-in.js';

type Files = typeof stateFiles;

/** A state file and what it holds at the tip. */
export interface FoundFile<Name extends StateFileName> {
  readonly path: string;
  readonly params: ParamsOf<Files[Name]>;
  readonly value: ValueOf<Files[Name]>;
}

/** The tip of a competition's repository, as its next author sees it. */
export class Tip {
  private constructor(
    readonly dir: string,
    /** The branch, as `refs/heads/…`. */
    readonly branch: string,
    readonly id: string,
    readonly at: Date,
    /** Every path, the last rounds' first. */
    readonly paths: readonly string[],
    readonly state: CompetitionState,
  ) {}

  /** Looks at what a repository's HEAD stands on. @throws AuditError `git`; TypeError when it is no competition. */
  static async of(dir: string): Promise<Tip> {
    const branch = (await gitIn(dir, ['symbolic-ref', 'HEAD'])).trim();
    const [id = '', seconds] = (await gitIn(dir, ['log', '-1', '--format=%H %ct', branch])).trim().split(' ');
    const listed = await gitIn(dir, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', id]);
    const roundIn = (path: string) => knownPath(path)?.params.round ?? -1;
    const paths = listed
      .split('\0')
      .filter((path) => knownPath(path) !== undefined)
      .sort((a, b) => roundIn(b) - roundIn(a));
    if (!paths.includes('state.json')) throw new TypeError(`${dir} holds no state.json`);
    const state = stateFiles.state.parse(await gitIn(dir, ['show', `${id}:state.json`]), 'state.json');
    return new Tip(dir, branch, id, new Date(Number(seconds) * 1000), paths, state);
  }

  /** Every file of a kind, the last round's first. */
  async *all<Name extends StateFileName>(name: Name): AsyncGenerator<FoundFile<Name>> {
    for (const path of this.paths) {
      const known = knownPath(path);
      if (known?.name !== name) continue;
      const value = known.file.parse(await gitIn(this.dir, ['show', `${this.id}:${path}`]), path);
      yield { path, params: known.params as ParamsOf<Files[Name]>, value: value as ValueOf<Files[Name]> };
    }
  }

  /** The last file of a kind for which something holds. @throws TypeError when there is none. */
  async last<Name extends StateFileName>(
    name: Name,
    holds: (value: ValueOf<Files[Name]>) => boolean = () => true,
  ): Promise<FoundFile<Name>> {
    for await (const file of this.all(name)) if (holds(file.value)) return file;
    throw new TypeError(`${this.dir} has no ${name} that could be tampered with`);
  }

  /** How a service's commits are signed off in this repository, and the message that one with these lines has. */
  async signOff(
    service: ServiceName,
    lines: readonly string[],
  ): Promise<{ readonly author: string; readonly message: string }> {
    const commit = ['log', '-1', '--format=%an <%ae>', `--grep=^Service: ${service}$`, this.id];
    const author = (await gitIn(this.dir, commit)).trim() || `${service} <${service}@tiltyard.invalid>`;
    const message = await gitIn(this.dir, ['log', '-1', '--format=%B', this.id]);
    const { version = '0.1.0' } = parseCommitMessage(message, gen3d);
    return { author, message: formatCommitMessage(lines, { service, version }) };
  }
}
