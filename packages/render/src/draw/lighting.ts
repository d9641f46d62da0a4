import type { LightingName } from '@tiltyard/schema/gen3d';
import {
  AmbientLight,
  DirectionalLight,
  NeutralToneMapping,
  NoToneMapping,
  PMREMGenerator,
  type Texture,
  Vector3,
} from 'three';
import { RoomEnvironment } from 'three/addons/environments/RoomEnvironment.js';
import type { Stage } from './stage.js';

/** Lights of a stage, by their public names. Switching takes no time: the environment is computed once. */
export interface Lighting {
  use(name: LightingName): void;
  /** The key light goes with the camera. Call it whenever the camera has moved. */
  follow(): void;
}

const ENVIRONMENT_INTENSITY = 0.9;
const KEY_OFFSET = new Vector3(1, 1, 0);

/**
 * Sets up both lightings. Computing the studio's environment map takes about half a second, once for the process.
 *
 * `flat@1` is the reference's: ambient 0.3 and one directional light of 6.0 at the camera + (1, 1, 0), no tone mapping.
 * pyrender's ambient light is not divided by π as three's is, hence the factor.
 *
 * `studio@1`: image-based light from three's room, a soft key from the camera, Khronos' neutral tone mapping, which
 * keeps base colours as they are. Metals, black under flat light, look like metals.
 */
export function setUpLighting({ renderer, scene, camera }: Stage): Lighting {
  const room = new RoomEnvironment();
  const generator = new PMREMGenerator(renderer);
  const environment: Texture = generator.fromScene(room, 0.04).texture;
  room.dispose();
  generator.dispose();

  const ambient = new AmbientLight(0xffffff, 0.3 * Math.PI);
  const key = new DirectionalLight(0xffffff, 1);
  scene.add(ambient, key);
  return {
    use: (name) => {
      const flat = name === 'flat@1';
      renderer.toneMapping = flat ? NoToneMapping : NeutralToneMapping;
      scene.environment = flat ? null : environment;
      scene.environmentIntensity = ENVIRONMENT_INTENSITY;
      ambient.visible = flat;
      key.intensity = flat ? 6 : 1;
    },
    follow: () => {
      key.position.copy(camera.position).add(KEY_OFFSET);
    },
  };
}
