import { describe, expect, test, vi } from 'vitest';
import type { DeviceErrorReason } from './device-error.ts';
import { LocalMedia, type MediaDevicesLike } from './local-media.ts';

class FakeTrack {
  readonly kind: string;
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;

  constructor(kind: string) {
    this.kind = kind;
  }

  stop(): void {
    this.stopped = true;
  }
}

/** Devices that are there, or fail with the DOM's names for errors. */
function devices(failures: Partial<Record<'audio' | 'video', string>> = {}) {
  const opened: FakeTrack[] = [];
  const getUserMedia = vi.fn(async (constraints: MediaStreamConstraints = {}) => {
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
    for (const kind of kinds) {
      const name = failures[kind];
      if (name !== undefined) throw Object.assign(new Error(kind), { name });
    }
    const tracks = kinds.map((kind) => new FakeTrack(kind));
    opened.push(...tracks);
    return { getTracks: () => tracks } as unknown as MediaStream;
  });
  return { source: { getUserMedia } as MediaDevicesLike, getUserMedia, opened };
}

const on = { audioMuted: false, videoMuted: false };

describe('opening', () => {
  test('asks once for both', async () => {
    const { source, getUserMedia, opened } = devices();
    const media = new LocalMedia(source, on);
    await media.open();
    expect(getUserMedia).toHaveBeenCalledOnce();
    expect([media.audio.get().track, media.video.get().track]).toEqual(opened);
    await media.open();
    expect(getUserMedia).toHaveBeenCalledOnce();
  });

  test('asks for the devices that were chosen, also the next time', async () => {
    const { source, getUserMedia } = devices();
    const first = new LocalMedia(source, { ...on, choice: { video: 'front' } });
    await first.setMuted('audio', true);
    await first.chooseDevice('audio', 'headset');
    const { options } = first;
    expect(options).toEqual({
      audioMuted: true,
      videoMuted: false,
      choice: { video: 'front', audio: 'headset' },
      noiseSuppression: true,
    });
    const second = new LocalMedia(source, options);
    await second.setMuted('audio', false);
    await second.open();
    const asked = getUserMedia.mock.calls.map(([{ audio, video } = {}]) => [audio, video]);
    expect(asked).toMatchObject([
      [{ deviceId: { ideal: 'headset' } }, undefined],
      [undefined, { deviceId: { ideal: 'front' } }],
    ]);
  });

  test('does not ask for what is muted', async () => {
    const { source, getUserMedia } = devices();
    await new LocalMedia(source, { audioMuted: false, videoMuted: true }).open();
    expect(getUserMedia.mock.calls[0]?.[0]).not.toHaveProperty('video');
  });

  test('a missing camera does not cost the microphone', async () => {
    const media = new LocalMedia(devices({ video: 'NotFoundError' }).source, on);
    await media.open();
    expect(media.audio.get()).toMatchObject({ muted: false, error: undefined });
    expect(media.audio.get().track).toBeDefined();
    expect(media.video.get()).toEqual({
      muted: true,
      track: undefined,
      pending: false,
      error: 'missing',
    });
  });

  test.each<[string, DeviceErrorReason]>([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['TypeError', 'unknown'],
  ])('%s is %s', async (name, reason) => {
    const media = new LocalMedia(devices({ audio: name }).source, { ...on, videoMuted: true });
    await media.open();
    expect(media.audio.get().error).toBe(reason);
  });

  test('a page without HTTPS has no devices', async () => {
    const media = new LocalMedia(undefined, on);
    await media.open();
    expect([media.audio.get().error, media.video.get().error]).toEqual(['insecure', 'insecure']);
    await media.setMuted('audio', false);
    expect(media.audio.get()).toMatchObject({ muted: true, error: 'insecure' });
  });
});

