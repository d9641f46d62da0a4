import type { DemoResult, RoundReport } from '@tiltyard/dev-env/gen3d';

/** What `demo --json` prints, `ok` aside. Names are the sample miners'; `leader` as a defender is who led before. */
export function demoFacts(result: DemoResult): object {
  const { seconds, folder, rounds, leaders, weights, audit, outcomes, deviations, peakPssBytes, kills } = result;
  return {
    seconds,
    repository: folder.repository,
    page: `${folder.page}/index.html`,
    logs: folder.logs,
    rounds: rounds.map(roundFacts),
    leader: leaders,
    weights: Object.fromEntries(weights.map(({ uid, weight }) => [String(uid), weight])),
    audit: { ok: audit.ok, findings: audit.findings },
    outcomes,
    deviations,
    memory: { peak_pss_bytes: peakPssBytes },
    kills,
  };
}

function roundFacts({
  round,
  submissions,
  qualified,
  timeline,
  audits,
  deliveries,
  winner,
  leader,
}: RoundReport): object {
  return {
    round,
    submissions,
    qualified,
    timeline: timeline.map(({ hotkey, name, defender, margin, status, hasLed }) => ({
      ...{ hotkey, name, defender, margin, status },
      has_led: hasLed,
    })),
    audits: audits.map(({ name, outcome, reason, distances, generationTime }) => ({
      ...{ name, outcome, reason, distances },
      generation_time: generationTime,
    })),
    files: deliveries.map(({ name, files, usable, failed, sameAs }) => ({
      ...{ name, files, usable, failed },
      duplicates: sameAs,
    })),
    leader,
    winner,
  };
}
