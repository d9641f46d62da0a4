/** Variables of ours that git needs: where programs, keys, proxies and certificates are. Nothing else is handed on. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SYSTEMROOT',
] as const;

/** The environment of a git process. */
export type GitEnvironment = Readonly<Record<string, string>>;

/**
 * The environment of every git process: English messages (they are classified), no prompts, and none of the machine's
 * git configuration, which could rewrite addresses, run hooks or sign with another key.
 *
 * @param settings - Git settings by key. They go before the repository's own, and stand neither in argv nor in a file.
 */
export function gitEnvironment(
  ambient: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, string>> = {},
): GitEnvironment {
  const environment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = ambient[name];
    if (value !== undefined) environment[name] = value;
  }
  const set = Object.entries(settings);
  return {
    ...environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...(set.length === 0 ? {} : { GIT_CONFIG_COUNT: String(set.length) }),
    ...Object.fromEntries(
      set.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

/**
 * The environment of git processes that read an untrusted repository: as {@link gitEnvironment}, without network, and with
 * the history that everyone has.
 */
export function readingEnvironment(ambient: NodeJS.ProcessEnv): GitEnvironment {
  return {
    ...gitEnvironment(ambient, {
      // A file next to the objects that holds commits' parents and trees; nothing checks it against the commits.
      'core.commitGraph': 'false',
      // A hint about GIT_GRAFT_FILE would come before what went wrong.
      'advice.graftFileDeprecated': 'false',
    }),
    GIT_OPTIONAL_LOCKS: '0',
    // A repository may name programs as transports, and lack an object that git would fetch by them.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    // Replacement refs and grafts would show another history than the one that everyone has.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
  };
}
