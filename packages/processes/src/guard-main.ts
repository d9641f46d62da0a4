import { text } from 'node:stream/consumers';
import { endProcesses } from './end-processes.js';

const mark = await text(process.stdin);
if (mark !== '') await endProcesses(mark, { graceMs: 0 });
