import type { ViewSetName } from '@tiltyard/schema/gen3d';

/** Where a camera stands and what is behind the object. All cameras look at the origin, y up. */
export interface View {
  readonly name: string;
  /** Degrees around the y axis; 0 looks at the object's front (+z), 90 stands at +x. */
  readonly azimuth: number;
  /** Degrees of pitch as the reference counts them: negative looks down from above. */
  readonly elevation: number;
  /** sRGB, 0xRRGGBB. */
  readonly background: number;
}

/** A named, versioned list of views. What a version shows never changes: rules.json refers to it. */
export interface ViewSet {
  /** Edge of each square view in pixels. */
  readonly sizePx: number;
  readonly views: readonly View[];
  /** Views that are laid out as one image, row by row in two columns. */
  readonly grid: { readonly views: readonly View[]; readonly sizePx: number; readonly gapPx: number };
}

/** Distance of every camera from the origin, in scene units. */
export const CAMERA_RADIUS = 2.0;
/** Vertical field of view in degrees; views are square. */
export const CAMERA_FOV_DEGREES = 49.1;

const WHITE = 0xffffff;
const GREY = 0x808080;

const gridViews: readonly View[] = [24, 120, 216, 312].map((azimuth) => ({
  name: `grid_${azimuth}`,
  azimuth,
  // Camera height is 2 sin 15° = 0.518, the reference's.
  elevation: -15,
  background: WHITE,
}));

const grid = { views: gridViews, sizePx: 518, gapPx: 5 } as const;

const frontViews: readonly View[] = [
  { name: 'front_left', azimuth: 30, elevation: 0, background: WHITE },
  { name: 'front_right', azimuth: 330, elevation: 0, background: WHITE },
  { name: 'front_below', azimuth: 0, elevation: 15, background: WHITE },
  { name: 'front_above', azimuth: 0, elevation: -30, background: WHITE },
];

const sideViews: readonly View[] = [
  { name: 'right', azimuth: 90, elevation: 0, background: WHITE },
  { name: 'back', azimuth: 180, elevation: 0, background: WHITE },
  { name: 'left', azimuth: 270, elevation: 0, background: WHITE },
  { name: 'top_down', azimuth: 0, elevation: -90, background: WHITE },
];

/**
 * The view sets that rules.json may name in `rendering.views`.
 *
 * `reference-grid@1` is what the running competition renders; `bundle-12@1` is what the multi-stage judge looks at.
 */
export const VIEW_SETS = {
  'reference-grid@1': { sizePx: 518, views: gridViews, grid },
  'bundle-12@1': {
    sizePx: 1024,
    views: [
      ...frontViews,
      ...sideViews,
      ...frontViews.map((view) => ({ ...view, name: `${view.name}_grey`, background: GREY })),
    ],
    grid,
  },
} as const satisfies Record<ViewSetName, ViewSet>;
