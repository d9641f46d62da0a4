import type { DemoEvent } from './demo-event.js';

/** Where a running demo stands, for viewers outside of it. */
export interface LiveStatus {
  readonly phase: string;
  readonly round: number | null;
  readonly stage: string | null;
  readonly services: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  /** Rounds that are over and have a page. */
  readonly rounds: readonly { readonly round: number; readonly winner: string | null }[];
  /** What happened last, newest first. */
  readonly lately: readonly string[];
}

export const NO_STATUS: LiveStatus = {
  phase: 'starting',
  round: null,
  stage: null,
  services: {},
  memoryBytes: 0,
  rounds: [],
  lately: [],
};

const LATELY = 30;

/** The status after an event. */
export function statusAfter(status: LiveStatus, event: DemoEvent): LiveStatus {
  const lately = (line: string) => [line, ...status.lately].slice(0, LATELY);
  switch (event.kind) {
    case 'phase':
      return { ...status, phase: event.text, lately: lately(event.text) };
    case 'up':
      return { ...status, phase: 'the network is up', lately: lately('the network is up') };
    case 'folder':
    case 'served':
      return status;
    case 'progress': {
      const { round, stage, note } = event;
      return { ...status, phase: note, round, stage, lately: lately(`round ${round}, ${stage}: ${note}`) };
    }
    case 'service':
      return { ...status, services: { ...status.services, [event.news.service]: event.news.says } };
    case 'lead':
      return { ...status, lately: lately(`${event.name} leads round ${event.round}`) };
    case 'audit':
      return { ...status, lately: lately(`the audit of ${event.name}: ${event.outcome} ${event.reason}`.trim()) };
    case 'kill':
      return { ...status, lately: lately(`killed ${event.service}, back after ${(event.downMs / 1000).toFixed(1)} s`) };
    case 'round': {
      const { round, winner } = event.report;
      return { ...status, rounds: [...status.rounds, { round, winner }] };
    }
    case 'memory':
      return { ...status, memoryBytes: event.pssBytes };
  }
}
