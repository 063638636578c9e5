/** Copies the address of the room, for the people one wants to meet. */
import { useEffect, useState } from 'react';
import { strings } from '../strings/strings.ts';

const SAID_MS = 3_000;

/** Without what stands in the address for us alone. */
export function roomLink(): string {
  return window.location.href.replace(/[?#].*$/, '');
}

export function CopyLinkButton({ className = '' }: { readonly className?: string | undefined }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), SAID_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard?.writeText(roomLink()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" className={className} onClick={copy}>
      <span aria-live="polite">{copied ? strings.call.linkCopied : strings.call.copyLink}</span>
    </button>
  );
}
