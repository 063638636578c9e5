/**
 * Proves the instrument before it is used: pictures and tones are read back through real encoders,
 * and a mapping that is wrong is seen as wrong. Two peer connections in one page, no server.
 */
import { waitUntil } from '@conclave/testkit';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { StaticSite } from '@conclave/testkit/server';
import { afterAll, beforeAll, expect, test } from 'vitest';

let browser: ChromiumDriver;
let site: StaticSite;

beforeAll(async () => {
  site = await StaticSite.start({
    '/': { type: 'text/html', text: '<!doctype html><title>t</title>' },
  });
  browser = await ChromiumDriver.launch();
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test('number, moving counter and tone survive VP8 and Opus', async () => {
  const { page } = await browser.openParticipant({ number: 7 });
  await page.goto(site.url);
  await page.evaluate(async () => {
    const sender = new RTCPeerConnection();
    const receiver = new RTCPeerConnection();
    sender.onicecandidate = ({ candidate }) => candidate && receiver.addIceCandidate(candidate);
    receiver.onicecandidate = ({ candidate }) => candidate && sender.addIceCandidate(candidate);
    const received: MediaStreamTrack[] = [];
    receiver.ontrack = ({ track }) => received.push(track);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    for (const track of stream.getTracks()) sender.addTrack(track, stream);
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription!);
    await receiver.setLocalDescription();
    await sender.setRemoteDescription(receiver.localDescription!);
    Object.assign(window, { received });
  });
  const read = () =>
    page.evaluate(() => {
      const { received } = window as unknown as { received: MediaStreamTrack[] };
      const video = received.find((track) => track.kind === 'video')!;
      const audio = received.find((track) => track.kind === 'audio')!;
      const { signedMedia } = window;
      return {
        picture: signedMedia.readPictureTrack(video),
        tones: signedMedia.readToneTrack(audio),
      };
    });
  const first = await waitUntil('a signed picture and tone', async () => {
    const reading = await read();
    // Where a tone begins its neighbours sound too, for a moment.
    return reading.picture.number !== undefined && reading.tones.length === 1 && reading;
  });
  expect(first.picture.number).toBe(7);
  expect(first.tones).toEqual([7]);
  await waitUntil('the picture to move', async () => {
    const { picture } = await read();
    return picture.counter !== undefined && picture.counter !== first.picture.counter;
  });
});

test('an unsigned camera and a silent microphone read as nobody', async () => {
  const { page } = await browser.openParticipant({ number: 1 });
  await page.goto(site.url);
  await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d')?.fillRect(0, 0, 10, 10);
    const audio = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
    const video = canvas.captureStream(5).getVideoTracks()[0];
    Object.assign(window, { audio, video });
  });
  const reading = await waitUntil('the picture to be decoded', () =>
    page.evaluate(() => {
      const tracks = window as unknown as { audio: MediaStreamTrack; video: MediaStreamTrack };
      const picture = window.signedMedia.readPictureTrack(tracks.video);
      return (
        picture.width > 0 && { picture, tones: window.signedMedia.readToneTrack(tracks.audio) }
      );
    }),
  );
  expect(reading.picture.number).toBeUndefined();
  expect(reading.tones).toEqual([]);
});
