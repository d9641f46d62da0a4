import { answersInStore, type JudgeEndpoint, type JudgeLog } from '@tiltyard/judge';
import { type Judge, openJudge } from '@tiltyard/judge/gen3d';
import type { Rules } from '@tiltyard/schema/gen3d';
import type { ObjectStore } from '@tiltyard/store';

/** The judge of each round's rules; all of them share one endpoint and its queue. */
export function judgesAt(endpoint: JudgeEndpoint, store: ObjectStore, log: JudgeLog): (rules: Rules) => Judge {
  const answers = answersInStore(store, log);
  let latest: { readonly judging: Rules['judging']; readonly judge: Judge } | undefined;
  return ({ judging }) => {
    if (latest?.judging !== judging) latest = { judging, judge: openJudge({ endpoint, judging, answers, log }) };
    return latest.judge;
  };
}
