import { text } from 'node:stream/consumers';
import { endLeftovers } from './end-leftovers.js';

const root = await text(process.stdin);
if (root.startsWith('/')) await endLeftovers(root);
