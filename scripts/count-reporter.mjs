// A vitest reporter that ends a run with one plain line that any tool can read: "N passed, N failed, N skipped".
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests += 1;
        counts[test.result().state] = (counts[test.result().state] ?? 0) + 1;
      }
      // A file that could not be loaded has no tests and still failed.
      if (tests === 0 && !module.ok()) counts.failed += 1;
    }
    counts.failed += unhandledErrors.length;
    process.on('exit', () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
