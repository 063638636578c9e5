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
  #defaultMaxFrameRate: number | undefined;
  #hasFrameRates = false;
  #constraints: Readonly<Record<string, VideoConstraints>> = {};
  #constrained: readonly string[] = [];

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
        const { defaultConstraints } = message;
        this.#defaultMaxHeight = defaultConstraints?.maxHeight ?? this.#defaultMaxHeight;
        if (defaultConstraints !== undefined) {
          this.#defaultMaxFrameRate = defaultConstraints.maxFrameRate;
        }
        if (message.constraints !== undefined) {
          this.#constraints = message.constraints;
          this.#constrained = Object.keys(message.constraints);
        }
        this.#hasFrameRates = [
          this.#defaultMaxFrameRate,
          ...Object.values(this.#constraints).map(({ maxFrameRate }) => maxFrameRate),
        ].some((maxFrameRate) => maxFrameRate !== undefined && maxFrameRate >= 0);
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

  /** Names of sources and endpoints that have constraints of their own. */
  get constrained(): readonly string[] {
    return this.#constrained;
  }

  /** Others may be sent too. */
  get wantsAnybody(): boolean {
    return this.#defaultMaxHeight !== 0 && this.#defaultMaxFrameRate !== 0;
  }

  /** Pixels; Infinity is unlimited, 0 is "never send". */
  maxHeight(sourceName: string, ownerId: string): number {
    const height = this.#find(sourceName, ownerId)?.maxHeight ?? this.#defaultMaxHeight;
    if (this.maxFrameRate(sourceName, ownerId) === 0) return 0;
    return height < 0 ? Number.POSITIVE_INFINITY : height;
  }

  /** Pictures per second; Infinity is unlimited, 0 is "never send", which `maxHeight` says then too. */
  maxFrameRate(sourceName: string, ownerId: string): number {
    if (!this.#hasFrameRates) return Number.POSITIVE_INFINITY;
    const constraint = this.#find(sourceName, ownerId);
    const frameRate =
      constraint === undefined ? this.#defaultMaxFrameRate : constraint.maxFrameRate;
    return frameRate === undefined || frameRate < 0 ? Number.POSITIVE_INFINITY : frameRate;
  }

  /** Some frame rate is limited. */
  get hasFrameRates(): boolean {
    return this.#hasFrameRates;
  }

  #find(sourceName: string, ownerId: string): VideoConstraints | undefined {
    return ownValue(this.#constraints, sourceName) ?? ownValue(this.#constraints, ownerId);
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
