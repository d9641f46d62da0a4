/** A surface: sRGB colour 0xRRGGBB, roughness and metalness in [0, 1] as in glTF's metallic-roughness model. */
export interface Paint {
  readonly colour: number;
  readonly roughness: number;
  readonly metalness: number;
}

/** Glossy, like glaze, lacquer or plastic. */
export const glossy = (colour: number): Paint => ({ colour, roughness: 0.3, metalness: 0 });

/** Dull, like wood, cloth, paper or leaves. */
export const matt = (colour: number): Paint => ({ colour, roughness: 0.85, metalness: 0 });

/** Metal; the colour is its reflection's. */
export const metal = (colour: number, roughness = 0.35): Paint => ({ colour, roughness, metalness: 1 });

export const STEEL = metal(0xb8bcc4);
export const BRASS = metal(0xd9a441);
export const RUBBER = matt(0x202226);
export const GLASS = glossy(0x35485c);
