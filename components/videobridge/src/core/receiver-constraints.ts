/**
 * What one receiver asked for on the bridge channel, put together from all its messages. Absent
 * fields of a message leave the earlier value; before the first message nothing is wanted.
 *
 * COMPAT: clients of 2021 name endpoints where current ones name sources. Both kinds of names are
 * looked up; a source name and an endpoint id are never equal, so they share one set.
 */
import type { ClientMessage, VideoConstraints } from '@conclave/protocols/bridge-channel';
import { type Priorities, prioritiesOf } from './layer-selection.ts';

/** For sources without a constraint of their own, once the client spoke. */
const DEFAULT_MAX_HEIGHT = 180;
const NOBODY = prioritiesOf([]);

export class ReceiverConstraints {
  /** Whether the client has said anything about what it wants. */
  hasSpoken = false;
  /** -1 is unlimited. */
  lastN: number;
  /** Highest priority first. */
  selected: Priorities = NOBODY;
  onStage: Priorities = NOBODY;
  /** Bits per second, -1 for none. */
  assumedBandwidthBps = -1;
  #defaultMaxHeight = 0;
  #constraints: Readonly<Record<string, VideoConstraints>> = {};

  constructor(initialLastN: number) {
    this.lastN = initialLastN;
  }

  /** Takes over what the message says. Whether it was about constraints at all. */
  apply(message: ClientMessage): boolean {
    switch (message.colibriClass) {
      case 'ReceiverVideoConstraints': {
        this.#speak();
        this.lastN = message.lastN ?? this.lastN;
        const selected = join(message.selectedSources, message.selectedEndpoints);
        const onStage = join(message.onStageSources, message.onStageEndpoints);
        if (selected !== undefined) this.selected = prioritiesOf(selected);
        if (onStage !== undefined) this.onStage = prioritiesOf(onStage);
        this.#defaultMaxHeight = message.defaultConstraints?.maxHeight ?? this.#defaultMaxHeight;
        this.#constraints = message.constraints ?? this.#constraints;
        this.assumedBandwidthBps = message.assumedBandwidthBps ?? this.assumedBandwidthBps;
        return true;
      }
      case 'LastNChangedEvent':
        this.lastN = message.lastN;
        return true;
      case 'SelectedEndpointsChangedEvent':
        this.selected = prioritiesOf(message.selectedEndpoints);
        return true;
      case 'ReceiverVideoConstraint':
        this.#speak();
        this.#defaultMaxHeight = message.maxFrameHeight;
        return true;
      default:
        return false;
    }
  }

  /** Pixels; Infinity is unlimited, 0 is "never send". */
  maxHeight(sourceName: string, ownerId: string): number {
    const constraint =
      ownValue(this.#constraints, sourceName) ?? ownValue(this.#constraints, ownerId);
    const height = constraint?.maxHeight ?? this.#defaultMaxHeight;
    return height < 0 ? Number.POSITIVE_INFINITY : height;
  }

  #speak(): void {
    if (!this.hasSpoken) this.#defaultMaxHeight = DEFAULT_MAX_HEIGHT;
    this.hasSpoken = true;
  }
}

function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function join(
  sources: readonly string[] | undefined,
  endpoints: readonly string[] | undefined,
): readonly string[] | undefined {
  if (sources === undefined) return endpoints;
  return endpoints === undefined ? sources : [...sources, ...endpoints];
}
