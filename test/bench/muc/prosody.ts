/** Prosody from Debian with the settings that Jitsi's packages give it, and nothing that it need not do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether Prosody is there; installs it when that is possible. */
export function ensureProsody(): boolean {
  const isThere = () => spawnSync('prosodyctl', ['about']).error === undefined;
  if (isThere()) return true;
  if (process.getuid?.() !== 0) return false;
  // Debian starts a service on installation; the benchmark starts its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { stdio: 'ignore', env } as const;
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'prosody'], options);
  return isThere();
}

export function prosodyVersion(): string {
  const { stdout } = spawnSync('prosodyctl', ['about'], { encoding: 'utf8' });
  return /Prosody (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}

/** The command that serves on `port`; it stays in the foreground. */
export function prosodyCommand(port: number): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-prosody-'));
  const file = join(folder, 'prosody.cfg.lua');
  writeFileSync(file, config(folder, port));
  return ['prosody', '-F', '--config', file];
}

function config(folder: string, port: number): string {
  return `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}"
storage = "memory"
network_backend = "epoll"
gc = { mode = "incremental"; threshold = 400; speed = 250; step_size = 13; }
log = { { levels = { min = "warn" }; to = "console" } }
modules_enabled = { "saslauth", "disco", "ping", "websocket" }
modules_disabled = { "s2s", "offline", "posix" }
c2s_ports = {}
s2s_ports = {}
https_ports = {}
http_ports = { ${port} }
http_interfaces = { "127.0.0.1" }
http_default_host = "meet.jitsi"
consider_websocket_secure = true
c2s_require_encryption = false
VirtualHost "meet.jitsi"
  authentication = "anonymous"
Component "muc.meet.jitsi" "muc"
  muc_room_locking = false
  muc_room_default_public_jids = true
  muc_room_default_history_length = 0
`;
}
