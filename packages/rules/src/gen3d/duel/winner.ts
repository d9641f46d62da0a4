import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import type { Builds, LeaderEntry, Winner } from '@tiltyard/schema/gen3d';
import { RulesError } from '../../rules-error.js';

/** What winner.json repeats about the winner. */
export interface WinnerFacts {
  /** leader.json, oldest first: its last entry is whom challengers had to beat. */
  readonly leaders: readonly LeaderEntry[];
  /** The builds that count, see `standingBuilds`. */
  readonly builds: Builds;
}

/**
 * winner.json of a decided round: the winner with the code and image that were audited.
 *
 * @param winner - As the timeline decided.
 * @throws {RulesError} `no_leader` when the leader defended and there is none; `build_not_usable` when a challenger has no
 * image, which an approved one always has.
 * @see docs/rules.md#winner
 */
export function winnerOf(winner: Side, { leaders, builds }: WinnerFacts): Winner {
  if (winner === LEADER) {
    const leader = leaders.at(-1);
    if (leader === undefined) throw new RulesError({ code: 'no_leader' });
    return { winner_hotkey: LEADER, repo: leader.repo, commit: leader.commit, docker_image: leader.docker };
  }
  const build = builds[winner as Hotkey];
  if (build === undefined || build.docker_image === null) {
    throw new RulesError({ code: 'build_not_usable', hotkey: winner, status: build?.status ?? 'unknown' });
  }
  return { winner_hotkey: winner, repo: build.repo, commit: build.commit, docker_image: build.docker_image };
}
