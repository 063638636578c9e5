/** The `conclave` command, callable from tests. */
export { type CommandContext, UsageError } from './command.ts';
export { runCli } from './run-cli.ts';
