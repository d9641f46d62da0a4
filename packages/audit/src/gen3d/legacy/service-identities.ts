import type { AuthoredCommit } from '../../legacy.js';
import { writersOf } from '../../replay/authorship.js';

/** The most characters of an identity that are looked at. */
const MOST_CHARACTERS = 200;

/**
 * Whose commits services' are, learned from the history. In the reference dialect a message alone makes a commit a
 * service's, and anybody can write one: what is odd is an author that the service has not had before. Services commit with
 * one identity each, or with one for all.
 */
export class ServiceIdentities {
  readonly #ofService = new Map<string, Set<string>>();
  readonly #persons = new Set<string>();

  /** Takes the next commit in. @returns what is odd about its author, the first time that it is. */
  take({ author, commit }: AuthoredCommit): string | undefined {
    const identity = `${commit.author} <${commit.email}>`.slice(0, MOST_CHARACTERS);
    if (author.by === 'person') {
      this.#persons.add(identity);
      return undefined;
    }
    const writers = writersOf(author);
    if (writers.some((writer) => this.#ofService.get(writer)?.has(identity) === true)) return undefined;
    // Whose other eras' lines were is known by what they announce only.
    const isCertain = author.lines.every(({ other }) => other === undefined);
    const isServices = [...this.#ofService.values()].some((identities) => identities.has(identity));
    if (isServices && !isCertain) return undefined;
    const before = this.#expected(writers, identity);
    // What may be of several services teaches nothing of one, but for what was told of it.
    if (writers.length === 1 || before !== undefined) for (const writer of writers) this.#learn(writer, identity);
    if (before === undefined) return undefined;
    return `its message is of ${writers.join(' or ') || 'services'}, and its author ${identity}, ${before}`;
  }

  /** Why an identity is odd for a commit that one of some services may have made; undefined where it is not. */
  #expected(writers: readonly string[], identity: string): string | undefined {
    const known = [...this.#ofService.values()].map((identities) => [...identities]);
    const all = new Set(known.flat());
    const last = writers.map((writer) => [...(this.#ofService.get(writer) ?? [])].at(-1));
    if (last.length > 0 && last.every((one) => one !== undefined)) return `where it was ${last[0]} before`;
    if (all.has(identity)) return undefined;
    if (this.#persons.has(identity)) return 'who wrote as a person before';
    return known.length > 1 && all.size === 1 ? `where it was ${[...all][0]} for all services before` : undefined;
  }

  #learn(writer: string, identity: string): void {
    this.#ofService.set(writer, (this.#ofService.get(writer) ?? new Set()).add(identity));
  }
}
