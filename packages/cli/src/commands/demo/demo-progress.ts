import { type DemoEvent, signed } from '@tiltyard/dev-env/gen3d';

/** Shows a demo's progress while it runs. */
export interface DemoProgress {
  tell(event: DemoEvent): void;
  /** Ends what is shown; with the error that ended the demo, if one did. */
  close(error?: unknown): Promise<void>;
}

/** One line for each thing that happens, with the seconds since the start before it. */
export function linesOfProgress(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): DemoProgress {
  const startedAt = now();
  const told = new Set<string>();
  /** What a service does over and over is shown once, else it drowns the story. */
  const isKnown = (event: DemoEvent) => {
    if (event.kind !== 'service') return false;
    const { service, says } = event.news;
    const key = `${service} ${says}`;
    return told.has(key) || !told.add(key);
  };
  return {
    tell(event) {
      if (isKnown(event)) return;
      const seconds = ((now() - startedAt) / 1000).toFixed(1).padStart(6);
      for (const line of linesOf(event)) write(`${seconds}  ${line}\n`);
    },
    close: async () => undefined,
  };
}

/** What an event says to people; nothing for what only a live display shows. */
export function linesOf(event: DemoEvent): readonly string[] {
  switch (event.kind) {
    case 'folder':
      return [`everything of this demo is in ${event.folder.root}`];
    case 'phase':
      return [event.text];
    case 'up':
      return [`the network is up: ${event.processes.length} processes, their logs in ${event.logs}`];
    case 'served':
      return [`live status and page: ${event.url}`];
    case 'progress':
      return [`round ${event.round}  ${event.stage}: ${event.note}`];
    case 'service':
      // What it published was shown as progress.
      return event.news.says.startsWith('published') ? [] : [`${event.news.service}: ${event.news.says}`];
    case 'lead':
    case 'audit':
    case 'round':
      return [`round ${'report' in event ? event.report.round : event.round}  ${storyOf(event)}`];
    case 'kill':
      return [`killed ${event.service}; it was back after ${(event.downMs / 1000).toFixed(1)} s`];
    case 'memory':
      return [];
  }
}

/** The competition's own story: who leads, who is rejected, who won. */
export function storyOf(event: Extract<DemoEvent, { readonly kind: 'lead' | 'audit' | 'round' }>): string {
  switch (event.kind) {
    case 'lead':
      return `${event.name} leads${event.margin === undefined ? '' : ` with ${signed(event.margin)}`}`;
    case 'audit':
      return event.outcome === 'passed'
        ? `the audit of ${event.name} passed`
        : `${event.name} is rejected: ${event.reason}`;
    case 'round': {
      const { winner, isDefended } = event.report;
      if (winner === null) return 'is over without a winner';
      return isDefended ? `${winner} defended the lead` : `${winner} won`;
    }
  }
}
