// Deploys one pod and tells nobody: an owner that may die at any moment.
import { openLocalPods } from '@tiltyard/pods';

process.stdout.write('ready');
const [imageDir, stateDir, name, image] = process.argv.slice(2);
await openLocalPods({ imageDir, stateDir }).deploy({ name, image });
