/**
 * Which pictures our own code draws of a scene. Raised with every change after which some file gets other pixels, so that
 * `Renderer.describe()` tells apart what may differ.
 *
 * 2: what is nearer hides what is behind it in blended materials too; of surfaces in one place, the scene's order decides
 * which is drawn first.
 * 3: a texture that holds colours in one place and numbers in another is read as either; a skinned mesh is where its joints
 * put it, whatever its node does.
 */
export const DRAWING_REVISION = 3;
