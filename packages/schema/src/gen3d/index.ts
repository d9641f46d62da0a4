/** The line that announces a changed file. */
export { announceChanges, type ChangedFile } from './announce-changes.js';
/** Where a miner's files lie. */
export { cdnFileUrl } from './cdn-file-url.js';
/** The choices of rules.json that this version can carry out. */
export * from './choices.js';
/** The formats themselves. */
export * from './files/index.js';
/** Proof of who had a file first: a miner's manifest, and what it commits on chain. */
export { Manifest, ManifestCommitment } from './manifest.js';
/** Lines of prompts.txt and their stems. */
export { type Prompt, PromptLine, parsePrompt, promptOf, stemOf } from './prompt.js';
/** The registry: every state file, and where a path belongs. */
export { type KnownPath, knownPath, matchReportPath, STATE_FILES, type StateFileName, stateFiles } from './registry.js';
/** The stages, their owners and the legal edges between them. */
export * from './stage-machine.js';
