/** What the auditor made of the demo's repository. */

/** Runs one service of a network that is up, in a terminal. */
export { runServiceAlone, serviceNamed } from '../network/service-alone.js';
export type { DemoAudit } from './audit-demo-repository.js';
/** What happens in a demo, as it happens. */
export type { DemoEvent, ServiceNews, TellDemo } from './demo-event.js';
/** A demo's folder: what stays. */
export type { DemoFolder } from './demo-folder.js';
/** What a demo shows, and how its options are read. */
export { DEMO_DEFAULTS, type DemoOptions, type DemoWords, readDemoOptions } from './demo-options.js';
/** What a demo came to. */
export type { DemoResult } from './demo-result.js';
/** Keeps a network running for a developer. */
export { keepUp, upRoot } from './keep-up.js';
/** Runs a whole competition on this machine. */
export { runDemo } from './run-demo.js';
/** Margins, distances and standings as people read them. */
export { distanceRange, signed, standingWord } from './story/outcomes.js';
/** A round's story. */
export type { AuditRow, Delivery, FailedFile, RoundReport, TimelineRow } from './story/round-report.js';
/** Who led, and what is paid. */
export type { LeaderRow, WeightRow } from './story/standings.js';
