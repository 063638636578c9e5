/** Tells screen readers what others show by a picture character; nothing to see. */
import type { Conference } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { strings } from '../strings/strings.ts';
import { displayNameOf } from './tile-model.ts';

export function Announcer({ conference }: { readonly conference: Conference }) {
  const [text, setText] = useState('');
  useEffect(
    () =>
      conference.reactions.on('reaction', (id, reaction) => {
        const participant = conference.participant(id);
        if (participant === undefined) return;
        const what = strings.call.reactions[reaction];
        setText(strings.call.announceReaction(displayNameOf(participant), what));
      }),
    [conference],
  );
  return (
    <p className="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}
