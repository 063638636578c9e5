import { describe, expect, test } from 'vitest';
import { remoteSourcesOf } from './remote-sources.ts';

describe('remoteSourcesOf', () => {
  test('joins the SSRCs of one name, with their groups', () => {
    expect(
      remoteSourcesOf([
        {
          owner: 'a',
          sources: [
            { type: 'video', ssrc: 1, name: 'a-v0' },
            { type: 'video', ssrc: 2, name: 'a-v0' },
            { type: 'video', ssrc: 3, name: 'a-v1', videoType: 'desktop' },
            { type: 'audio', ssrc: 4, name: 'a-a0' },
          ],
          groups: [
            { type: 'video', semantics: 'FID', ssrcs: [1, 2] },
            { type: 'video', semantics: 'FID', ssrcs: [3, 99] },
          ],
        },
      ]),
    ).toEqual([
      {
        owner: 'a',
        type: 'video',
        name: 'a-v0',
        videoType: 'camera',
        ssrcs: [1, 2],
        groups: [{ semantics: 'FID', ssrcs: [1, 2] }],
      },
      { owner: 'a', type: 'video', name: 'a-v1', videoType: 'desktop', ssrcs: [3], groups: [] },
      { owner: 'a', type: 'audio', name: 'a-a0', videoType: 'camera', ssrcs: [4], groups: [] },
    ]);
  });

  test('names what has no name after owner and stream', () => {
    const sources = remoteSourcesOf([
      {
        owner: 'a',
        sources: [
          { type: 'video', ssrc: 1, msid: 's1 t1' },
          { type: 'video', ssrc: 2, msid: 's1 t1' },
          { type: 'audio', ssrc: 3 },
        ],
        groups: [],
      },
    ]);
    expect(sources.map(({ name, ssrcs }) => [name, ssrcs])).toEqual([
      ['a-video-s1', [1, 2]],
      ['a-audio-3', [3]],
    ]);
  });

  test('one cannot add an SSRC to the source of another', () => {
    const sources = remoteSourcesOf([
      { owner: 'a', sources: [{ type: 'audio', ssrc: 1, name: 'a-a0' }], groups: [] },
      { owner: 'b', sources: [{ type: 'audio', ssrc: 2, name: 'a-a0' }], groups: [] },
    ]);
    expect(sources).toMatchObject([{ owner: 'a', ssrcs: [1] }]);
  });

  test('sources of nobody are left out', () => {
    const nobody = { owner: '', sources: [{ type: 'audio', ssrc: 1 } as const], groups: [] };
    expect(remoteSourcesOf([nobody])).toEqual([]);
  });
});
