/**
 * Why a remote does not let us do something, until a person acts:
 *
 * - `read_only`: our key or token may read and not write
 * - `protected`: a rule of the branch or the repository is against the push
 * - `archived`: the repository takes no pushes at all
 * - `gone`: there is no repository at that address that we may see
 * - `too_big`: the push, or the repository with it, is larger than the host takes
 * - `blocked`: the host has shut the account, or our address, out
 * - `declined`: a hook of the repository says no, for a reason of its own
 */
export type RefusalReason = 'read_only' | 'protected' | 'archived' | 'gone' | 'too_big' | 'blocked' | 'declined';

/** Patterns in the order in which they are tried, and what each means. All are linear: gaps have a bound. */
export type ReasonTable<Kind> = readonly (readonly [pattern: RegExp, kind: Kind])[];

/**
 * What hosts say, over ssh, https and in hooks' `remote:` lines. The texts are those of GitHub (docs.github.com,
 * "Troubleshooting"), GitLab (gitlab-shell and lib/gitlab/git_access*.rb), Gitea and Forgejo (cmd/serv.go,
 * routers/private/), Bitbucket (support.atlassian.com) and git itself (builtin/receive-pack.c, http.c, connect.c, daemon.c).
 */
export const REFUSALS: ReasonTable<RefusalReason> = [
  // Archived comes before read-only: an archived remote says both.
  [/was archived|is archived|archived so (it )?is read-only|cannot push to an archived/i, 'archived'],
  [/account (is|has been|was) (suspended|blocked|disabled|deactivated|locked)|suspended account/i, 'blocked'],
  [/account is (being )?(flagged|restricted)|access to this repository has been disabled/i, 'blocked'],
  [/exceeded its user limit|payment|billing|IP (address )?.{0,60}(not (allowed|permitted)|allow ?list)/i, 'blocked'],
  [/(returned error:|RPC failed; HTTP) 413|Request Entity Too Large|Payload Too Large/i, 'too_big'],
  [/GH001|exceeds GitHub's|pack exceeds maximum|push .{0,60}too large|exceed(s|ed)? .{0,60}size limit/i, 'too_big'],
  [/over .{0,30}(size|storage) limit|size limit .{0,60}exceeded|larger than the (maximum|allowed)/i, 'too_big'],
  [
    /GH00[2-9]|GH01\d|protected branch|branch .{0,250} is protected|rule violations|declined due to repository/i,
    'protected',
  ],
  [
    /can only be modified through pull requests|protected (ref|tag)|push(es)? to .{0,250} (is|are) (restricted|blocked)/i,
    'protected',
  ],
  [/marked as read.only|deploy key does not have write access|Permission to \S{1,300} denied/i, 'read_only'],
  [/Write access .{0,60}not granted|not (allowed|authorized|permitted) to (push|write|upload)/i, 'read_only'],
  [
    /(do not|don't) have (the )?(permission|access|rights?) to (push|write)|read.only (access|key|token|replica|(gitlab )?instance)/i,
    'read_only',
  ],
  [
    /repository is (in )?read.only(?!.{0,60}(maintenance|try again))|insufficient permission for adding an object/i,
    'read_only',
  ],
  [
    /unable to create temporary object directory|remote: .{0,300}Unable to create '[^':]+': Permission denied/i,
    'read_only',
  ],
  [/requested URL returned error: (404|410)|repository not found|repository '[^']+' not found/i, 'gone'],
  [/project you were looking for could not be found/i, 'gone'],
  [
    /repository ([^'\s]\S* )?(does not exist|not exported)|cannot find repository|repository has been (deleted|removed)/i,
    'gone',
  ],
  [/remote: Not Found|unable to update url base from redirection|repository (has )?moved permanently/i, 'gone'],
];

/** What a host's own words are when something behind it is down: the same push may be taken in a minute. */
export const OUTAGES: ReasonTable<'server'> = [
  [
    /fatal error in commit_refs|internal (server |api )?(connection )?error|error id [0-9a-f]|something went wrong/i,
    'server',
  ],
  [/unreachable|unavailable|not (accessible|reachable|responding)|no healthy|bad gateway|gateway time-?out/i, 'server'],
  [
    /\b(http|status|error|code)[: ]{0,3}(5\d\d|429)\b|\b50[0234] |too many requests|rate limit|abuse detection/i,
    'server',
  ],
  [
    /timed? ?out|deadline exceeded|connection (refused|reset|closed)|(could not|unable to|failed to) connect/i,
    'server',
  ],
  [
    /maintenance|temporar|overload|heavy load|not able to service|try again (later|in )|retry later|rpc error|database is locked/i,
    'server',
  ],
  [/no space left|disk (is )?full|read-only file system|disk quota|input\/output error/i, 'server'],
  [/cannot (fork|allocate memory|run|exec)|out of memory|unpacker error|unable to migrate objects/i, 'server'],
];

/** What a person does about each, as the end of a sentence. */
export const REMEDIES: Readonly<Record<RefusalReason, string>> = {
  read_only: 'its key or token may not write there: give it write access, or use one that has it',
  protected: 'a rule of the branch or repository is against it: let this key push there',
  archived: 'the repository is archived: make it active again, or move to another one',
  gone: 'there is no repository there that this key may see: check the address, and whether it was moved or made private',
  too_big: 'it is larger than the host takes: raise the limit there',
  blocked: 'the host has shut the account or the address out: settle that with the host',
  declined: 'a hook of the repository declines it: see what it says',
};
