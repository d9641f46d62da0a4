import { ListText } from '@tiltyard/schema';
import { HostAndPort } from '@tiltyard/store';
import { z } from 'zod';

/** `127.0.0.1:4001,127.0.0.1:4002` in a variable: hosts of the local network that may be reached. */
export const HostList = ListText.pipe(z.array(HostAndPort).max(64));
