/** What is wrong with camera and microphone, said once where it is the same with both. */
import type { DeviceErrorReason, LocalKind } from '@conclave/sdk';
import { strings } from '../strings/strings.ts';

export interface DeviceProblem {
  readonly kinds: readonly LocalKind[];
  readonly text: string;
}

export function deviceProblems(
  audio: DeviceErrorReason | undefined,
  video: DeviceErrorReason | undefined,
): DeviceProblem[] {
  const texts = strings.devices;
  if (audio !== undefined && audio === video) {
    return [{ kinds: ['audio', 'video'], text: texts.both[audio] }];
  }
  return [
    ...(audio === undefined ? [] : [{ kinds: ['audio'] as const, text: texts.audio[audio] }]),
    ...(video === undefined ? [] : [{ kinds: ['video'] as const, text: texts.video[video] }]),
  ];
}
