/**
 * The hooks as plugins see them: on all kinds of rooms that the plugin is for at once, and with a guard
 * around every handler, so that a plugin's mistake is the plugin's alone.
 */
import { type Hook, type JoinEvent, MucHooks, type RoomIqAnswer } from '@conclave/xmpp-server';
import type { PluginHooks } from './plugin-api.ts';

/** Told of each handler that threw. */
export type OnFailure = (hook: string, error: unknown) => void;

type AnyHook = Hook<unknown, unknown>;

/** A gate that broke must not let people pass. */
const REFUSAL = { type: 'refuse', error: { condition: 'internal-server-error' } } as const;
const IQ_REFUSAL: RoomIqAnswer = { condition: 'internal-server-error' };

export function guardHooks(targets: readonly MucHooks[], onFailure: OnFailure): PluginHooks {
  const guarded: Record<string, unknown> = {
    onRoomIq: (ns: string, handle: Parameters<MucHooks['onRoomIq']>[1]) => {
      const safe = guard('onRoomIq', handle, IQ_REFUSAL, onFailure);
      for (const hooks of targets) hooks.onRoomIq(ns, safe);
    },
  };
  for (const name of Object.keys(new MucHooks())) {
    const isGate = name === 'preJoin';
    guarded[name] = {
      add: (priority: number, handle: (event: unknown) => unknown) => {
        const guardedHandle = guard(name, handle, isGate ? REFUSAL : undefined, onFailure);
        // Gates are for people: a room without the focus would be there for nobody.
        const safe = isGate
          ? (event: unknown) => (isService(event as JoinEvent) ? undefined : guardedHandle(event))
          : guardedHandle;
        for (const hooks of targets) (Reflect.get(hooks, name) as AnyHook).add(priority, safe);
      },
    };
  }
  return guarded as PluginHooks;
}

function guard<Event, Answer>(
  name: string,
  handle: (event: Event) => Answer,
  instead: Answer,
  onFailure: OnFailure,
): (event: Event) => Answer {
  return (event) => {
    try {
      const answer = handle(event);
      if (!isPromise(answer)) return answer;
      answer.then(
        () => onFailure(name, new Error('handlers must be synchronous, this one is async')),
        (error: unknown) => onFailure(name, error),
      );
    } catch (error) {
      onFailure(name, error);
    }
    return instead;
  };
}

function isService({ attempt }: JoinEvent): boolean {
  return attempt.sender.isComponent;
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
