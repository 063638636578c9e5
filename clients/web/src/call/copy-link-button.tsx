/** Copies the address of the room, for the people one wants to meet. */
import { useEffect, useState } from 'react';
import { strings } from '../strings/strings.ts';

const SAID_MS = 3_000;

/** Without what stands in the address for us alone. */
export function roomLink(): string {
  return window.location.href.replace(/[?#].*$/, '');
}

export function CopyLinkButton({ className = '' }: { readonly className?: string | undefined }) {
  const [outcome, setOutcome] = useState<'copyLink' | 'linkCopied' | 'linkNotCopied'>('copyLink');
  useEffect(() => {
    if (outcome === 'copyLink') return;
    const timer = window.setTimeout(() => setOutcome('copyLink'), SAID_MS);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(roomLink());
      setOutcome('linkCopied');
    } catch {
      // Forbidden, or not there on a page without HTTPS.
      setOutcome('linkNotCopied');
    }
  };
  return (
    <button type="button" className={className} onClick={() => void copy()}>
      <span aria-live="polite">{strings.call[outcome]}</span>
    </button>
  );
}
