/** A base leader, as `init` takes it. */
export const LEADER_OPTIONS = [
  ...['--leader-hotkey', '5E7eSeRr2aHzCV7SkY4a2Pi5NXHrU4anZz3phEQgn4HCen2B'],
  ...['--repo', 'org/base-miner'],
  ...['--commit', '28900bbb82c04f210eda8907713f57b9f6792992'],
  ...['--image', 'registry.example.com/base@sha256:0123'],
];

/** A competition that is described on the command line alone. */
export const COMPETITION_OPTIONS = [
  ...['--name', 'chairs', '--netuid', '17', '--judge-model', 'some-vlm'],
  ...['--first-date', '2026-12-02', '--last-date', '2027-12-01'],
  ...['--renderer', 'the renderer of this test'],
];

/** A chain's moment, for `init` without a chain. */
export const MOMENT_OPTIONS = ['--block', '4000000', '--time', '2026-12-01T00:00:00Z'];
