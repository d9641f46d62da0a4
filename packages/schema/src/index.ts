/** Names and numbers that every format shares: hotkeys, sides, commits, hashes, stems, blocks, services. */
export * from './names.js';
