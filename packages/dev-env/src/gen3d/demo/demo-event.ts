import type { Stage } from '@tiltyard/schema/gen3d';
import type { NetworkService } from '../network/service-names.js';
import type { DemoFolder } from './demo-folder.js';
import type { RoundReport } from './story/round-report.js';

/** What a service last said. */
export interface ServiceNews {
  readonly service: NetworkService;
  readonly says: string;
}

/** Something that happened in a demo, as it happens. */
export type DemoEvent =
  /** The demo has its folder. */
  | { readonly kind: 'folder'; readonly folder: DemoFolder }
  /** The network is being brought up, or the demo does something of its own. */
  | { readonly kind: 'phase'; readonly text: string }
  /** The network is up. Every process writes the log `{logs}/{name}.log`. */
  | { readonly kind: 'up'; readonly logs: string; readonly processes: readonly string[] }
  /** The page and the live status are served. */
  | { readonly kind: 'served'; readonly url: string }
  /** The competition moved on. */
  | { readonly kind: 'progress'; readonly round: number; readonly stage: Stage; readonly note: string }
  /** A service did something else than before. */
  | { readonly kind: 'service'; readonly news: ServiceNews }
  /** Another miner leads the timeline. */
  | { readonly kind: 'lead'; readonly round: number; readonly name: string; readonly margin: number | undefined }
  | {
      readonly kind: 'audit';
      readonly round: number;
      readonly name: string;
      readonly outcome: 'passed' | 'rejected';
      readonly reason: string;
    }
  | { readonly kind: 'kill'; readonly service: NetworkService; readonly downMs: number }
  | { readonly kind: 'round'; readonly report: RoundReport }
  | { readonly kind: 'memory'; readonly pssBytes: number };

/** Whom a demo tells what happens. Must not throw. */
export type TellDemo = (event: DemoEvent) => void;
