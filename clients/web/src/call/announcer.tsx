/** Tells screen readers who comes and goes; nothing to see. */
import type { Conference } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { strings } from '../strings/en.ts';
import { displayNameOf } from './tile-model.ts';

export function Announcer({ conference }: { readonly conference: Conference }) {
  const [text, setText] = useState('');
  useEffect(() => {
    const stops = [
      conference.on('participantJoined', (participant) =>
        setText(strings.call.announceJoined(displayNameOf(participant))),
      ),
      conference.on('participantLeft', (participant) =>
        setText(strings.call.announceLeft(displayNameOf(participant))),
      ),
      conference.reactions.on('reaction', (id, reaction) => {
        const participant = conference.participant(id);
        if (participant === undefined) return;
        const what = strings.call.reactions[reaction];
        setText(strings.call.announceReaction(displayNameOf(participant), what));
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [conference]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}