describe('muting', () => {
  test('the microphone stays open and is silent', async () => {
    const { source, getUserMedia, opened } = devices();
    const media = new LocalMedia(source, on);
    await media.open();
    await media.setMuted('audio', true);
    expect(opened[0]).toMatchObject({ enabled: false, stopped: false });
    await media.setMuted('audio', false);
    expect(opened[0]?.enabled).toBe(true);
    expect(getUserMedia).toHaveBeenCalledOnce();
  });

  test('the camera closes, and opens again', async () => {
    const { source, opened } = devices();
    const media = new LocalMedia(source, on);
    await media.open();
    await media.setMuted('video', true);
    expect(opened[1]?.stopped).toBe(true);
    expect(media.video.get().track).toBeUndefined();
    await media.setMuted('video', false);
    expect(media.video.get().track).toBe(opened[2]);
  });

  test('while a device is still opening counts', async () => {
    const { source, opened } = devices();
    const media = new LocalMedia(source, on);
    const opening = media.open();
    await media.setMuted('video', true);
    await media.setMuted('audio', true);
    await opening;
    expect(opened[1]?.stopped).toBe(true);
    expect(media.video.get()).toMatchObject({ muted: true, track: undefined, pending: false });
    expect(opened[0]).toMatchObject({ enabled: false, stopped: false });
  });

  test('clears the last error when it works again', async () => {
    const failures: { audio?: string } = { audio: 'NotReadableError' };
    const media = new LocalMedia(devices(failures).source, { ...on, videoMuted: true });
    await media.open();
    expect(media.audio.get().error).toBe('busy');
    delete failures.audio;
    await media.setMuted('audio', false);
    expect(media.audio.get()).toMatchObject({ muted: false, error: undefined });
  });
});

describe('devices', () => {
  test('another one replaces the first', async () => {
    const { source, getUserMedia, opened } = devices();
    const media = new LocalMedia(source, { ...on, videoMuted: true });
    await media.open();
    await media.chooseDevice('audio', 'usb');
    expect(opened[0]?.stopped).toBe(true);
    expect(media.audio.get().track).toBe(opened[1]);
    expect(getUserMedia.mock.lastCall?.[0]).toMatchObject({
      audio: { deviceId: { ideal: 'usb' } },
    });
  });

  test('what is no voice is taken out until somebody wants to hear it, also at the next visit', async () => {
    const { source, getUserMedia, opened } = devices();
    const media = new LocalMedia(source, { ...on, videoMuted: true });
    await media.open();
    await media.setMuted('audio', true);
    await media.setNoiseSuppression(false);
    expect(opened.map(({ stopped, enabled }) => [stopped, enabled])).toEqual([
      [true, false],
      [false, false],
    ]);
    await new LocalMedia(source, media.options).setMuted('audio', false);
    const asked = getUserMedia.mock.calls.map(([{ audio } = {}]) => audio);
    const plain = { echoCancellation: true, noiseSuppression: false, autoGainControl: false };
    expect(asked).toMatchObject([{ noiseSuppression: true }, plain, plain]);
  });

  test('a camera that is pulled out leaves us muted, and says so until it is read', async () => {
    const { source, opened } = devices();
    const media = new LocalMedia(source, on);
    await media.open();
    opened[1]?.onended?.();
    expect(media.video.get()).toMatchObject({ muted: true, error: 'lost' });
    media.forgetError('video');
    expect(media.video.get()).toMatchObject({ muted: true, error: undefined });
  });

  test('another microphone takes over when one is pulled out, as muted as it was', async () => {
    const { source, opened } = devices();
    const media = new LocalMedia(source, on);
    await media.open();
    await media.setMuted('audio', true);
    opened[0]?.onended?.();
    await vi.waitFor(() => expect(media.audio.get().track).toBe(opened[2]));
    expect(media.audio.get()).toMatchObject({ muted: true, error: undefined });
    expect(opened[2]?.enabled).toBe(false);
  });

  test('without another microphone its loss is told', async () => {
    const failures: Partial<Record<'audio' | 'video', string>> = {};
    const { source, opened } = devices(failures);
    const media = new LocalMedia(source, on);
    await media.open();
    failures.audio = 'NotFoundError';
    opened[0]?.onended?.();
    await vi.waitFor(() => expect(media.audio.get().error).toBe('lost'));
    expect(media.audio.get()).toMatchObject({ muted: true, track: undefined });
  });

  test('are all closed at the end, also those that come late', async () => {
    const { source, opened } = devices();
    const media = new LocalMedia(source, on);
    const opening = media.open();
    media.close();
    await opening;
    media.close();
    expect(opened.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(media.audio.get().track).toBeUndefined();
  });
});
