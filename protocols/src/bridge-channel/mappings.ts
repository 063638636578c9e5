/** Readers of the entries of `AudioSourcesMap` and `VideoSourcesMap`. */
import { isJsonObject } from '@conclave/base';
import { readName } from './fields.ts';
import type { AudioSourceMapping, VideoSourceMapping } from './messages.ts';

export function readAudioMapping(value: unknown): AudioSourceMapping | undefined {
  if (!isJsonObject(value)) return undefined;
  const source = readName(value.source);
  const owner = readName(value.owner);
  const ssrc = readSsrc(value.ssrc);
  if (source === undefined || owner === undefined || ssrc === undefined) return undefined;
  const mid = readName(value.mid);
  return { source, owner, ssrc, ...(mid !== undefined && { mid }) };
}

export function readVideoMapping(value: unknown): VideoSourceMapping | undefined {
  const mapping = readAudioMapping(value);
  if (mapping === undefined || !isJsonObject(value)) return undefined;
  const rtx = readSsrc(value.rtx);
  if (rtx === undefined) return undefined;
  return { ...mapping, rtx, videoType: value.videoType === 'DESKTOP' ? 'DESKTOP' : 'CAMERA' };
}

function readSsrc(value: unknown): number | undefined {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= 0xffff_ffff
    ? Number(value)
    : undefined;
}
