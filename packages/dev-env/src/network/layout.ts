import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Where the parts of a local network keep their files. Nothing of it is shared but what a real network shares. */
export interface NetworkLayout {
  readonly root: string;
  /** Logs of all processes. */
  readonly logs: string;
  /** The dev chain's blocks. */
  readonly chain: string;
  /** The bare state repository behind the git remote. */
  readonly repository: string;
  /** Objects. Written by the services that store, served by the store's server. */
  readonly objects: string;
  /** Keys that commits are signed with. On real machines each service would have only its own. */
  readonly keys: string;
  /** Each service's environment, in a file for `node --env-file`. */
  readonly environments: string;
  /** Private clones, one for each service. */
  readonly clones: string;
  /** What the local builder builds from and to. */
  readonly sources: string;
  readonly images: string;
  /** Records and logs of local pods. */
  readonly pods: string;
  /** Temporary files of all processes: whatever a killed one leaves behind goes with the network. */
  readonly tmp: string;
  /** What sample miners recognise prompts by. */
  readonly catalogue: string;
}

/** Makes the folders of a network under a root. */
export async function makeLayout(root: string): Promise<NetworkLayout> {
  const at = (...names: string[]) => path.join(root, ...names);
  const layout: NetworkLayout = {
    root,
    logs: at('logs'),
    chain: at('chain'),
    repository: at('remote', 'state.git'),
    objects: at('objects'),
    keys: at('keys'),
    environments: at('environments'),
    clones: at('clones'),
    sources: at('builder', 'sources'),
    images: at('builder', 'images'),
    pods: at('pods'),
    tmp: at('tmp'),
    catalogue: at('catalogue.json'),
  };
  const { logs, chain, objects, keys, environments, clones, sources, images, pods, tmp } = layout;
  const folders = [logs, chain, objects, keys, environments, clones, sources, images, pods, tmp];
  for (const folder of [...folders, path.dirname(layout.repository)]) await mkdir(folder, { recursive: true });
  return layout;
}
