import type { Part, Shapes } from '../shapes.js';

/** How a sample object is built: from shapes at some level of detail, Y up, facing +z, in units of its own. */
export type SampleObject = (shapes: Shapes) => readonly Part[];
