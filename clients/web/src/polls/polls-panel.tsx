/** Questions to everybody: asking, answering, and what came out. */
import type { Conference } from '@conclave/sdk';
import { useEffect, useRef, useState } from 'react';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { SidePanel } from '../app/side-panel.tsx';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import { PollCard } from './poll-card.tsx';
import { PollForm } from './poll-form.tsx';

interface PollsPanelProps {
  readonly conference: Conference;
  readonly onClose: () => void;
}

export function PollsPanel({ conference, onClose }: PollsPanelProps) {
  const { polls, metadata } = conference.features;
  const all = useStore(polls.all);
  const self = useStore(conference.self);
  const { pollCreationRestricted } = useStore(metadata.permissions);
  const permissions = useStore(conference.permissions);
  const [asking, setAsking] = useState(false);
  const content = useFirstFocus<HTMLDivElement>();
  const askButton = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  const texts = strings.polls;
  const isPermitted = permissions.get('create-polls') === true;
  const mayAsk = !self.isVisitor && (!pollCreationRestricted || isPermitted);
  useEffect(() => {
    // The form is gone: the focus goes where it came from.
    if (wasAsking.current && !asking) askButton.current?.focus();
    wasAsking.current = asking;
  }, [asking]);

  return (
    <SidePanel title={texts.title} closeLabel={texts.close} onClose={onClose}>
      <div className={panel.scroll} ref={content} tabIndex={-1}>
        {asking && (
          <PollForm
            onAsk={(question, answers) => {
              const isSent = polls.ask(question, answers);
              if (isSent) setAsking(false);
              return isSent;
            }}
            onCancel={() => setAsking(false)}
          />
        )}
        {all.length === 0 && !asking && <p className={panel.quiet}>{texts.empty}</p>}
        {all.toReversed().map((poll) => (
          <PollCard
            key={poll.id}
            poll={poll}
            ownVote={polls.ownVote(poll)}
            mayVote={!self.isVisitor}
            onVote={(chosen) => polls.vote(poll.id, chosen)}
          />
        ))}
      </div>
      {!asking && (
        <div className={panel.footer}>
          {mayAsk ? (
            <button
              type="button"
              ref={askButton}
              className={screen.secondary}
              onClick={() => setAsking(true)}
            >
              {texts.ask}
            </button>
          ) : (
            <p className={panel.quiet}>{self.isVisitor ? texts.visitor : texts.restricted}</p>
          )}
        </div>
      )}
    </SidePanel>
  );
}
