/** Pictures on buttons. They mean nothing to a screen reader: the button has the name. */
import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

const SLASH = <path d="M4 4l16 16" />;

export function MicrophoneIcon({ off = false }: { readonly off?: boolean }) {
  return (
    <Icon>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5 11a7 7 0 0 0 14 0M12 18v3" />
      {off && SLASH}
    </Icon>
  );
}

export function CameraIcon({ off = false }: { readonly off?: boolean }) {
  return (
    <Icon>
      <rect x="3" y="7" width="12" height="10" rx="2" />
      <path d="M15 11l6-3v8l-6-3z" />
      {off && SLASH}
    </Icon>
  );
}

export function ChatIcon() {
  return (
    <Icon>
      <path d="M4 5h16v11H10l-4 4v-4H4z" />
    </Icon>
  );
}

export function HandIcon() {
  return (
    <Icon>
      <path d="M8 12V6.5a1.5 1.5 0 0 1 3 0V11V4.5a1.5 1.5 0 0 1 3 0V11V6.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6c-3 0-4.3-1.5-5.5-4L4 13.5a1.4 1.4 0 0 1 2.4-1.4L8 14" />
    </Icon>
  );
}

export function LeaveIcon() {
  return (
    <Icon>
      <path d="M3 14.5c0-1 .3-1.800 1-2.5 4.5-4 11.5-4 16 0 .7.7 1 1.5 1 2.5v1.3c0 .8-.7 1.3-1.5 1.100l-2.600-.6c-.6-.2-1-.7-1-1.3v-1.800c-2.600-.9-5.2-.9-7.800 0V15c0 .6-.4 1.100-1 1.3l-2.600.6c-.8.2-1.5-.3-1.5-1.100z" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="M6 6l12 12M18 6L6 18" />
    </Icon>
  );
}

export function SendIcon() {
  return (
    <Icon>
      <path d="M4 12l16-8-5 16-3-6.5z" />
    </Icon>
  );
}

export function PeopleIcon() {
  return (
    <Icon>
      <circle cx="9" cy="8" r="3.5" />
      <path d="M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.8 3.5 5.5" />
    </Icon>
  );
}

export function ScreenIcon({ off = false }: { readonly off?: boolean }) {
  return (
    <Icon>
      <rect x="3" y="4" width="18" height="13" rx="2" />
      <path d="M8 21h8" />
      {off ? <path d="M9 8l6 5M15 8l-6 5" /> : <path d="M12 14V8M9 10.5l3-3 3 3" />}
    </Icon>
  );
}

export function MoreIcon() {
  return (
    <Icon>
      <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3.5" />
    </Icon>
  );
}

export function ModeratorIcon() {
  return (
    <Icon>
      <path d="M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6z" />
    </Icon>
  );
}

export function PoorConnectionIcon() {
  return (
    <Icon>
      <path d="M5 19v-3M10 19v-6" />
      <path d="M15 19V9M20 19V5" opacity="0.35" />
    </Icon>
  );
}

export function SmileIcon() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="9" />
      <path d="M8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01" />
    </Icon>
  );
}

export function PinIcon() {
  return (
    <Icon>
      <path d="M9 4h6M10 4v6l-3 4h10l-3-4V4M12 14v6" />
    </Icon>
  );
}

/** One large and small ones beside it, or all alike. */
export function ViewIcon({ tiles }: { readonly tiles: boolean }) {
  return (
    <Icon>
      {tiles ? (
        <path d="M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z" />
      ) : (
        <path d="M3 5h12v14H3zM18 5h3v4h-3zM18 12h3v4h-3z" />
      )}
    </Icon>
  );
}
