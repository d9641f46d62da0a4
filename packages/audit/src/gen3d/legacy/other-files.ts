import type { OtherFormat } from './other-format.js';

/** Files that are no state files of the registry: a pattern of their paths, and what they are. */
export interface OtherFile extends OtherFormat {
  readonly pattern: RegExp;
}

const SIDE = '(?:leader|[1-9A-HJ-NP-Za-km-z]{46,48})';
const ROUND = '(?:0|[1-9]\\d{0,5})';

/** Every kind of file that public histories hold beside the registry's; of those that fit, the first counts. */
export const OTHER_FILES: readonly OtherFile[] = [
  of('splats', 'splat-making', `rounds/${ROUND}/${SIDE}/progress\\.json`, {
    what: 'rounds/N/MINER/progress.json',
    says: 'generations.json while it was still being made',
  }),
  of('splats', 'splat-progress', `rounds/${ROUND}/judge_progress\\.json`, {
    what: 'rounds/N/judge_progress.json',
    says: 'who led and who had been judged so far: what duels.json says again',
  }),
  of('splats', 'splat-prompts', `rounds/${ROUND}/prompts\\.tsv`, {
    what: 'rounds/N/prompts.tsv',
    says: 'prompts of a round, from before there was a prompts.txt: not drawn again',
  }),
  of('splats', 'splat-round-leader', `rounds/${ROUND}/leader\\.json`, {
    what: 'rounds/N/leader.json',
    says: 'the leader of one round, from before leader.json kept them all',
  }),
  of('splats', 'splat-submission', `rounds/${ROUND}/submission\\.json`, {
    what: 'rounds/N/submission.json',
    says: 'a list of submissions, from before there was a submissions.json',
  }),
  of('splats', 'splat-all-generations', 'generations\\.json', {
    what: 'generations.json outside any round',
    says: "a draft of what containers made, with made-up miners' names",
  }),
  of('scripts', 'script-repeats', `rounds/${ROUND}/${SIDE}/generated_\\d{1,3}\\.json`, {
    what: 'rounds/N/MINER/generated_K.json',
    says:
      'what a container made in its K-th re-run. How re-runs were judged is held against audit_matrix.csv; their files ' +
      'are not',
  }),
  of('tests', 'test-duels', `rounds/${ROUND}/${SIDE}/duels_\\w{1,20}\\.json`, {
    what: 'rounds/N/MINER/duels_X.json where X is no defender',
    says: 'a match of a test: not derived again',
  }),
  of('tests', 'test-folder', `rounds/${ROUND}/(?!${SIDE}/)[^/]+/[^/]+`, {
    what: 'rounds/N/NAME/… where NAME is no hotkey',
    says: 'miners of a test (made up, or named by ten characters as in the first ones): nothing decides from it',
  }),
  // However it is written: some file systems take Rounds/ for rounds/.
  of('unknown', 'unknown-round-file', '[Rr][Oo][Uu][Nn][Dd][Ss]/.*', {
    what: 'rounds/…',
    says: 'no file of a known format: nothing was read of it',
  }),
  of('unknown', 'unknown-file', '[^/]+\\.(?:json|csv|tsv|txt)', {
    what: 'data files outside any round',
    says: 'no file of a known format: nothing was read of it',
  }),
];

/** What a path is that the registry does not know; undefined for what is no data (a README, a workflow, a schema). */
export function otherFileOf(path: string): OtherFormat | undefined {
  return OTHER_FILES.find(({ pattern }) => pattern.test(path));
}

function of(
  era: OtherFormat['era'],
  id: string,
  pattern: string,
  { what, says }: Pick<OtherFormat, 'what' | 'says'>,
): OtherFile {
  // linear: the patterns above take whole segments of a path, and every path stands between two known ends
  return { era, id, what, says, isRead: false, pattern: new RegExp(`^${pattern}$`, 's') };
}
