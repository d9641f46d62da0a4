import { z } from 'zod';

/** A commit id as miners reveal it and as leader.json, builds.json and winner.json repeat it: 40 hex digits. */
export const RepoCommit = z.string().regex(/^[0-9a-fA-F]{40}$/, 'is not a 40-digit commit id');

/** A GitHub repository, `owner/name`. */
export const RepoName = z
  .string()
  .max(200)
  .regex(/^[\w.-]+\/[\w.-]+$/, 'is not owner/name');

/** A point in time in ISO-8601 with an offset or Z. Written in UTC. */
export const Time = z.iso.datetime({ offset: true });

/** A calendar day, YYYY-MM-DD. */
export const Day = z.iso.date();

/** A container image's reference. */
export const ImageRef = z.string().min(1).max(500);

/** A number of seconds, at least 0. */
export const Seconds = z.number().min(0);

/** A text that a person or a model wrote; bounded so that no file grows without limit. */
export const FreeText = z.string().max(20_000);
