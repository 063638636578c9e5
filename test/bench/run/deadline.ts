/** A benchmark never outlives its use: it ends, and takes its server with it, after a hard deadline. */

/** `pid` is the server's. The deadline is in seconds. */
export function endWithin(seconds: number, pid: number): void {
  process.once('exit', () => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended before us, as it should.
    }
  });
  const timer = setTimeout(() => {
    console.error(`the benchmark took longer than ${seconds} s`);
    process.exit(1);
  }, seconds * 1000);
  timer.unref();
}
