import { cactus } from './cactus.js';
import { camera } from './camera.js';
import { chair } from './chair.js';
import { clock } from './clock.js';
import { guitar } from './guitar.js';
import { house } from './house.js';
import { lamp } from './lamp.js';
import { mug } from './mug.js';
import { mushroom } from './mushroom.js';
import { robot } from './robot.js';
import type { SampleObject } from './sample-object.js';
import { snowman } from './snowman.js';
import { table } from './table.js';
import { teapot } from './teapot.js';
import { tree } from './tree.js';
import { airplane } from './vehicles/airplane.js';
import { bicycle } from './vehicles/bicycle.js';
import { boat } from './vehicles/boat.js';
import { car } from './vehicles/car.js';
import { rocket } from './vehicles/rocket.js';
import { train } from './vehicles/train.js';

/** Every sample object by name. */
export const GALLERY: ReadonlyMap<string, SampleObject> = new Map(
  Object.entries({
    airplane,
    bicycle,
    boat,
    cactus,
    camera,
    car,
    chair,
    clock,
    guitar,
    house,
    lamp,
    mug,
    mushroom,
    robot,
    rocket,
    snowman,
    table,
    teapot,
    train,
    tree,
  }),
);
